import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { spanIdOfClient, traceIdOfClient } from '@wheelhouse/core/records';
import { importRows } from '@wheelhouse/sdk';
import { createProgress } from '../output/progress.ts';
import type { CarryDeps } from './carried.ts';
import { type Problem, textOf } from './draft.ts';
import type { PlacedRow, Plan } from './make-plan.ts';

const pieceCharacters = 256 * 1024;
const pollMs = 300;

function lineOf({ row, source }: PlacedRow): string {
  const { input, expected, metadata, tags, split, weight } = row;
  const span =
    source === null
      ? {}
      : { source: { traceId: traceIdOfClient(textOf(source.traceId)), spanId: spanIdOfClient(textOf(source.spanId)) } };
  return `${JSON.stringify({ input, expected, metadata, tags, split, weight, ...span })}\n`;
}

async function* bytesOf(rows: AsyncIterable<PlacedRow>): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const row of rows) {
    text += lineOf(row);
    if (text.length < pieceCharacters) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** Where rows that the server refused stand in the export. */
async function placed(
  plan: Plan,
  dataset: string,
  refused: readonly { at: number; error: string }[],
): Promise<Problem[]> {
  const errors = new Map(refused.map(({ at, error }) => [at, error]));
  const problems: Problem[] = [];
  let line = 0;
  if (errors.size === 0) return problems;
  for await (const { file, at } of plan.readRows(dataset)) {
    const error = errors.get(++line);
    if (error !== undefined) problems.push({ file, at, error });
    if (problems.length === errors.size) break;
  }
  return problems;
}

export type SentRows = { added: number; skipped: number; refused: number; problems: Problem[] };

/** Rows that the draft has are not added again; a job of the server reads them, and outlives this. */
export async function sendRows(
  plan: Plan,
  dataset: string,
  { client, config, terminal }: CarryDeps,
): Promise<SentRows> {
  const { url, adminKey, project } = config;
  const file = Readable.toWeb(Readable.from(bytesOf(plan.readRows(dataset)))) as NonNullable<RequestInit['body']>;
  const connection = { baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) };
  let job = await importRows({ ...connection, dataset, file, query: { format: 'jsonl', unique: true } });
  const params = { name: dataset, jobId: job.id };
  const total = plan.rows.get(dataset) ?? 0;
  const progress = createProgress(terminal, () => performance.now());
  while (job.status === 'queued' || job.status === 'running') {
    progress.update(job.read, Math.max(total, job.read), `rows of ${dataset}`);
    await pause(pollMs);
    job = await client.call('getDatasetJob', { params });
  }
  progress.end();
  if (job.status !== 'completed') throw new Error(`The rows of ${dataset} were not read: ${job.error ?? job.status}.`);
  const { added, skipped, refused } = job;
  return { added, skipped, refused, problems: await placed(plan, dataset, job.problems) };
}
