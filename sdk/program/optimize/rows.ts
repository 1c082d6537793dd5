import { type SplitRows, splitRows } from '@wheelhouse/core/optimize';
import type { Signature } from '@wheelhouse/core/program';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Client } from '../../client/index.ts';
import type { Row as DataRow } from '../../eval/index.ts';
import type { OptimizationData } from './definition.ts';

/** Reads a file of rows, where there are files. */
export type ReadRows = (file: string) => Promise<readonly DataRow[]>;
type Read = { rows: DataRow[]; madeFrom: string[] };

const rowsAtOnce = 500;

/** The newest version, after what has changed since is frozen. */
async function newestVersion(client: Client, name: string): Promise<number> {
  const params = { name };
  const { dataset } = await client.call('getDataset', { params });
  return dataset.changed || dataset.head === 0 ? (await client.call('freezeDataset', { params })).number : dataset.head;
}

async function readDataset(
  client: Client,
  source: Exclude<OptimizationData, string | { rows: unknown } | { file: string }>,
) {
  const { dataset: name, split, tag } = source;
  const version = source.version ?? (await newestVersion(client, name));
  const rows: DataRow[] = [];
  let cursor: string | null = null;
  do {
    const query = { version: String(version), split, tag, limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: { data: (DataRow & { erasedAt: string | null; split: string | null })[]; next: string | null } =
      (await client.call('listExamples', { params: { name }, query })) as never;
    for (const { erasedAt, split: own, ...row } of page.data)
      if (erasedAt === null) rows.push({ ...row, ...(own === null ? {} : { split: own }) });
    cursor = page.next;
  } while (cursor !== null);
  return { rows, madeFrom: [`dataset:${name}@${version}`] };
}

async function readData(data: OptimizationData, client: Client, readFile: ReadRows | undefined): Promise<Read> {
  if (typeof data === 'string') return readDataset(client, { dataset: data });
  if ('dataset' in data && !('rows' in data)) return readDataset(client, data);
  if ('rows' in data)
    return { rows: [...(typeof data.rows === 'function' ? await data.rows() : data.rows)], madeFrom: [] };
  if ('file' in data && readFile) return { rows: [...(await readFile(data.file))], madeFrom: [] };
  throw new WheelhouseError('invalid_request', 'There are no files to read here.', {
    param: 'data',
    hint: 'Give the rows themselves, or a dataset.',
  });
}

/**
 * The rows of an optimization by what they are for, and what they came from.
 * @throws WheelhouseError `invalid_request`, and WheelhouseApiError
 */
export async function rowsOf(
  { data, heldOut }: { data: OptimizationData; heldOut?: OptimizationData | undefined },
  { signature, client, readFile }: { signature: Signature | null; client: Client; readFile: ReadRows | undefined },
): Promise<SplitRows & { madeFrom: string[] }> {
  const read = await readData(data, client, readFile);
  const apart = heldOut === undefined ? null : await readData(heldOut, client, readFile);
  return {
    ...splitRows(read.rows, { signature, heldOut: apart?.rows }),
    madeFrom: [...new Set([...read.madeFrom, ...(apart?.madeFrom ?? [])])],
  };
}
