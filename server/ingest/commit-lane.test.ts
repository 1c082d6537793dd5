import { setImmediate as step } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { batchSpans, createLane, type Waiting } from './commit-lane.ts';

const spans = (count: number): Waiting => ({ count, bytes: 0 });

describe('a lane that gathers', () => {
  afterEach(() => void vi.useRealTimers());

  it('begins at once with a full batch', async () => {
    const batches: number[] = [];
    const lane = createLane<Waiting>({
      gatherMs: 500,
      commit: async (batch) => void batches.push(batch.reduce((sum, { count }) => sum + count, 0)),
    });
    lane.push(spans(1));
    await step();
    expect(batches).toEqual([]);
    lane.push(spans(batchSpans - 1));
    await step();
    expect(batches).toEqual([batchSpans]);
  });

  it('spaces batches by what they take, and is quick again after a while', async () => {
    vi.useFakeTimers();
    const begun: number[] = [];
    const started = performance.now();
    const lane = createLane<Waiting>({
      gatherMs: 50,
      async commit() {
        begun.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 40));
      },
    });
    lane.push(spans(1));
    await vi.advanceTimersByTimeAsync(60);
    expect(begun).toEqual([50]);
    lane.push(spans(1));
    await vi.advanceTimersByTimeAsync(500);
    expect(begun).toEqual([50, 250]);
    await vi.advanceTimersByTimeAsync(1_000 - (performance.now() - started));
    lane.push(spans(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(begun).toEqual([50, 250, 1_050]);
  });

  it('never waits longer than half a second', async () => {
    vi.useFakeTimers();
    const begun: number[] = [];
    const started = performance.now();
    const lane = createLane<Waiting>({
      gatherMs: 50,
      async commit() {
        begun.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      },
    });
    lane.push(spans(1));
    lane.push(spans(1));
    await vi.advanceTimersByTimeAsync(1_000);
    lane.push(spans(1));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(begun).toEqual([50, 3_550]);
  });
});
