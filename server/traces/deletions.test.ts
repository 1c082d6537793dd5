import { querySchemas } from '@wheelhouse/core/contract';
import type { TraceEraser } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type DatasetId,
  type DeletionSubject,
  defaultProjectId,
  type ExampleId,
  type LiveEvent,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import {
  fakeAuditStore,
  fakeDatasetStore,
  fakeDeletionStore,
  fakeExampleStore,
  fakeJobStore,
} from '../../testing/fakes/index.ts';
import { openJobs } from '../jobs/index.ts';
import { createDeletionHandlers, startDeletionWorker } from './deletions.ts';

const by: Actor = { project: defaultProjectId, actor: 'ann' };
const asking = (params: object, query: object = { limit: 50 }) => ({ by, params, query, body: undefined }) as never;
const posting = (body: object) => ({ by, params: {}, query: undefined, body }) as never;

async function setUp(erase: TraceEraser['erase'], datasets = fakeDatasetStore(), examples = fakeExampleStore()) {
  const deletions = fakeDeletionStore(fakeAuditStore());
  const jobs = openJobs({ store: fakeJobStore(), exclusive: true, pollMs: 5 });
  const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
  const handlers = createDeletionHandlers({
    deletions,
    jobs,
    clock: { now: () => 1_800_000_000_000_000_000n },
    random,
  });
  const swept: number[] = [];
  const left: TraceId[] = [];
  const silent: TraceId[] = [];
  const told: LiveEvent[] = [];
  const feed = { publish: (event: LiveEvent) => void told.push(event) };
  const sweep = async () => swept.push(1);
  const attachments = { erase: async (_: unknown, traces: readonly TraceId[]) => void left.push(...traces) };
  const comments = { eraseOn: async (_: unknown, traces: readonly TraceId[]) => void silent.push(...traces) };
  const eraser = { erase, sweep };
  await startDeletionWorker({ deletions, jobs, eraser, datasets, examples, attachments, comments, feed });
  const ended = (deletionId: string) =>
    expect
      .poll(async () => (await handlers.getDeletion(asking({ deletionId }))).status, { timeout: 20_000 })
      .not.toBe('queued');
  return { handlers, jobs, ended, swept, left, silent, told };
}

