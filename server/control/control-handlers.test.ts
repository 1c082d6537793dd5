import { controlSchemas, type RequestBody } from '@wheelhouse/core/contract';
import { type Caller, defaultProjectId, type ProjectId } from '@wheelhouse/core/records';
import { fakeAllowanceStore, fakeAuditStore, fakeControlStore } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { openControl } from './open-control.ts';

const by = { project: defaultProjectId, actor: 'ada' };
const noon = Date.parse('2026-06-10T12:00:00.000Z');
const app: Caller = { ...by, role: null, key: 'key_a' as Caller['key'], person: null, team: null };

async function setUp(exclusive: boolean) {
  let seed = 0;
  const control = await openControl({
    controls: fakeControlStore(fakeAuditStore()),
    allowances: fakeAllowanceStore(() => noon),
    ...{ redis: null, exclusive, tick: () => 0, log: { warn() {}, info() {} } },
    ...{ whenAway: { budgets: 'refuse', limits: 'allow' }, cache: { bytes: 1_000, policies: {} } },
    clock: { now: () => BigInt(noon) * 1_000_000n },
    random: { bytes: (count) => new Uint8Array(count).fill(++seed) },
  });
  const { handlers, admission } = control;
  const ask = { by, params: {}, query: undefined, body: undefined };
  const setBudget = async (body: RequestBody<'setBudget'>) =>
    handlers.setBudget({ ...ask, body: controlSchemas.newBudget.parse(body) });
  const setLimit = async (body: RequestBody<'setLimit'>) =>
    handlers.setLimit({ ...ask, body: controlSchemas.newLimit.parse(body) });
  const usage = async (project = defaultProjectId) => {
    const body = await handlers.getGatewayUsage({ ...ask, by: { ...by, project } });
    expect(controlSchemas.gatewayUsage.parse(body)).toEqual(body);
    return body;
  };
  const call = async (costNanoUsd: bigint, user: string | null = null) =>
    admission.admit({
      ...{ by: app, user, model: 'openai/gpt-4o', inputTokens: 40, outputTokens: 60, costNanoUsd, nowMs: noon },
    });
  return { handlers, ask, setBudget, setLimit, usage, call };
}

describe('budgets and limits', () => {
  it('take effect before they are answered, and are gone before their removal is', async () => {
    const { handlers, ask, setBudget, setLimit, call } = await setUp(true);
    const budget = await setBudget({ scope: 'project', usd: '0.000000100' });
    expect(controlSchemas.budget.parse(budget)).toEqual(budget);
    expect(budget).toMatchObject({
      subject: 'default',
      period: 'month',
      amountNanoUsd: '100',
      hard: true,
      alertAt: 0.8,
    });
    await expect(call(101n)).rejects.toMatchObject({ code: 'budget_exceeded' });
    const limit = await setLimit({ scope: 'key', subject: '*', requestsPerMinute: 0 });
    expect(limit).toMatchObject({ subject: '*', requestsPerMinute: 0, tokensPerMinute: null });
    await expect(call(1n)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await handlers.removeBudget({ ...ask, params: { budgetId: budget.id } })).toEqual({ removed: true });
    await expect(call(101n)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await handlers.removeLimit({ ...ask, params: { limitId: limit.id } })).toEqual({ removed: true });
    expect((await call(101n)).headers).toEqual({});
    expect(await handlers.listBudgets(ask)).toEqual({ data: [] });
    expect(await handlers.listLimits(ask)).toEqual({ data: [] });
  });

  it.each([
    ['a subject of a project that is another', { scope: 'project', subject: 'other', usd: 1 }],
    ['no subject where there has to be one', { scope: 'team', usd: 1 }],
  ] as const)('refuse %s', async (_, body) => {
    const { setBudget } = await setUp(true);
    await expect(setBudget(body)).rejects.toMatchObject({ code: 'invalid_request', param: 'subject' });
  });

  it.each([
    ['more than can be counted exactly', { scope: 'project', usd: 9_000_001 }],
    ['parts of a nano-dollar', { scope: 'project', usd: '0.0000000001' }],
    ['a negative amount', { scope: 'project', usd: -1 }],
    ['an alert beyond the amount', { scope: 'project', usd: 1, alertAt: 1.1 }],
  ] as const)('refuse %s', (_, body) => {
    expect(controlSchemas.newBudget.safeParse(body).success).toBe(false);
  });

  it('refuse a limit of nothing', () => {
    expect(controlSchemas.newLimit.safeParse({ scope: 'project' }).success).toBe(false);
  });
});

describe.each([
  ['one server', true],
  ['servers that share', false],
])('how much is used: %s', (_, exclusive) => {
  it('says who spent what, what runs, and whether the mark is reached', async () => {
    const { setBudget, setLimit, usage, call } = await setUp(exclusive);
    await setBudget({ scope: 'user', subject: '*', usd: '0.0000001', period: 'day' });
    await setLimit({ scope: 'project', requestsPerMinute: 10, tokensPerMinute: 1_000, parallelCalls: 3 });
    (await call(90n, 'ann')).settle({ tokens: 70, costNanoUsd: 80n });
    (await call(100n, 'bob')).settle({ tokens: 100, costNanoUsd: 100n });
    (await call(5n, 'cat')).settle({ tokens: 100, costNanoUsd: 5n });
    await call(7n, 'cat');
    const { budgets, limits, cache } = await usage();
    expect(budgets).toMatchObject([
      { periodStart: '2026-06-10T00:00:00.000Z', periodEnd: '2026-06-11T00:00:00.000Z', amountNanoUsd: '100' },
    ]);
    const users = budgets[0]?.usedBy.map(({ subject, spentNanoUsd, state }) => [subject, spentNanoUsd, state]);
    expect(users).toEqual([
      ['bob', '100', 'used'],
      ['ann', '80', 'alert'],
      ['cat', '5', 'ok'],
    ]);
    expect(Number(budgets[0]?.usedBy.at(-1)?.reservedNanoUsd)).toBeGreaterThanOrEqual(7);
    const [used] = limits[0]?.usedBy ?? [];
    expect(used?.subject).toBe('default');
    // What servers keep at hand counts as taken until they give it back.
    if (exclusive) expect(used).toMatchObject({ requests: 4, tokens: 370, parallel: 1 });
    else expect(used?.requests).toBeGreaterThanOrEqual(4);
    expect(cache).toEqual({ hits: 0, semanticHits: 0, misses: 0, entries: 0, bytes: 0 });
    expect((await usage('elsewhere' as ProjectId)).budgets).toEqual([]);
  });
});
