import { defaultProjectId } from '@wheelhouse/core/records';
import { expect, it, vi } from 'vitest';
import { startRetention } from './retention.ts';

const dayNs = 86_400_000_000_000n;

it('removes what is older than so many days, at once and every hour, and goes on after a failure', async () => {
  vi.useFakeTimers();
  const expired: bigint[] = [];
  const errors: string[] = [];
  let swept = 0;
  const retention = startRetention({
    eraser: {
      expire: async (_, before) => {
        expired.push(before);
        if (expired.length === 2) throw new Error('away');
      },
      sweep: async () => swept++,
    },
    clock: { now: () => 100n * dayNs },
    project: defaultProjectId,
    days: 30,
    log: { error: (_, message) => void errors.push(message) },
  });
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  await retention.stop();
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  vi.useRealTimers();
  expect(expired).toEqual([70n * dayNs, 70n * dayNs, 70n * dayNs]);
  expect([swept, errors.length]).toEqual([2, 1]);
});