describe('deletions', () => {
  it('are done as jobs and say how much was removed', async () => {
    const erased: DeletionSubject[] = [];
    const { handlers, jobs, ended, swept } = await setUp(async (_, subject) => {
      erased.push(subject);
      return 4;
    });
    const trace = await handlers.deleteTrace(asking({ traceId: 'A'.repeat(32) }));
    expect(querySchemas.deletion.parse(trace)).toEqual(trace);
    expect(trace).toMatchObject({ status: 'queued', requestedBy: 'ann', subject: { id: 'a'.repeat(32) } });
    const user = await handlers.createDeletion(posting({ user: '42' }));
    const session = await handlers.createDeletion(posting({ session: 's' }));
    for (const { id } of [trace, user, session]) await ended(id);
    expect(erased).toEqual([trace.subject, user.subject, session.subject]);
    expect(await handlers.getDeletion(asking({ deletionId: user.id }))).toMatchObject({
      status: 'completed',
      traces: 4,
    });
    expect(swept).toHaveLength(3);
    const page = await handlers.listDeletions(asking({}, { limit: 2 }));
    expect(page.data.map(({ id }) => id)).toEqual([session.id, user.id]);
    const rest = await handlers.listDeletions(asking({}, { limit: 2, cursor: page.next }));
    expect(rest).toMatchObject({ next: null, data: [{ id: trace.id }] });
    await jobs.stop();
  });

  it('are tried again, and say why when they are given up', async () => {
    let tries = 0;
    const { handlers, jobs, ended } = await setUp(async (_, { id }) => {
      tries += 1;
      if (id === 'once' && tries > 1) return 1;
      throw new Error('the disk is full');
    });
    const once = await handlers.createDeletion(posting({ user: 'once' }));
    await ended(once.id);
    expect(await handlers.getDeletion(asking({ deletionId: once.id }))).toMatchObject({ status: 'completed' });
    const never = await handlers.createDeletion(posting({ user: 'never' }));
    await ended(never.id);
    expect(await handlers.getDeletion(asking({ deletionId: never.id }))).toMatchObject({
      status: 'failed',
      error: 'the disk is full',
    });
    await jobs.stop();
  });

  it('take the contents of examples with them, however often they are cut off', async () => {
    const traceId = 'e'.repeat(32) as TraceId;
    const contents = ['made of the trace', 'made of it, and had by another too', 'by hand'].map((input) => {
      const content = { input, expected: null, metadata: {} };
      return { hash: contentHash(content), content };
    });
    const [gone, shared, own] = contents.map(({ hash }) => hash) as [string, string, string];
    for (let steps = 0; ; steps++) {
      const [datasets, examples] = [fakeDatasetStore(), fakeExampleStore()];
      const source = { traceId, spanId: 'a'.repeat(16) as SpanId };
      await datasets.create(by, { id: 'ds_1' as DatasetId, name: 'qa', description: '' });
      await examples.put(by.project, contents);
      const members = [
        { id: 'ex_1' as ExampleId, hash: gone, source },
        { id: 'ex_2' as ExampleId, hash: shared, source },
        { id: 'ex_3' as ExampleId, hash: shared, source: null },
        { id: 'ex_4' as ExampleId, hash: own, source: null },
      ];
      await datasets.addExamples(by, 'qa', members);
      await datasets.freeze(by, 'qa');
      let left = steps;
      let isCut = false;
      /** Does a step, then fails once: as after a kill, what was done is done, and nobody knows. */
      const cut = async <T>(done: Promise<T>): Promise<T> => {
        const result = await done;
        if (isCut || left-- > 0) return result;
        isCut = true;
        throw new Error('cut off');
      };
      const stored = new Set([traceId]);
      const {
        jobs,
        handlers,
        ended,
        told,
        left: detached,
        silent,
      } = await setUp(
        async (_project, _subject, { around } = {}) => {
          if (!stored.has(traceId)) return 0;
          await around?.([traceId], async () => {
            await cut(Promise.resolve(stored.delete(traceId)));
          });
          return 1;
        },
        {
          ...datasets,
          noteErasing: (...given) => cut(datasets.noteErasing(...given)),
          eraseNoted: (...given) => cut(datasets.eraseNoted(...given)),
          doomed: (...given) => cut(datasets.doomed(...given)),
          forgetDoomed: (...given) => cut(datasets.forgetDoomed(...given)),
        },
        { ...examples, remove: (...given) => cut(examples.remove(...given)) },
      );
      const { id } = await handlers.deleteTrace(asking({ traceId }));
      await ended(id);
      await jobs.stop();
      expect(detached).toContain(traceId);
      expect(silent).toContain(traceId);
      const kept = await examples.get(by.project, [gone, shared, own]);
      expect([steps, [...kept.keys()]]).toEqual([steps, [shared, own]]);
      for (const version of [null, 1]) {
        const read = await datasets.members(by.project, 'qa', version, { limit: 10, offset: 0 });
        expect(read.map(({ erasedAt }) => erasedAt === null)).toEqual([false, false, true, true]);
      }
      expect(await datasets.doomed(by.project, 10)).toEqual([]);
      if (!isCut) expect(told).toEqual([{ type: 'removed', project: by.project, traceIds: [traceId] }]);
      if (!isCut) break;
    }
  }, 60_000);

  it('take exactly one subject, and a trace by its id', async () => {
    const take = (body: object) => querySchemas.newDeletion.safeParse(body).success;
    expect([{ user: 'a' }, { session: 'a' }, { trace: 'a' }].map(take)).toEqual([true, true, true]);
    expect([{}, { user: 'a', session: 'b' }, { user: '' }, { other: 'a' }].map(take)).not.toContain(true);
    const { handlers, jobs } = await setUp(async () => 0);
    expect(() => handlers.createDeletion(posting({ trace: 'x' }))).toThrow('`x` is not a trace id.');
    await expect(handlers.getDeletion(asking({ deletionId: 'del_x' }))).rejects.toMatchObject({ code: 'not_found' });
    await jobs.stop();
  });
});
