import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Budget, type BudgetId, defaultProjectId, type LimitId } from '@wheelhouse/core/records';
import { openPostgres, type Postgres } from '@wheelhouse/server/stores/postgres/index';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findServer, type TestDatabase } from '../postgres/index.ts';
import { findRedis, type TestRedis } from '../redis/index.ts';
import type { Order, Report } from './replica.ts';

const openDatabase = findServer();
const startRedis = findRedis();
const by = { project: defaultProjectId, actor: 'ada' };
const dollar = 1_000_000_000n;

type Replica = { order(order: Order): Promise<Report>; process: ChildProcess };

async function startReplica(setup: { databaseUrl: string; redisUrl?: string }): Promise<Replica> {
  const script = fileURLToPath(new URL('replica.mjs', import.meta.url));
  const child = fork(script, [JSON.stringify(setup)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return {
    process: child,
    async order(order) {
      child.send(order);
      const [report] = (await once(child, 'message')) as [Report];
      return report;
    },
  };
}

describe.runIf(openDatabase)('replicas', () => {
  let database: TestDatabase;
  let postgres: Postgres;
  let redis: TestRedis | null = null;
  const replicas: Replica[] = [];
  const others: TestRedis[] = [];

  beforeAll(async () => {
    if (!openDatabase) throw new Error('no server');
    database = await openDatabase();
    postgres = openPostgres(database);
    await postgres.migrate();
    redis = startRedis ? await startRedis() : null;
  });
  afterEach(async () => {
    for (const { process } of replicas.splice(0)) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
    for (const own of others.splice(0)) await own.close();
    const [rows] = await postgres.controls.snapshot();
    for (const { id } of rows?.budgets ?? []) await postgres.controls.removeBudget(by, id);
    for (const { id } of rows?.limits ?? []) await postgres.controls.removeLimit(by, id);
  });
  afterAll(async () => {
    await redis?.close();
    await postgres.close();
    await database.close();
  });

  async function start(count: number, withRedis: boolean): Promise<Replica[]> {
    const setup = { databaseUrl: database.url, ...(withRedis && redis && { redisUrl: redis.url }) };
    replicas.push(...(await Promise.all(Array.from({ length: count }, () => startReplica(setup)))));
    return replicas;
  }

  const setBudget = (amountNanoUsd: bigint, id: string): Promise<Budget> =>
    postgres.controls.setBudget(by, {
      ...{ id: id as BudgetId, scope: 'key', subject: 'key_a', period: 'total' },
      ...{ amountNanoUsd, hard: true, alertAt: 0.8 },
    });
  const spentOf = async ({ id }: Budget) => {
    const totals = await postgres.allowances.totals(`default/${id}/`);
    return [...totals.values()].reduce((sum, { used }) => sum + used, 0);
  };
  const burst = (calls: number, costNanoUsd: bigint, settle: boolean): Order => ({
    ...{ do: 'burst', calls, costNanoUsd: String(costNanoUsd), tokens: 10, settle },
  });
  const sum = (reports: Report[]) => reports.reduce((total, { admitted }) => total + admitted, 0);

  it('11 spend a budget together to the last call, and not a call more', async () => {
    const budget = await setBudget(dollar, 'bg_race');
    const [a, b] = await start(2, false);
    if (!a || !b) throw new Error('no replicas');
    const reports = await Promise.all([
      a.order(burst(100, dollar / 40n, true)),
      b.order(burst(100, dollar / 40n, true)),
    ]);
    expect(sum(reports)).toBe(40);
    expect(reports.map(({ refused }) => Object.keys(refused))).toEqual([['budget_exceeded'], ['budget_exceeded']]);
    await Promise.all([a.order({ do: 'close' }), b.order({ do: 'close' })]);
    expect(await spentOf(budget)).toBe(Number(dollar));
    // A restart does not forget.
    replicas.splice(0);
    const [again] = await start(1, false);
    expect((await again?.order(burst(1, 1n, true)))?.admitted).toBe(0);
  });

  it('11 do not count as spent what a killed server had reserved, once its hold has lapsed', async () => {
    const budget = await setBudget(dollar, 'bg_killed');
    const [a] = await start(1, false);
    expect((await a?.order(burst(10, dollar / 10n, false)))?.admitted).toBe(10);
    a?.process.kill('SIGKILL');
    if (a) await once(a.process, 'exit');
    const [, b] = await start(1, false);
    expect((await b?.order(burst(1, dollar / 10n, true)))?.refused).toEqual({ budget_exceeded: 1 });
    const client = new pg.Client(database.url);
    await client.connect();
    const ofBudget = `default/${budget.id}/%`;
    await client.query('update wheelhouse.allowances set held_until = now() where account like $1', [ofBudget]);
    await client.end();
    expect((await b?.order(burst(3, dollar / 10n, true)))?.admitted).toBe(3);
  });

  it.runIf(startRedis).each([
    ['Postgres', false],
    ['Redis', true],
  ])('13 keep 100 requests a minute together, by %s', async (name, withRedis) => {
    await postgres.controls.setLimit(by, {
      ...{ id: `lm_${name}` as LimitId, scope: 'key', subject: 'key_a' },
      ...{ requestsPerMinute: 100, tokensPerMinute: 1_000_000, parallelCalls: null },
    });
    const three = await start(3, withRedis);
    const reports = await Promise.all(three.map(({ order }) => order(burst(334, 0n, true))));
    expect(sum(reports)).toBeLessThanOrEqual(100);
    expect(sum(reports)).toBeGreaterThanOrEqual(98);
    expect(reports.flatMap(({ refused }) => Object.keys(refused))).toEqual([
      'rate_limited',
      'rate_limited',
      'rate_limited',
    ]);
  });

  it.runIf(startRedis)('13 let calls through, as configured, when Redis has gone', async () => {
    if (!startRedis) return;
    const own = await startRedis();
    others.push(own);
    await postgres.controls.setLimit(by, {
      ...{ id: 'lm_gone' as LimitId, scope: 'key', subject: 'key_a' },
      ...{ requestsPerMinute: 5, tokensPerMinute: null, parallelCalls: null },
    });
    const replica = await startReplica({ databaseUrl: database.url, redisUrl: own.url });
    replicas.push(replica);
    expect((await replica.order(burst(10, 0n, true))).admitted).toBe(5);
    await own.close();
    expect((await replica.order(burst(10, 0n, true))).admitted).toBe(10);
  });
});
