import { querySchemas } from '@wheelhouse/core/contract';
import type { TraceEraser } from '@wheelhouse/core/ports';
import { type Actor, type DeletionSubject, defaultProjectId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { fakeAuditStore, fakeDeletionStore, fakeJobStore } from '../../testing/fakes/index.ts';
import { openJobs } from '../jobs/index.ts';
import { createDeletionHandlers, startDeletionWorker } from './deletions.ts';

const by: Actor = { project: defaultProjectId, actor: 'ann' };
const asking = (params: object, query: object = { limit: 50 }) => ({ by, params, query, body: undefined }) as never;
const posting = (body: object) => ({ by, params: {}, query: undefined, body }) as never;

async function setUp(erase: TraceEraser['erase']) {
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
  const sweep = async () => swept.push(1);
  await startDeletionWorker({ deletions, jobs, eraser: { erase, sweep } });
  const ended = (deletionId: string) =>
    expect
      .poll(async () => (await handlers.getDeletion(asking({ deletionId }))).status, { timeout: 20_000 })
      .not.toBe('queued');
  return { handlers, jobs, ended, swept };
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
