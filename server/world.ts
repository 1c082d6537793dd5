import { randomBytes } from 'node:crypto';
import type { Breathe, Clock, Random } from '@wheelhouse/core/ports';

/** Wall clock with the resolution of the monotonic one; follows the wall clock's corrections. */
export function createClock(): Clock {
  let wallMs = 0;
  let wall = 0n;
  let monoMs = 0;
  const sync = () => {
    wallMs = Date.now();
    wall = BigInt(wallMs) * 1_000_000n;
    monoMs = performance.now();
  };
  sync();
  return {
    now() {
      const elapsedMs = performance.now() - monoMs;
      if (Math.abs(Date.now() - wallMs - elapsedMs) <= 20) return wall + BigInt(Math.round(elapsedMs * 1e6));
      sync();
      return wall;
    },
  };
}

const poolBytes = 4096;

/** Bytes of the system, fetched many at a time: every call needs a few, and asking costs ten times as much as copying. */
function pooledRandom(): Random {
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  return {
    bytes(count) {
      if (used + count > pool.length) {
        pool = randomBytes(Math.max(poolBytes, count));
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}

export const systemRandom: Random = pooledRandom();

const sliceMs = 4;

/** One turn of the event loop for everybody else, when this loop has been held for some milliseconds. */
export function createBreathe(): Breathe {
  let since = performance.now();
  const pause = (resume: () => void) =>
    setImmediate(() => {
      since = performance.now();
      resume();
    });
  return () => (performance.now() - since < sliceMs ? null : new Promise(pause));
}
