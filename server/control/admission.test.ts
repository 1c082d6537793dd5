import type { AdmissionAsk, Admitted } from '@wheelhouse/core/ports';
import {
  type Actor,
  type BudgetId,
  type Caller,
  defaultProjectId,
  type LimitId,
  type ProjectId,
  type WheelhouseError,
} from '@wheelhouse/core/records';
import {
  type FakeAllowanceStore,
  fakeAllowanceStore,
  fakeAuditStore,
  fakeControlStore,
} from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ControlDeps, openControl } from './open-control.ts';

const by: Actor = { project: defaultProjectId, actor: 'ada' };
const caller: Caller = {
  ...{ project: defaultProjectId, actor: 'app', role: null },
  ...{ key: 'key_a' as Caller['key'], person: 'pn_a' as Caller['person'], team: 'tm_a' as Caller['team'] },
};
const noon = Date.parse('2026-06-10T12:00:00.000Z');
const silent = { warn() {}, info() {} };

function setUp() {
  const time = { ms: noon };
  const controls = fakeControlStore(fakeAuditStore());
  const allowances = fakeAllowanceStore(() => time.ms);
  let seed = 0;
  let count = 0;
  const limit = (terms: {
    requests?: number;
    tokens?: number;
    parallel?: number;
    subject?: string;
    scope?: 'key' | 'user';
  }) =>
    controls.setLimit(by, {
      ...{ id: `lm_${++count}` as LimitId, scope: terms.scope ?? 'key', subject: terms.subject ?? 'key_a' },
      ...{ requestsPerMinute: terms.requests ?? null, tokensPerMinute: terms.tokens ?? null },
      parallelCalls: terms.parallel ?? null,
    });
  const budget = (terms: {
    nano: bigint;
    hard?: boolean;
    period?: 'day' | 'total';
    scope?: 'key' | 'user' | 'project' | 'team';
    subject?: string;
  }) =>
    controls.setBudget(by, {
      ...{ id: `bg_${++count}` as BudgetId, scope: terms.scope ?? 'key', subject: terms.subject ?? 'key_a' },
      ...{ period: terms.period ?? 'day', amountNanoUsd: terms.nano, hard: terms.hard ?? true, alertAt: 0.8 },
    });
  /** One server; several share the stores. */
  const open = (more: Partial<ControlDeps> = {}) =>
    openControl({
      ...{ controls, allowances, redis: null, exclusive: true, log: silent },
      ...{ whenAway: { budgets: 'refuse', limits: 'allow' }, cache: { bytes: 1_000, policies: {} } },
      clock: { now: () => BigInt(time.ms) * 1_000_000n },
      random: { bytes: (length) => new Uint8Array(length).fill(++seed) },
      tick: () => time.ms - noon,
      ...more,
    });
  const ask = (more: Partial<AdmissionAsk> = {}): AdmissionAsk => ({
    ...{ by: caller, user: null, model: 'openai/gpt-4o', inputTokens: 10, outputTokens: 0, costNanoUsd: 10n },
    nowMs: time.ms,
    ...more,
  });
  return { time, controls, allowances, limit, budget, open, ask };
}

const at = (pass: Admitted | Promise<Admitted>): Admitted => {
  if (pass instanceof Promise) throw new Error('it had to wait');
  return pass;
};
function errorOf(work: () => unknown): WheelhouseError {
  try {
    work();
  } catch (error) {
    return error as WheelhouseError;
  }
  throw new Error('it was admitted');
}

