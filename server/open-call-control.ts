import type { Clock, Random } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { type Control, openControl } from './control/index.ts';
import type { Stores } from './stores/open-stores.ts';

/** Budgets, limits and the cache of answers, over the stores that this server has. */
export async function openCallControl(
  config: Config,
  { records, exclusive }: Stores,
  world: { clock: Clock; random: Random; log: Logger },
): Promise<Control> {
  // Few have one, and its client is among what takes longest to load.
  const redis =
    config.redisUrl === null
      ? null
      : (await import('./stores/redis/index.ts')).openRedis({ url: config.redisUrl, log: world.log });
  try {
    const control = await openControl({
      ...world,
      ...{ controls: records.controls, allowances: records.allowances, redis, exclusive },
      whenAway: config.control.whenAway,
      cache: config.cache,
      tick: () => performance.now(),
    });
    return {
      ...control,
      async close() {
        await control.close();
        redis?.close();
      },
    };
  } catch (error) {
    redis?.close();
    throw error;
  }
}
