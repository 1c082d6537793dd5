import type { AllowanceStore, AnswerStore } from '@wheelhouse/core/ports';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createRedisAllowances } from './allowance-store.ts';
import { createRedisAnswers } from './answer-store.ts';

/** Nothing waits longer for Redis than this. */
const commandTimeoutMs = 500;
const longestPauseMs = 2_000;

export type RedisStores = { allowances: AllowanceStore; answers: AnswerStore; close(): void };

/** What replicas share without writing it down. Commands fail at once while there is no connection. */
export function openRedis({ url, log }: { url: string; log?: Pick<Logger, 'warn'> }): RedisStores {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    // The first commands wait for the first connection; those after a break fail.
    enableOfflineQueue: true,
    retryStrategy: (times) => Math.min(50 * times, longestPauseMs),
  });
  let away = false;
  redis.on('error', (error) => {
    if (!away) log?.warn({ err: error }, 'Redis is away');
    away = true;
  });
  redis.on('ready', () => {
    away = false;
  });
  return {
    allowances: createRedisAllowances(redis),
    answers: createRedisAnswers(redis),
    close: () => redis.disconnect(),
  };
}
