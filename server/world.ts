import { randomBytes } from 'node:crypto';
import type { Breathe, Clock, Random } from '@wheelhouse/core/ports';

/** Wall clock with the resolution of the monotonic one; follows the wall clock's corrections. */
export function createClock(): Clock {
  let wall = 0n;
  let mono = 0n;
  const sync = () => {
    wall = BigInt(Date.now()) * 1_000_000n;
    mono = process.hrtime.bigint();
  };
  sync();
  return {
    now() {
      const elapsed = process.hrtime.bigint() - mono;
      if (Math.abs(Date.now() - Number((wall + elapsed) / 1_000_000n)) <= 20) return wall + elapsed;
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
