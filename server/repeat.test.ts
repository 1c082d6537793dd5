import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { repeat } from './repeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that is over when the test says so. */
function setUp() {
  const told: unknown[] = [];
  const open: { signal: AbortSignal; end: () => void; fail: (error: unknown) => void }[] = [];
  let begun = 0;
  const worker = repeat(
    (signal) => {
      begun++;
      return new Promise<void>((end, fail) => void open.push({ signal, end, fail }));
    },
    { everyMs: 1_000, onError: (error) => told.push(error) },
  );
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const next = async (how: 'end' | 'fail' = 'end') => {
    await pass(1_000);
    open.pop()?.[how](how);
    await pass(0);
  };
  return { worker, told, open, pass, next, begun: () => begun };
}

it('waits after the end of a time, and never works twice at a time', async () => {
  const { open, pass, begun } = setUp();
  await pass(999);
  expect(begun()).toBe(0);
  await pass(10_001);
  expect(begun()).toBe(1);
  open[0]?.end();
  await pass(999);
  expect(begun()).toBe(1);
  await pass(1);
  expect(begun()).toBe(2);
});

it('works now when it is asked to, once for all who ask meanwhile, and then waits anew', async () => {
  const { worker, open, pass, begun } = setUp();
  await pass(900);
  const asked = [worker.run(), worker.run()];
  expect(begun()).toBe(1);
  open[0]?.end();
  await Promise.all(asked);
  await pass(999);
  expect(begun()).toBe(1);
  await pass(1);
  expect(begun()).toBe(2);
});

it('goes on after what fails, and tells of it once until it works again', async () => {
  const { told, next, begun } = setUp();
  for (const how of ['fail', 'fail', 'end', 'fail'] as const) await next(how);
  expect(begun()).toBe(4);
  expect(told).toEqual(['fail', 'fail']);
});

it('asks what is under way to stop, waits for its end, and does not begin again', async () => {
  const { worker, told, open, pass, begun } = setUp();
  await pass(1_000);
  const [current] = open;
  let isOver = false;
  const stopped = worker.stop().then(() => {
    isOver = true;
  });
  await pass(0);
  expect([current?.signal.aborted, isOver]).toEqual([true, false]);
  current?.fail(new Error('cut off'));
  await stopped;
  await pass(5_000);
  expect([told, begun()]).toEqual([[], 1]);
});

it('stops at once between two times', async () => {
  const { worker, pass, begun } = setUp();
  await worker.stop();
  await pass(5_000);
  expect(begun()).toBe(0);
});
