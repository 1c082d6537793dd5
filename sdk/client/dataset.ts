import type { ExampleBody, RequestBody, ResponseBody } from '@wheelhouse/core/contract';
import type { Client } from './client.ts';

export type NewExample = RequestBody<'addExamples'>['examples'][number];

export type Dataset = {
  /**
   * Adds rows to the draft, however many: `{input, expected, metadata, tags, split, weight}`, or `{from: {traceId, spanId}}`.
   * Rows that do not fit the schema of the dataset are told, by their number from 1; the others are added.
   */
  add(...rows: NewExample[]): Promise<{ ids: string[]; refused: { at: number; error: string }[] }>;
  /** Makes the draft the next version. */
  freeze(): Promise<ResponseBody<'freezeDataset'>>;
  /** All rows in order, of a version by number or name, or of the draft. */
  rows(filter?: { version?: number | string; split?: string; tag?: string }): AsyncGenerator<ExampleBody>;
};

const addedAtOnce = 1_000;
const readAtOnce = 500;

const isMismatch = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && error.code === 'schema_mismatch';

/** A dataset of the server, by name, for code. */
export function openDataset(client: Client, name: string): Dataset {
  const params = { name };
  return {
    async add(...rows) {
      const added: Awaited<ReturnType<Dataset['add']>> = { ids: [], refused: [] };
      for (let from = 0; from < rows.length; from += addedAtOnce) {
        const examples = rows.slice(from, from + addedAtOnce);
        try {
          const { ids, refused } = await client.call('addExamples', { params, body: { examples } });
          added.ids.push(...ids);
          for (const { at, error } of refused) added.refused.push({ at: from + at, error });
        } catch (error) {
          // A request of one row that does not fit is refused.
          if (!isMismatch(error)) throw error;
          added.refused.push({ at: from + 1, error: error.message });
        }
      }
      return added;
    },
    freeze: () => client.call('freezeDataset', { params }),
    async *rows(filter = {}) {
      for (let cursor: string | undefined; ; ) {
        const page = await client.call('listExamples', { params, query: { ...filter, cursor, limit: readAtOnce } });
        yield* page.data;
        if (page.next === null) return;
        cursor = page.next;
      }
    },
  };
}