describe('one server', () => {
  it('asks nothing of a call for which nothing was set', async () => {
    const { open, ask, limit } = setUp();
    await limit({ requests: 0, subject: 'key_b' });
    const { admission } = await open();
    expect(at(admission.admit(ask())).headers).toEqual({});
    const elsewhere = { ...caller, project: 'elsewhere' as ProjectId, key: 'key_b' as Caller['key'] };
    at(admission.admit(ask({ by: elsewhere }))).settle({ tokens: 1, costNanoUsd: null });
  });

  it('holds a call to the limit of its key, and says when to come back', async () => {
    const { open, ask, limit, time } = setUp();
    await limit({ requests: 2, tokens: 100 });
    const { admission } = await open();
    expect(at(admission.admit(ask())).headers).toEqual({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-remaining-tokens': '90',
    });
    time.ms += 400;
    at(admission.admit(ask()));
    const error = errorOf(() => admission.admit(ask()));
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfterMs: 60_600 });
    expect(error.message).toBe('The limit of 2 requests a minute of the key key_a is reached.');
    time.ms += 60_599;
    expect(() => admission.admit(ask())).toThrow(error.message);
    time.ms += 1;
    at(admission.admit(ask()));
  });

  it('counts the tokens that were used, and refuses at once what can never fit', async () => {
    const { open, ask, limit } = setUp();
    await limit({ tokens: 100 });
    const { admission } = await open();
    const pass = at(admission.admit(ask({ inputTokens: 20, outputTokens: 80 })));
    expect(() => admission.admit(ask())).toThrow('is reached');
    pass.settle({ tokens: 30, costNanoUsd: null });
    pass.settle({ tokens: 0, costNanoUsd: null });
    at(admission.admit(ask({ inputTokens: 70 }))).release();
    at(admission.admit(ask({ inputTokens: 70 })));
    expect(errorOf(() => admission.admit(ask({ inputTokens: 101 })))).toMatchObject({
      retryAfterMs: null,
      message: 'This call may take 101 tokens, and the limit is 100 tokens a minute of the key key_a.',
    });
  });

  it('lets so many calls run at a time, whatever becomes of them', async () => {
    const { open, ask, limit } = setUp();
    await limit({ parallel: 2 });
    const { admission } = await open();
    const [a, b] = [at(admission.admit(ask())), at(admission.admit(ask()))];
    expect(() => admission.admit(ask())).toThrow('The limit of 2 calls at a time of the key key_a is reached.');
    a.release();
    a.release();
    at(admission.admit(ask()));
    expect(() => admission.admit(ask())).toThrow();
    b.settle({ tokens: 3, costNanoUsd: 1n });
    at(admission.admit(ask()));
  });

  it('reserves what a call may cost and counts what it did cost', async () => {
    const { open, ask, budget, time } = setUp();
    await budget({ nano: 100n });
    const { admission } = await open();
    const pass = at(admission.admit(ask({ costNanoUsd: 90n })));
    const error = errorOf(() => admission.admit(ask({ costNanoUsd: 11n })));
    expect(error).toMatchObject({ code: 'budget_exceeded', retryAfterMs: 12 * 3_600_000 });
    pass.settle({ tokens: 1, costNanoUsd: 40n });
    const two = at(admission.admit(ask({ costNanoUsd: 60n })));
    expect(() => admission.admit(ask({ costNanoUsd: 1n }))).toThrow();
    // Nobody knows what it cost, so it cost what it may.
    two.settle({ tokens: 1, costNanoUsd: null });
    expect(() => admission.admit(ask({ costNanoUsd: 1n }))).toThrow();
    time.ms += 12 * 3_600_000;
    at(admission.admit(ask({ costNanoUsd: 100n })));
  });

  it('refuses a call without a price under a hard budget, and lets it by under a soft one', async () => {
    const { open, ask, budget } = setUp();
    const { id } = await budget({ nano: 5n, hard: false });
    const { admission, refresh } = await open();
    at(admission.admit(ask({ costNanoUsd: null }))).settle({ tokens: 1, costNanoUsd: null });
    at(admission.admit(ask({ costNanoUsd: 50n }))).settle({ tokens: 1, costNanoUsd: 50n });
    expect((await budget({ nano: 500n })).id).toBe(id);
    await refresh();
    expect(errorOf(() => admission.admit(ask({ costNanoUsd: null })))).toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringMatching(/^No price is known for openai\/gpt-4o, .* a day of the key key_a is hard\.$/),
    });
    // What was spent under the soft budget counts.
    expect(() => admission.admit(ask({ costNanoUsd: 451n }))).toThrow();
    at(admission.admit(ask({ costNanoUsd: 450n })));
  });

  it('takes from all that hold for a call or from none', async () => {
    const { open, ask, budget, limit } = setUp();
    await budget({ nano: 1_000n, scope: 'project', subject: defaultProjectId });
    await budget({ nano: 15n, scope: 'team', subject: 'tm_a' });
    await limit({ requests: 10 });
    const { admission } = await open();
    const pass = at(admission.admit(ask()));
    expect(pass.headers['x-ratelimit-remaining-requests']).toBe('9');
    expect(() => admission.admit(ask())).toThrow('of the team tm_a');
    const elsewhere = ask({ by: { ...caller, team: null } });
    expect(at(admission.admit(elsewhere)).headers['x-ratelimit-remaining-requests']).toBe('8');
  });

  it('counts each end user apart, but for those with a row of their own', async () => {
    const { open, ask, limit } = setUp();
    await limit({ scope: 'user', subject: '*', requests: 1 });
    await limit({ scope: 'user', subject: 'vip', requests: 2 });
    const { admission } = await open();
    for (const user of ['a', 'b', 'vip', 'vip', null, null]) at(admission.admit(ask({ user })));
    for (const user of ['a', 'b', 'vip']) expect(() => admission.admit(ask({ user }))).toThrow('the end user');
  });

  it('remembers across a restart what was spent, and forgets what was reserved', async () => {
    const { open, ask, budget } = setUp();
    await budget({ nano: 100n, period: 'total' });
    const first = await open();
    at(first.admission.admit(ask({ costNanoUsd: 30n }))).settle({ tokens: 1, costNanoUsd: 25n });
    at(first.admission.admit(ask({ costNanoUsd: 70n })));
    await first.close();
    const second = await open();
    expect(() => second.admission.admit(ask({ costNanoUsd: 76n }))).toThrow();
    at(second.admission.admit(ask({ costNanoUsd: 75n })));
  });

  it('never admits more in any 60 seconds than the limit, whenever calls come and end', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 9_000 }),
      tokens: fc.integer({ min: 1, max: 40 }),
      used: fc.integer({ min: 0, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 60 }), async (steps, max) => {
        const { open, ask, limit, time } = setUp();
        await limit({ tokens: max, requests: 7 });
        const { admission } = await open();
        const taken: { ms: number; tokens: number }[] = [];
        for (const { waitMs, tokens, used } of steps) {
          time.ms += waitMs;
          try {
            at(admission.admit(ask({ inputTokens: tokens }))).settle({
              tokens: Math.min(used, tokens),
              costNanoUsd: null,
            });
            taken.push({ ms: time.ms, tokens: Math.min(used, tokens) });
          } catch (error) {
            expect(error).toMatchObject({ code: 'rate_limited' });
          }
        }
        for (const { ms } of taken) {
          const window = taken.filter((one) => one.ms >= ms && one.ms < ms + 60_000);
          expect(window.reduce((sum, one) => sum + one.tokens, 0)).toBeLessThanOrEqual(max);
          expect(window.length).toBeLessThanOrEqual(7);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Lets everything that can go on go on. */
const settleDown = () => new Promise((resolve) => setImmediate(resolve));

describe('servers that share', () => {
  it('never admit more than there is, in whatever order stores answer and calls end', async () => {
    const step = fc.record({
      server: fc.nat({ max: 2 }),
      amount: fc.integer({ min: 1, max: 30 }),
      costs: fc.integer({ min: 0, max: 30 }),
      waitMs: fc.constantFrom(0, 0, 0, 10, 700, 5_000),
      ends: fc.constantFrom('now', 'later', 'never', 'released'),
    });
    const holds = fc.constantFrom('money', 'tokens', 'parallel', 'all');
    const delays = fc.infiniteStream(fc.constantFrom(0, 0, 0, 150, 900));
    const law = fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 80 }),
      holds,
      delays,
      fc.scheduler(),
      async (steps, what, delay, scheduler) => {
        const { open, ask, limit, budget, time, allowances } = setUp();
        if (what === 'money' || what === 'all') await budget({ nano: 200n, period: 'total' });
        const terms = {
          tokens: { tokens: 80 },
          parallel: { parallel: 5 },
          all: { tokens: 150, parallel: 9 },
          money: null,
        };
        if (terms[what]) await limit(terms[what]);
        const [nano, tokens, parallel] = [200, what === 'all' ? 150 : 80, what === 'all' ? 9 : 5];
        const onItsWay = async (where: string) => {
          await scheduler.schedule(Promise.resolve(), where);
          time.ms += delay.next().value ?? 0;
        };
        allowances.before = () => onItsWay('on its way');
        allowances.after = () => onItsWay('on its way back');
        const servers = await Promise.all([0, 1, 2].map(() => open({ exclusive: false })));
        const passed: { ms: number; tokens: number }[] = [];
        const later: (() => void)[] = [];
        let [spent, reserved, running] = [0, 0, 0];
        const check = () => {
          if (what === 'money' || what === 'all') expect(spent + reserved).toBeLessThanOrEqual(nano);
          if (what === 'parallel' || what === 'all') expect(running).toBeLessThanOrEqual(parallel);
        };
        const one = async ({ server, amount, costs, ends }: (typeof steps)[number]) => {
          const control = servers[server];
          if (!control) return;
          const given = ask({ costNanoUsd: BigInt(amount), inputTokens: amount });
          const pass = await Promise.resolve()
            .then(() => control.admission.admit(given))
            .catch((error: WheelhouseError) => {
              expect(['budget_exceeded', 'rate_limited']).toContain(error.code);
              return null;
            });
          if (!pass) return;
          [reserved, running] = [reserved + amount, running + 1];
          const admitted = { ms: time.ms, tokens: amount };
          if (ends !== 'released') passed.push(admitted);
          check();
          const cost = Math.min(costs, amount);
          const end = () => {
            [reserved, running] = [reserved - amount, running - 1];
            if (ends === 'released') pass.release();
            else {
              spent += cost;
              pass.settle({ tokens: amount, costNanoUsd: BigInt(cost) });
            }
            check();
          };
          if (ends === 'later') later.push(end);
          else if (ends !== 'never') end();
        };
        const calls: Promise<void>[] = [];
        let lookedMs = time.ms;
        // As their timers do, four times a second: what a server holds is let go when nothing is heard of it for a minute.
        const look = () => {
          if (time.ms - lookedMs < 10_000) return;
          lookedMs = time.ms;
          calls.push(...servers.map((server) => server.flush()));
        };
        for (const given of steps) {
          time.ms += given.waitMs;
          look();
          calls.push(one(given));
          if (given.waitMs > 0) {
            await scheduler.waitIdle();
            later.shift()?.();
          } else await settleDown();
        }
        const all = Promise.all(calls);
        let open_ = true;
        const over = () => {
          open_ = false;
        };
        all.then(over, over);
        while (open_) {
          await scheduler.waitIdle();
          await settleDown();
        }
        await all;
        if (what === 'money' || what === 'parallel') return;
        // What is let through in a second stands in the books under that second, so that no window can hold more.
        const books = allowances.taken('/tokens/');
        for (const slot of new Set(passed.map(({ ms }) => Math.floor(ms / 1_000)))) {
          const admitted = passed.filter(({ ms }) => Math.floor(ms / 1_000) === slot);
          const sum = admitted.reduce((total, pass) => total + pass.tokens, 0);
          expect(sum).toBeLessThanOrEqual(books.get(slot) ?? 0);
          const window = [...books].filter(([other]) => other >= slot - 60 && other <= slot);
          expect(window.reduce((total, [, used]) => total + used, 0)).toBeLessThanOrEqual(tokens);
        }
      },
    );
    await fc.assert(law, { numRuns: 120 });
  });

  async function pair(change: (store: FakeAllowanceStore) => void, whenAway?: ControlDeps['whenAway']) {
    const world = setUp();
    await world.budget({ nano: 100n });
    await world.limit({ requests: 5 });
    change(world.allowances);
    const control = await world.open({ exclusive: false, ...(whenAway && { whenAway }) });
    return { ...world, ...control };
  }
  const broken = async () => {
    throw new Error('away');
  };

  it('have what is at hand without asking, and ask once for many', async () => {
    let exchanges = 0;
    const { admission, ask } = await pair((store) => {
      store.before = async () => void exchanges++;
    });
    const waiting = [1, 2, 3].map(() => admission.admit(ask({ costNanoUsd: 1n })));
    expect(waiting.every((pass) => pass instanceof Promise)).toBe(true);
    await Promise.all(waiting);
    // One exchange began with the first call, one was for the others.
    expect(exchanges).toBeLessThanOrEqual(4);
  });

  it('refuse calls under a budget while the store is away, and admit them under a limit alone', async () => {
    const { admission, ask } = await pair((store) => {
      store.before = broken;
    });
    await expect(admission.admit(ask())).rejects.toMatchObject({ code: 'store_unavailable', retryAfterMs: 1_000 });
    expect(() => admission.admit(ask())).toThrow('cannot be asked for');
  });

  it('admit calls while the store is away where that is configured, and count them when it is back', async () => {
    const { admission, ask, allowances, close } = await pair(
      (store) => {
        store.before = broken;
      },
      { budgets: 'allow', limits: 'allow' },
    );
    for (let i = 0; i < 20; i++) (await admission.admit(ask())).settle({ tokens: 1, costNanoUsd: 10n });
    allowances.before = async () => {};
    await close();
    const totals = [...(await allowances.totals('')).values()];
    expect(totals.map(({ used }) => used)).toContain(200);
  });

  it('ask again for a grant that ran out on its way, however quiet the account was meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { open, limit, ask, allowances, time } = setUp();
      await limit({ requests: 5 });
      const { admission } = await open({ exclusive: false });
      let exchanges = 0;
      allowances.after = async () => {
        if (exchanges++ > 0) return;
        time.ms += 600;
        await vi.advanceTimersByTimeAsync(600);
      };
      time.ms += 500;
      const passes = await Promise.all([1, 2, 3].map(() => admission.admit(ask())));
      expect([passes.length, exchanges]).toEqual([3, 2]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('give back at their end what they did not use', async () => {
    const { admission, ask, allowances, close } = await pair(() => {});
    (await admission.admit(ask({ costNanoUsd: 20n }))).settle({ tokens: 1, costNanoUsd: 3n });
    await close();
    const totals = await allowances.totals('');
    expect([...totals.values()]).toEqual(
      expect.arrayContaining([
        { used: 3, held: 0 },
        { used: 1, held: 0 },
      ]),
    );
  });
});
