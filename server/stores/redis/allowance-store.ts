import type { AllowanceAsk, AllowanceGrant, AllowanceStore } from '@wheelhouse/core/ports';
import type { Redis } from 'ioredis';
import { holdMs, slotMs, windowSlots } from '../grant-allowance.ts';
import { exchangeScript } from './exchange-script.ts';
import { toRedisError } from './redis-errors.ts';

const prefix = 'wheelhouse:allowance:';
/** Nothing is kept here that would be missed for longer than that. */
const forgetMs = 10 * 60_000;

type Answer = [slot: string, validMs: number, granted: string, room: string, taken: string, oldest: string];

function toGrant(ask: AllowanceAsk, answer: Answer): AllowanceGrant {
  const [slot, validMs, granted, room, taken, oldest] = answer;
  return {
    slot: Number(slot),
    validMs,
    granted: Number(granted),
    room: Number(room),
    taken: Number(taken),
    oldestSlot: ask.kind === 'window' && oldest !== '-1' ? Number(oldest) : null,
  };
}

/** For what may be forgotten within minutes: limits, not money. */
export function createRedisAllowances(redis: Redis): AllowanceStore {
  return {
    async exchange(server, asks) {
      const batch = redis.pipeline();
      for (const { account, kind, max, keep, need, least, spare, used } of asks)
        batch.eval(
          ...[exchangeScript, 1, prefix + account, server, kind, max, kind === 'window' ? 0 : keep, need, least, spare],
          ...[holdMs, slotMs, windowSlots, forgetMs, ...used.flatMap(({ slot, amount }) => [slot, amount])],
        );
      const answers = await batch.exec().catch((error: unknown) => {
        throw toRedisError(error);
      });
      return asks.map((ask, place) => {
        const [error, answer] = answers?.[place] ?? [new Error('no answer'), null];
        if (error) throw toRedisError(error);
        return toGrant(ask, answer as Answer);
      });
    },

    async totals(begin) {
      const totals = new Map<string, { used: number; held: number }>();
      const pattern = `${prefix}${begin.replace(/[\\*?[\]]/g, '\\$&')}*`;
      const nowMs = await redis.time().then(([seconds]) => Number(seconds) * 1_000);
      for await (const keys of redis.scanStream({ match: pattern, count: 500 }) as AsyncIterable<string[]>)
        for (const key of keys) {
          const fields = await redis.hgetall(key);
          const total = { used: 0, held: 0 };
          for (const [field, value] of Object.entries(fields)) {
            const slot = Number(field.split('|', 1)[0]);
            const [used = 0, held = 0, until = 0] = value.split(':').map(Number);
            if (slot !== 0 && slot < Math.floor(nowMs / slotMs) - windowSlots) continue;
            total.used += used;
            if (until > nowMs) total.held += held;
          }
          totals.set(key.slice(prefix.length), total);
        }
      return totals;
    },

    // Keys go by themselves.
    async sweep() {},
  };
}
