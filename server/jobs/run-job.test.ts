import type { CancelSignal, HeldJob, JobStore } from '@wheelhouse/core/ports';
import { describe, expect, it } from 'vitest';
import { runJob } from './run-job.ts';

const job: HeldJob = { id: '1', queue: 'evaluations', payload: {}, attempt: 0 };

/** A store of one held job, that writes down how it ended. */
function storeOfOne(renew: JobStore['renew'], holdMs = 15) {
  const ends: string[] = [];
  const store: JobStore = {
    holdMs,
    renew,
    add: async () => {},
    due: async () => [],
    take: async () => null,
    recover: async () => {},
    complete: async () => void ends.push('complete'),
    fail: async (_, reason) => void ends.push(`fail: ${reason}`),
    release: async () => void ends.push('release'),
  };
  return { store, ends };
}

const untilAborted = (_: object, signal: CancelSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe('a running job', () => {
  it('is renewed while its handler runs, and not after', async () => {
    let renewals = 0;
    let finish = () => {};
    const { store, ends } = storeOfOne(async () => {
      renewals += 1;
      if (renewals === 3) finish();
      return true;
    });
    await runJob({ store }, job, () => new Promise((resolve) => (finish = resolve))).ended;
    expect(renewals).toBe(3);
    expect(ends).toEqual(['complete']);
  });

  it('is aborted, and its end not recorded, when another worker holds it', async () => {
    const { store, ends } = storeOfOne(async () => false);
    await runJob({ store }, job, untilAborted).ended;
    expect(ends).toEqual([]);
  });

  it('is aborted when the store was away for as long as the hold', async () => {
    let asked = 0;
    const { store, ends } = storeOfOne(async () => {
      asked += 1;
      throw new Error('away');
    });
    await runJob({ store }, job, untilAborted).ended;
    expect(asked).toBeGreaterThan(0);
    expect(ends).toEqual([]);
  });

  it('fails with the reason of its handler, also when that throws at once', async () => {
    const { store, ends } = storeOfOne(async () => true);
    await runJob({ store }, job, () => Promise.reject(new Error('no model'))).ended;
    await runJob({ store }, job, () => {
      throw new Error('no dataset');
    }).ended;
    expect(ends).toEqual(['fail: no model', 'fail: no dataset']);
  });

  it('counts as done when its handler ends well after it was aborted', async () => {
    const { store, ends } = storeOfOne(async () => true);
    const running = runJob({ store }, job, (payload, signal) => untilAborted(payload, signal).catch(() => {}));
    running.abort();
    await running.ended;
    expect(ends).toEqual(['complete']);
  });

  it('is given back when it was aborted, and when it was abandoned', async () => {
    const { store, ends } = storeOfOne(async () => true);
    const aborted = runJob({ store }, job, untilAborted);
    aborted.abort();
    await aborted.ended;
    const deaf = runJob({ store }, job, () => new Promise(() => {}));
    deaf.abort();
    deaf.abandon();
    await deaf.ended;
    expect(ends).toEqual(['release', 'release']);
  });

  it('ends also when its end cannot be recorded', async () => {
    const { store } = storeOfOne(async () => true);
    const deps = { store: { ...store, complete: () => Promise.reject(new Error('away')) } };
    await runJob(deps, job, async () => {}).ended;
  });
});
