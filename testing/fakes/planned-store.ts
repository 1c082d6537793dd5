import type { PackedSpans, SpanBatches } from '@wheelhouse/core/ports';
import { type Span, WheelhouseError } from '@wheelhouse/core/records';

export const storeAway = () => new WheelhouseError('store_unavailable', 'The store is away.');

export type PlainBatch = PackedSpans & { spans: Span[] };

/**
 * A store of spans that writes when it is told to, and as its plan says: `ok`, `lost` (written, but nobody heard of it),
 * `dead` (written, and the writer never hears anything again), or what it throws. A token that comes again writes nothing.
 */
export function plannedStore(plan: (spans: Span[], attempt: number) => unknown = () => 'ok') {
  const attempts: { spans: Span[]; token: string }[] = [];
  const stored = new Map<string, Span[]>();
  const gates: (() => void)[] = [];
  let held = false;
  async function write(spans: Span[], token: string): Promise<void> {
    attempts.push({ spans, token });
    const outcome = plan(spans, attempts.length);
    if (held) await new Promise<void>((resolve) => gates.push(resolve));
    if (typeof outcome !== 'string') throw outcome;
    if (!stored.has(token)) stored.set(token, spans);
    if (outcome === 'lost') throw storeAway();
    if (outcome === 'dead') await new Promise(() => {});
  }
  /** Spans as they are: packing is the real store's. */
  const batches: SpanBatches<PlainBatch> = {
    async pack(given) {
      const spans = [...given];
      const bad = spans.find(({ name }) => name === 'unpackable');
      if (bad) throw new Error('cannot be packed');
      return { count: spans.length, bytes: spans.reduce((sum, { name }) => sum + 1_000 + name.length, 0), spans };
    },
    appendPacked: (packed, token) =>
      write(
        packed.flatMap(({ spans }) => spans),
        token,
      ),
  };
  return {
    write,
    batches,
    attempts,
    spans: () => [...stored.values()].flat(),
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const open of gates.splice(0)) open();
    },
  };
}
