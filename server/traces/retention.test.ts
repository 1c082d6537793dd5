import { querySchemas } from '@wheelhouse/core/contract';
import { defaultProjectId, type KeepDays, type ProjectId } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { fakeAuditStore, fakeRetentionStore } from '../../testing/fakes/index.ts';
import { createRetentionHandlers, type RetentionDeps, removeOldTraces } from './retention.ts';

const dayNs = 86_400_000_000_000n;
const by = { project: defaultProjectId, actor: 'ann' };
const [week, always] = ['week', 'always'] as ProjectId[] as [ProjectId, ProjectId];
const storeOfThree = () => fakeRetentionStore(fakeAuditStore(), [defaultProjectId, week, always]);

it('removes what is older than each project keeps, and begins again after a failure', async () => {
  const expired: [ProjectId, bigint][] = [];
  let swept = 0;
  const store = storeOfThree();
  await store.setKeepDays({ project: week, actor: 'ann' }, 7);
  await store.setKeepDays({ project: always, actor: 'ann' }, 'forever');
  const deps: RetentionDeps = {
    store,
    serverDays: 30,
    eraser: {
      expire: async (project, before) => {
        expired.push([project, before / dayNs]);
        if (expired.length === 3) throw new Error('away');
      },
      sweep: async () => swept++,
    },
    clock: { now: () => 100n * dayNs },
  };
  const stopping = new AbortController();
  const run = () => removeOldTraces(deps, stopping.signal);
  await run();
  await expect(run()).rejects.toThrow('away');
  await run();
  stopping.abort();
  await run();
  const [one, other] = [[defaultProjectId, 70n] as const, [week, 93n] as const];
  expect(expired).toEqual([one, other, one, one, other]);
  expect(swept).toBe(4);
});

it('is a setting of the project, and the server decides where it says nothing', async () => {
  const handlers = createRetentionHandlers({ store: storeOfThree(), serverDays: 'forever' });
  const get = () => handlers.getRetention({ by, params: {}, query: undefined, body: undefined });
  const set = (keepDays: KeepDays | null) =>
    handlers.setRetention({ by, params: {}, query: undefined, body: { keepDays } });
  expect(await get()).toEqual({ keepDays: 'forever', own: false, serverDays: 'forever' });
  expect(await set(30)).toEqual({ keepDays: 30, own: true, serverDays: 'forever' });
  expect(querySchemas.retention.parse(await get())).toEqual(await get());
  expect(await set('forever')).toMatchObject({ keepDays: 'forever', own: true });
  expect(await set(null)).toMatchObject({ own: false });
  const takes = (keepDays: unknown) => querySchemas.newRetention.safeParse({ keepDays }).success;
  expect([1, 'forever', null].map(takes)).toEqual([true, true, true]);
  expect([0, -1, 1.5, 'never', undefined, 1e9].map(takes)).not.toContain(true);
});
