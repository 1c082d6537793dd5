import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReleaseObservation } from '../../records/index.ts';
import { type Arrival, lookFrom, memoryJson, memoryOf, newMemory, remember } from './memory.ts';

const plan = {
  rails: [{ kind: 'errors' as const, name: 'errors', effect: 0.03 }],
  risks: { falseRollback: 0.05, missedRegression: 0.05 },
};
const seen: ReleaseObservation = {
  ...{ kind: 'call', arm: 'candidate', latencyNs: 1n, costNanoUsd: null, failed: false, refused: false },
};
const counted = (memory: ReturnType<typeof newMemory>) => memory.evidence.calls.b;

/** Looks at what can be read at each time, and gives what was counted. */
function lookAtAll(rows: (Arrival & { shownMs: number })[], times: readonly number[]): number {
  let [memory, seenUntil] = [newMemory(plan), 0];
  for (const untilMs of times) {
    const fromMs = lookFrom(memory, seenUntil);
    const came = rows.filter(({ atMs, shownMs }) => shownMs <= untilMs && atMs > fromMs && atMs <= untilMs);
    memory = memoryOf(
      JSON.parse(JSON.stringify(memoryJson(remember(plan, memory, { came, seenUntilMs: seenUntil, untilMs }).memory))),
    );
    seenUntil = untilMs;
  }
  return counted(memory);
}

describe('what a look remembers', () => {
  test('lets each arrival count once, also where the store shows it up to a minute late', () => {
    const row = fc.record({ atMs: fc.integer({ min: 1, max: 200_000 }), lateMs: fc.integer({ min: 0, max: 50_000 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (made) => {
        const rows = made.map(({ atMs, lateMs }, i) => ({ key: String(i), atMs, shownMs: atMs + lateMs, seen }));
        const times = Array.from({ length: 60 }, (_, i) => (i + 1) * 5_000);
        expect(lookAtAll(rows, times)).toBe(rows.length);
      }),
      { numRuns: 20 },
    );
  });

  test('is bounded: where more came than is kept, nothing is counted twice', () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => ({ key: String(i), atMs: 1 + i, shownMs: 1 + i, seen }));
    expect(lookAtAll(rows, [1_000, 3_000, 5_000, 7_000, 20_000])).toBe(5_000);
    const { memory } = remember(plan, newMemory(plan), { came: rows, seenUntilMs: 0, untilMs: 5_000 });
    expect(memory.recent.seen).toHaveLength(2_000);
    expect(lookFrom(memory, 5_000)).toBe(3_000);
  });

  test('knows how many were new', () => {
    const came = [{ key: 'a', atMs: 5, seen }];
    const first = remember(plan, newMemory(plan), { came, seenUntilMs: 0, untilMs: 10 });
    expect(first.fresh).toBe(1);
    expect(remember(plan, first.memory, { came, seenUntilMs: 10, untilMs: 20 }).fresh).toBe(0);
  });
});
