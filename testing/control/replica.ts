import type { Caller, ProjectId } from '@wheelhouse/core/records';
import { openControl } from '@wheelhouse/server/control/index';
import { openPostgres } from '@wheelhouse/server/stores/postgres/index';
import { openRedis } from '@wheelhouse/server/stores/redis/index';
import { createClock, systemRandom } from '@wheelhouse/server/world';

/** What a test tells a replica to do; each is answered with one message. */
export type Order =
  /** So many calls at once, each of which may cost this, and costs as much as it may. */
  { do: 'burst'; calls: number; costNanoUsd: string; tokens: number; settle: boolean } | { do: 'close' };
export type Report = { admitted: number; refused: Record<string, number>; costNanoUsd: string };

const by: Caller = {
  ...{ project: 'default' as ProjectId, actor: 'test', role: null },
  ...{ key: 'key_a' as Caller['key'], person: null, team: null },
};
const silent = { warn() {}, info() {} };
const { databaseUrl, redisUrl } = JSON.parse(process.argv[2] ?? '{}') as { databaseUrl: string; redisUrl?: string };
const clock = createClock();
const postgres = openPostgres({ url: databaseUrl });
const redis = redisUrl === undefined ? null : openRedis({ url: redisUrl });
const control = await openControl({
  ...{ controls: postgres.controls, allowances: postgres.allowances, redis, exclusive: false },
  ...{ clock, random: systemRandom, tick: () => performance.now(), log: silent },
  whenAway: { budgets: 'refuse', limits: 'allow' },
  cache: { bytes: 1_000_000, policies: {} },
});

async function burst(order: Extract<Order, { do: 'burst' }>): Promise<Report> {
  const report = { admitted: 0, refused: {} as Record<string, number> };
  const cost = BigInt(order.costNanoUsd);
  const one = async () => {
    try {
      const pass = await control.admission.admit({
        ...{ by, user: null, model: 'openai/gpt-4o', inputTokens: order.tokens, outputTokens: 0 },
        ...{ costNanoUsd: cost, nowMs: Date.now() },
      });
      report.admitted++;
      if (order.settle) pass.settle({ tokens: order.tokens, costNanoUsd: cost });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      report.refused[code] = (report.refused[code] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: order.calls }, one));
  return { ...report, costNanoUsd: String(BigInt(report.admitted) * cost) };
}

process.on('message', async (order: Order) => {
  if (order.do === 'burst') process.send?.(await burst(order));
  else {
    await control.close();
    redis?.close();
    await postgres.close();
    process.send?.({ admitted: 0, refused: {}, costNanoUsd: '0' } satisfies Report);
    process.disconnect();
  }
});
process.send?.('ready');
