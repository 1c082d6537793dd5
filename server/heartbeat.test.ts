import type { DueKind } from '@wheelhouse/core/ports';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heartbeatMs, startHeartbeat } from './heartbeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store of which the test says what is due, and work that is over when the test says so. */
function setUp() {
  const told: unknown[] = [];
  const asked: number[] = [];
  const store: { due: DueKind[]; error: Error | null } = { due: [], error: null };
  const heartbeat = startHeartbeat(
    {
      dueWork: {
        async due(nowMs) {
          asked.push(nowMs);
          if (store.error) throw store.error;
          return store.due;
        },
      },
      clock: { now: () => 7_000_000_000n },
    },
    { onError: (error) => told.push(error) },
  );
  const begun: DueKind[] = [];
  const open: (() => void)[] = [];
  const on = (kind: DueKind) =>
    heartbeat.on(
      kind,
      () => {
        begun.push(kind);
        return new Promise<void>((end) => void open.push(end));
      },
      { onError: (error) => told.push(error) },
    );
  const beat = () => vi.advanceTimersByTimeAsync(heartbeatMs);
  return { heartbeat, told, asked, store, begun, open, on, beat };
}

it('asks once for all, and does what is due and nothing else', async () => {
  const { store, asked, begun, on, beat } = setUp();
  for (const kind of ['monitors', 'online', 'issues'] as const) on(kind);
  await beat();
  expect([asked, begun]).toEqual([[7_000], []]);
  store.due = ['online', 'abuse', 'issues'];
  await beat();
  expect(asked).toHaveLength(2);
  expect(begun).toEqual(['online', 'issues']);
});

it('asks nothing where nobody waits', async () => {
  const { asked, on, beat } = setUp();
  await beat();
  await on('online').stop();
  await beat();
  expect(asked).toEqual([]);
});

it('waits for none that takes long, and begins it a second time only when the first is over', async () => {
  const { store, begun, open, on, beat } = setUp();
  on('online');
  on('monitors');
  store.due = ['online', 'monitors'];
  await beat();
  open[1]?.();
  await beat();
  expect(begun).toEqual(['online', 'monitors', 'monitors']);
  open[0]?.();
  await beat();
  expect(begun).toEqual(['online', 'monitors', 'monitors', 'online']);
});

it('tells once that the store is away, and goes on when it is back', async () => {
  const { store, told, begun, on, beat } = setUp();
  on('drafts');
  store.error = new Error('away');
  await beat();
  await beat();
  expect(told).toEqual([store.error]);
  Object.assign(store, { error: null, due: ['drafts'] });
  await beat();
  expect(begun).toEqual(['drafts']);
});

it('begins nothing after the end, and stops when what was begun is over', async () => {
  const { heartbeat, store, begun, open, on, beat } = setUp();
  const worker = on('pipelines');
  store.due = ['pipelines'];
  await beat();
  const stopped = worker.stop();
  await beat();
  open[0]?.();
  await stopped;
  await worker.run();
  await heartbeat.stop();
  await beat();
  expect(begun).toEqual(['pipelines']);
});
