import type { ResponseBody } from '@wheelhouse/core/contract';
import { canonicalJson, type Json } from '@wheelhouse/core/records';
import { type Client, WheelhouseApiError } from '../client/index.ts';
import type { Row } from './definition.ts';

const rowsAtOnce = 500;

type Kept = { id: string; tags: string[]; split: string | null };

/** What a row says, without its labels. */
const contentOf = ({ input, expected = null, metadata = {} }: Pick<Row, 'input' | 'expected' | 'metadata'>): string =>
  canonicalJson({ input, expected, metadata } as Json);
const sameTags = (a: string[], b: string[]) => canonicalJson(a.toSorted()) === canonicalJson(b.toSorted());

/** Rows of the draft by what they say; one that was erased says nothing. */
async function readDraft(client: Client, name: string): Promise<Map<string, Kept[]>> {
  const found = new Map<string, Kept[]>();
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: ResponseBody<'listExamples'> = await client.call('listExamples', { params: { name }, query });
    for (const { id, erasedAt, tags, split, ...content } of page.data) {
      const key = erasedAt === null ? contentOf(content as Row) : '';
      found.set(key, [...(found.get(key) ?? []), { id, tags, split }]);
    }
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

/** Takes the row out of those that were kept; labels that it does not name may be any. */
function take(kept: Kept[], { tags, split }: Row): boolean {
  const fits = (one: Kept) => (split === undefined || one.split === split) && (!tags || sameTags(one.tags, tags));
  const at = kept.findIndex(fits);
  if (at !== -1) kept.splice(at, 1);
  return at !== -1;
}

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += rowsAtOnce) yield all.slice(at, at + rowsAtOnce);
}

/** Refused by the schema of the dataset; what did fit is in its draft. */
function refusedRows(name: string, refused: { at: number; error: string }[]): Error {
  const [first] = refused;
  const rest = refused.length === 1 ? '' : `, and ${refused.length - 1} more`;
  const said = `Row ${first?.at ?? 0} does not fit the schema of dataset \`${name}\`: ${first?.error}${rest}.`;
  return new WheelhouseApiError(400, 'invalid_request', said, 'Correct the rows, or the schema of the dataset.');
}

/**
 * Makes these rows, and no others, the newest version of the dataset, which is made when there is none; rows that it has
 * stay the examples that they are, so that evaluations of them can be compared.
 * @returns the version
 */
export async function keepRows(client: Client, name: string, rows: readonly Row[]): Promise<number> {
  await client.call('createDataset', { body: { name } }).catch((error: unknown) => {
    if (!(error instanceof WheelhouseApiError && error.status === 409)) throw error;
  });
  const params = { name };
  const draft = await readDraft(client, name);
  const missing = rows.filter((row) => !take(draft.get(contentOf(row)) ?? [], row));
  const superfluous = [...draft.values()].flat().map(({ id }) => id);
  for (const ids of batches(superfluous)) await client.call('removeExamples', { params, body: { ids } });
  for (const some of batches(missing)) {
    const examples = some.map(({ metadata = {}, ...row }) => ({ ...row, metadata }));
    const { refused } = await client.call('addExamples', { params, body: { examples } });
    if (refused.length > 0) throw refusedRows(name, refused);
  }
  const { number } = await client.call('freezeDataset', { params });
  return number;
}
