import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from './measure.ts';
import { cpuMs, memoryOf } from './processes.ts';
import type { Report } from './report.ts';
import { type House, makeFolder, startHouse } from './wheelhouse.ts';

type Job = { status: string; read: number; added: number; refused: number; error: string | null };
type Step = { name: string; seconds: number; rowsPerSecond: number };

const rowsOfPiece = 2_000;
const watchMs = 500;
const mostGrownMb = 300;

/** Rows of a support desk, each with its own words, as JSON Lines. */
async function* lines(rows: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < rows; from += rowsOfPiece) {
    const piece: string[] = [];
    for (let n = from; n < Math.min(from + rowsOfPiece, rows); n++)
      piece.push(
        JSON.stringify({
          question: `Where is my order A-${n}? I have been waiting for it since week ${n % 52}, and nobody answers.`,
          answer: `Order A-${n} left our warehouse and arrives within ${(n % 6) + 1} days.`,
          topic: ['delivery', 'returns', 'billing'][n % 3],
          customer: `c${n % 50_000}`,
        }),
      );
    yield encoder.encode(`${piece.join('\n')}\n`);
  }
}

/** The most memory that the processes of the server hold together while something is done, read twice a second. */
async function watching<T>(house: House, work: Promise<T>): Promise<{ value: T; serverMb: number; storesMb: number }> {
  const most = { serverMb: 0, storesMb: 0 };
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    most.serverMb = Math.max(most.serverMb, memoryOf(house.pid).rssMb);
    most.storesMb = Math.max(most.storesMb, memoryOf(house.childPid).rssMb);
    await Promise.race([done.catch(() => {}), sleep(watchMs)]);
  }
  return { value: await done, ...most };
}

async function ask<T>(house: House, path: string, init: RequestInit = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${house.url}/api/v1/datasets${path}`, { headers, ...init });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function untilDone(house: House, id: string): Promise<Job> {
  for (;;) {
    const job = await ask<Job>(house, `/bench/jobs/${id}`);
    if (job.status === 'completed') return job;
    if (job.status !== 'queued' && job.status !== 'running') throw new Error(`The job ${job.status}: ${job.error}`);
    await sleep(watchMs);
  }
}

async function exported(house: House, format: string): Promise<number> {
  const response = await fetch(`${house.url}/api/v1/datasets/bench/export?format=${format}&version=1`);
  let bytes = 0;
  for await (const piece of response.body ?? []) bytes += piece.length;
  return bytes;
}

/** A file of many rows: imported, split, frozen, and read back whole. */
export async function measureDatasets({ rows }: { rows: number }): Promise<Report> {
  const folder = await makeFolder();
  const house = await startHouse({ folder: folder.path });
  try {
    const idle = { server: memoryOf(house.pid).rssMb, stores: memoryOf(house.childPid).rssMb };
    await ask(house, '', { method: 'POST', body: JSON.stringify({ name: 'bench' }) });
    const steps: Step[] = [];
    const most = { server: 0, stores: 0 };
    const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const startedAt = performance.now();
      const { value, serverMb, storesMb } = await watching(house, work());
      const seconds = (performance.now() - startedAt) / 1000;
      steps.push({ name, seconds, rowsPerSecond: rows / seconds });
      most.server = Math.max(most.server, serverMb);
      most.stores = Math.max(most.stores, storesMb);
      process.stdout.write(`  ${name}: ${figure(seconds)} s\n`);
      return value;
    };
    const fields = 'input=question&expected=answer&metadata=*';
    const { id } = await step('upload', () =>
      ask<{ id: string }>(house, `/bench/import?format=jsonl&${fields}`, {
        ...{ method: 'POST', body: Readable.from(lines(rows)), duplex: 'half' },
      } as unknown as RequestInit),
    );
    const job = await step('import', () => untilDone(house, id));
    if (job.added !== rows) throw new Error(`${job.added} rows came of ${rows}.`);
    const parts = { parts: { train: 80, test: 20 }, by: 'metadata.customer' };
    const split = await ask<{ id: string }>(house, '/bench/splits', { method: 'POST', body: JSON.stringify(parts) });
    await step('split', () => untilDone(house, split.id));
    const version = await step('freeze', () => ask<{ count: number }>(house, '/bench/versions', { method: 'POST' }));
    if (version.count !== rows) throw new Error(`${version.count} rows were frozen of ${rows}.`);
    const bytes = await step('export', () => exported(house, 'jsonl'));
    const grown = most.server - idle.server;
    return {
      name: 'datasets',
      title: 'Datasets',
      method: [
        `A file of ${rows.toLocaleString('en-US')} rows as JSON Lines is uploaded as a stream, read into the draft by a job, split by a field, frozen, and given out again as JSON Lines of ${figure(bytes / 1e6)} MB.`,
        `Memory is the most that a process held at any of the steps (RSS, read twice a second); ${figure(cpuMs(house.pid) / 1000)} s of CPU went into the server.`,
      ],
      tables: [
        {
          title: 'Steps',
          columns: ['', 'seconds', 'rows/s'],
          rows: steps.map(({ name, seconds, rowsPerSecond }) => [name, figure(seconds), figure(rowsPerSecond)]),
        },
        {
          title: 'MB',
          columns: ['', 'before', 'most'],
          rows: [
            ['server', figure(idle.server), figure(most.server)],
            ['databases', figure(idle.stores), figure(most.stores)],
          ],
        },
      ],
      goals: [
        {
          goal: `memory of the server grows by no more than ${mostGrownMb} MB`,
          measured: `${figure(grown)} MB`,
          met: grown <= mostGrownMb,
        },
      ],
      figures: { rows, steps, idle, most, bytes },
    };
  } finally {
    await house.stop();
    await folder.remove();
  }
}
