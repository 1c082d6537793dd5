import { expect, it } from 'vitest';
import { workOnDue } from './work-on-due.ts';

const holdMs = 1_000;
type Kept = { id: string; dueMs: number; heldUntilMs: number };

/** A store of what is due, two at a time, and servers that look at it while the test moves their clock. */
function setUp(...ids: string[]) {
  const kept: Kept[] = ids.map((id) => ({ id, dueMs: 0, heldUntilMs: 0 }));
  const world = { nowMs: 100, isAway: false };
  const looked: string[] = [];
  const failed: string[] = [];
  const run = (server: string, look: (id: string) => Promise<number> = async () => 5_000, stop?: AbortSignal) =>
    workOnDue<Kept>(
      {
        clock: { now: () => BigInt(world.nowMs) * 1_000_000n },
        async claim(nowMs) {
          if (world.isAway) throw new Error('The store is away.');
          const free = kept.filter((one) => one.dueMs <= nowMs && one.heldUntilMs <= nowMs).slice(0, 2);
          for (const one of free) one.heldUntilMs = nowMs + holdMs;
          return free.map((one) => ({ ...one }));
        },
        async work(due) {
          looked.push(`${server} ${due.id}`);
          const afterMs = await look(due.id);
          const own = kept.find((one) => one.id === due.id && one.heldUntilMs === due.heldUntilMs);
          if (own) Object.assign(own, { dueMs: world.nowMs + afterMs, heldUntilMs: 0 });
        },
        failed: ({ id }, error) => void failed.push(`${id}: ${(error as Error).message}`),
      },
      stop ?? new AbortController().signal,
    );
  return { world, looked, failed, run };
}

it('looks at all that is due, once', async () => {
  const { looked, run, world } = setUp('a', 'b', 'c');
  await run('one');
  await run('one');
  expect(looked).toEqual(['one a', 'one b', 'one c']);
  world.nowMs += 5_000;
  await run('one');
  expect(looked).toHaveLength(6);
});

it('looks again at what is due again at once, and not at what became due meanwhile', async () => {
  const { looked, run, world } = setUp('a', 'b');
  let more = 3;
  await run('one', async (id) => {
    world.nowMs += 1;
    return id === 'a' && --more > 0 ? -holdMs : 1;
  });
  expect(looked).toEqual(['one a', 'one b', 'one a', 'one a']);
});

it('leaves what waited behind a slow one to whoever finds its hold over', async () => {
  const { looked, run, world } = setUp('slow', 'next', 'last');
  const slow = async () => {
    world.nowMs += holdMs / 2 + 1;
    return 5_000;
  };
  await run('one', slow);
  expect(looked).toEqual(['one slow']);
  await run('two');
  expect(looked).toEqual(['one slow', 'two last']);
  world.nowMs += holdMs;
  await run('two');
  expect(looked).toEqual(['one slow', 'two last', 'two next']);
});

it('looks again at what a server held that was killed, when the hold is over', async () => {
  const { looked, run, world } = setUp('a');
  void run('killed', () => new Promise(() => {}));
  await run('two');
  world.nowMs += holdMs - 1;
  await run('two');
  expect(looked).toEqual(['killed a']);
  world.nowMs += 1;
  await run('two');
  expect(looked).toEqual(['killed a', 'two a']);
});

it('tells of a look that fails, and goes on with the others', async () => {
  const { looked, failed, run } = setUp('a', 'b', 'c');
  await run('one', (id) => (id === 'b' ? Promise.reject(new Error('unreadable')) : Promise.resolve(5_000)));
  expect(looked).toEqual(['one a', 'one b', 'one c']);
  expect(failed).toEqual(['b: unreadable']);
});

it('fails while the store is away, and finds everything when it is back', async () => {
  const { looked, run, world } = setUp('a');
  world.isAway = true;
  await expect(run('one')).rejects.toThrow('The store is away.');
  world.isAway = false;
  await run('one');
  expect(looked).toEqual(['one a']);
});

it('begins with nothing more when it is to stop', async () => {
  const { looked, run } = setUp('a', 'b', 'c');
  const stopping = new AbortController();
  const stops = async () => {
    stopping.abort();
    return 5_000;
  };
  await run('one', stops, stopping.signal);
  await run('one', stops, stopping.signal);
  expect(looked).toEqual(['one a']);
});
