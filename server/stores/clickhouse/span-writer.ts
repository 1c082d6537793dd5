import type { Breathe, SpanStore } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { openDatabase } from './database.ts';
import { createPayloadStore } from './payload-store.ts';
import { createAppend, createSpanBatches } from './span-batches.ts';
import type { Summaries } from './summaries.ts';

export type SpanWriter = Pick<SpanStore, 'append'> & {
  /** These pieces are written again when they come again; resolves when that is so. */
  forget(project: ProjectId, hashes: readonly string[]): Promise<void> | void;
  close(): Promise<void>;
};

/**
 * Writes spans where another process keeps the summaries: that hears of each write before it begins.
 * @param options.follow as of {@link Summaries}
 */
export function openSpanWriter(options: { url: string; follow: Summaries['follow']; breathe: Breathe }): SpanWriter {
  const { follow, breathe } = options;
  const database = openDatabase(options.url, breathe);
  const payloads = createPayloadStore(database);
  const append = createAppend(createSpanBatches({ database, payloads, summaries: { follow }, breathe }));
  return { append, forget: payloads.forget, close: () => database.close() };
}
