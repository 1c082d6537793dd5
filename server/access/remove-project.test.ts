import type { JobHandler, JobQueue } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type ProjectId } from '@wheelhouse/core/records';
import { fakeAccess, fakeAuditStore, fakeBlobStore } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { createAccessReader } from './access-reader.ts';
import { createRemovalHandlers, startProjectRemovals } from './remove-project.ts';

const research = 'research' as ProjectId;
const owner: Caller = { project: research, actor: 'ada', role: 'owner', key: null, person: null, team: null };
const none = { models: 0, datasets: 0, examples: 0, evaluations: 0, files: 1, keys: 0, people: 0 };

async function* one(text: string) {
  yield Buffer.from(text);
}

/** Jobs that are done when the test says so. */
function fakeQueue() {
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    async work(_, given) {
      handler = given;
    },
  };
  const next = (signal = new AbortController().signal) => handler(waiting[0] ?? {}, signal).then(() => waiting.shift());
  return { jobs, waiting, next };
}

async function setUp(erase: () => Promise<void> = async () => {}) {
  const audit = fakeAuditStore();
  const { access, removals } = fakeAccess(audit);
  await access.createProject(owner, { id: research, name: 'Research', owner: null });
  const nowMs = () => Date.parse(audit.now());
  const reader = createAccessReader(access, nowMs);
  await reader.refresh();
  const blobs = fakeBlobStore();
  for (const project of [research, defaultProjectId]) await blobs.put(`${project}/files/a`, one('a'));
  const queue = fakeQueue();
  const erased: string[] = [];
  const deps = {
    removals,
    records: { count: async () => none, erase: async (id: string) => void erased.push(`records of ${id}`) },
    telemetry: {
      count: async () => ({ traces: 2, scores: 0 }),
      async erase(id: string) {
        await erase();
        erased.push(`telemetry of ${id}`);
      },
    },
    ...{ blobs, jobs: queue.jobs, reader, nowMs, log: { error: () => {} } },
  };
  const handlers = createRemovalHandlers(deps);
  const remove = (by: Caller, name: string) =>
    handlers.removeProject({ by, params: {}, query: {}, body: { name } } as never);
  const listed = async (by: Caller) =>
    (await handlers.listProjectRemovals({ by, params: {}, query: {}, body: {} } as never)).data;
  return { ...queue, audit, removals, reader, blobs, erased, deps, remove, listed, access };
}

it('closes a project at once, and erases it afterwards, from every store', async () => {
  const { remove, reader, waiting, next, erased, blobs, listed, deps } = await setUp();
  await startProjectRemovals(deps);
  await expect(remove(owner, 'research')).rejects.toMatchObject({ code: 'invalid_request', param: 'name' });
  await expect(remove({ ...owner, project: defaultProjectId }, 'Default')).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(waiting).toEqual([]);
  const removal = await remove(owner, 'Research');
  expect(removal).toMatchObject({ project: research, removedAt: null, contents: { traces: 2, files: 1 } });
  expect(reader.project(research)).toBeNull();
  await next();
  expect(erased).toEqual(['records of research', 'telemetry of research']);
  expect(await blobs.get('research/files/a')).toBeNull();
  expect(await blobs.get('default/files/a')).not.toBeNull();
  expect(await listed({ ...owner, project: defaultProjectId })).toMatchObject([{ removedAt: expect.any(String) }]);
});

it('goes on after a kill, says why it could not, and erases once more what came late', async () => {
  let away = true;
  const { remove, next, removals, audit, waiting, deps } = await setUp(async () => {
    if (away) throw new Error('The telemetry store did not answer.');
  });
  await startProjectRemovals(deps);
  await remove(owner, 'Research');
  await expect(next()).rejects.toThrow('did not answer');
  expect((await removals.list())[0]?.error).toBe('The telemetry store did not answer.');
  away = false;
  waiting.length = 0;
  // As after a start: what is not gone is taken up again.
  await startProjectRemovals(deps);
  await next();
  expect(await removals.list()).toMatchObject([{ error: null, removedAt: expect.any(String) }]);
  await startProjectRemovals(deps);
  expect(waiting).toEqual([{ by: { project: research, actor: 'ada' } }]);
  await next();
  const actions = (await audit.list(defaultProjectId, { limit: 9 })).map(({ action }) => action);
  expect(actions).toEqual(['project.remove', 'project.close']);
});

it('says nothing was wrong when it was only told to stop', async () => {
  const stop = new AbortController();
  const { remove, next, removals, deps } = await setUp(async () => {
    stop.abort();
    throw new Error('cut off');
  });
  await startProjectRemovals(deps);
  await remove(owner, 'Research');
  await expect(next(stop.signal)).rejects.toThrow('cut off');
  expect(await removals.list()).toMatchObject([{ error: null, removedAt: null }]);
});

it('erases nothing that nobody closed, whatever a job says', async () => {
  const { next, waiting, erased, deps } = await setUp();
  await startProjectRemovals(deps);
  waiting.push({ by: { project: research, actor: 'ada' } });
  await next();
  expect(erased).toEqual([]);
});

it('shows a removal to who asked for it and to owners of the default project', async () => {
  const { remove, listed } = await setUp();
  await remove(owner, 'Research');
  const elsewhere = (more: Partial<Caller>) => listed({ ...owner, project: 'other' as ProjectId, ...more });
  expect(await elsewhere({ role: 'viewer' })).toHaveLength(1);
  expect(await elsewhere({ actor: 'bob' })).toHaveLength(0);
  expect(await elsewhere({ key: 'key_1' as never })).toHaveLength(0);
  expect(await elsewhere({ project: defaultProjectId, actor: 'bob' })).toHaveLength(1);
  expect(await elsewhere({ project: defaultProjectId, actor: 'bob', role: 'admin' })).toHaveLength(0);
});
