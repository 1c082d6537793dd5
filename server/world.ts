import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '@wheelhouse/core/ports';

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

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
