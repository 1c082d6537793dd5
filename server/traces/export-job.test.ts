import { querySchemas } from '@wheelhouse/core/contract';
import type { BlobStore, JobHandler, JobQueue } from '@wheelhouse/core/ports';
import { defaultProjectId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { freshTraceId } from '../../testing/conformance/sample-spans.ts';
import { fakeAuditStore, fakeExportStore, fakeScoreStore, fakeTraceQueries } from '../../testing/fakes/index.ts';
import { createExportHandlers, createStoredExports, startExportWorker } from './export-job.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const asking = (params: object, body?: object) => ({ by, params, query: { limit: 50 }, body }) as never;

function fakeBlobs() {
  const kept = new Map<string, Buffer>();
  const store: BlobStore = {
    async put(name, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const all = Buffer.concat(chunks);
      kept.set(name, all);
      return { bytes: all.length, sha256: '' };
    },
    get: async (name) => {
      const found = kept.get(name);
      return found
        ? (async function* () {
            yield found;
          })()
        : null;
    },
    remove: async (name) => void kept.delete(name),
    removeAll: async () => kept.clear(),
  };
  return { kept, store };
}

async function setUp(traces: number, cut: () => boolean = () => false) {
  const queries = fakeTraceQueries();
  const [sample] = fc.sample(searchedTrace, { numRuns: 1, seed: 1 });
  const ids = Array.from({ length: traces }, freshTraceId);
  if (sample)
    await queries.put(
      project,
      ids.map((traceId, i) => ({ ...sample, runId: null, traceId, startNs: sampleNowNs - BigInt(i + 1) })),
    );
  const blobs = fakeBlobs();
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    work: async (_, given) => {
      handler = given;
    },
  };
  const store = fakeExportStore(fakeAuditStore());
  const maybeCut = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    if (cut()) throw new Error('cut off');
    return result;
  };
  const deps = {
    ...{ queries, scores: fakeScoreStore(), spans: { async *ofTraces() {} }, jobs, partTraces: 200 },
    store: { ...store, advance: (...given: Parameters<typeof store.advance>) => maybeCut(store.advance(...given)) },
    blobs: { ...blobs.store, put: (...given: Parameters<BlobStore['put']>) => maybeCut(blobs.store.put(...given)) },
    clock: { now: () => sampleNowNs },
    random: { bytes: (size: number) => crypto.getRandomValues(new Uint8Array(size)) },
    log: { error: () => {} },
  };
  await startExportWorker(deps);
  const handlers = createExportHandlers(deps);
  const stored = createStoredExports(deps);
  return {
    ids,
    blobs: blobs.kept,
    handlers,
    start: (q = '') => handlers.createExport(asking({}, { q })),
    get: (exportId: string) => handlers.getExport(asking({ exportId })),
    /** Ids of the traces in the file, line by line. */
    async read(id: string): Promise<string[]> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await stored(project, id)).pieces) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
      return lines.map((line) => (JSON.parse(line) as { trace: { traceId: string } }).trace.traceId);
    },
    /** Runs what waits; a job that rejects stays, as a durable queue keeps it. */
    async run() {
      while (waiting.length > 0) {
        await handler(waiting[0] ?? {}, new AbortController().signal);
        waiting.shift();
      }
    },
  };
}

describe('an export to the server', () => {
  it('holds every trace that fitted, once, in order, in parts', async () => {
    const world = await setUp(450);
    const started = await world.start();
    expect(querySchemas.traceExport.parse(started)).toEqual(started);
    expect(started).toMatchObject({ status: 'queued', total: 450, traces: 0 });
    await expect(world.read(started.id)).rejects.toMatchObject({ code: 'conflict' });
    await world.run();
    const bytes = [...world.blobs.values()].reduce((sum, part) => sum + part.length, 0);
    expect(await world.get(started.id)).toMatchObject({ status: 'completed', traces: 450, bytes });
    expect(world.blobs.size).toBe(3);
    expect(await world.read(started.id)).toEqual(world.ids);
  });

  it('is whole however often it is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), async (cuts) => {
        let calls = 0;
        const world = await setUp(450, () => cuts[calls++] ?? false);
        const { id } = await world.start();
        for (let tries = 0; tries <= cuts.length; tries++) await world.run().catch(() => {});
        expect(await world.get(id)).toMatchObject({ status: 'completed', traces: 450 });
        expect(await world.read(id)).toEqual(world.ids);
      }),
      { numRuns: 30 },
    );
  });

  it('holds nothing when nothing fits, and refuses a filter that is none', async () => {
    const world = await setUp(3);
    const { id } = await world.start('user:nobody-at-all');
    await world.run();
    expect(await world.get(id)).toMatchObject({ status: 'completed', total: 0, traces: 0, bytes: 0 });
    expect(await world.read(id)).toEqual([]);
    await expect(world.start('stauts:error')).rejects.toMatchObject({ code: 'filter_invalid' });
  });

  it('is listed, stopped and removed with its file', async () => {
    const world = await setUp(250);
    const [first, second] = [await world.start(), await world.start()];
    await world.handlers.cancelExport(asking({ exportId: second.id }));
    await world.run();
    const { data } = await world.handlers.listExports(asking({}));
    expect(data.map(({ id, status }) => [id, status]).sort()).toEqual(
      [
        [first.id, 'completed'],
        [second.id, 'cancelled'],
      ].sort(),
    );
    expect(world.blobs.size).toBe(2);
    for (const { id } of data)
      expect(await world.handlers.removeExport(asking({ exportId: id }))).toEqual({ removed: true });
    expect(world.blobs.size).toBe(0);
    await expect(world.get(first.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(world.handlers.removeExport(asking({ exportId: first.id }))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
