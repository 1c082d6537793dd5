import { describe, expect, test } from 'vitest';
import type { RailReading, ReleaseObservation, ReleaseRail, TraceId } from '../../records/index.ts';
import { failedCalls } from './failures.ts';

const rails: ReleaseRail[] = [
  { kind: 'quality', name: 'good', score: 'good', low: 0, high: 1, effect: 0.05 },
  { kind: 'errors', name: 'errors', effect: 0.03 },
];
const score = (trace: string, value: number) => ({
  traceId: trace as TraceId,
  seen: { kind: 'score', arm: 'candidate', name: 'good', value } satisfies ReleaseObservation,
});
const call = (trace: string, failed: boolean) => ({
  traceId: trace as TraceId,
  seen: {
    ...{ kind: 'call', arm: 'candidate', latencyNs: 1n, costNanoUsd: null, failed, refused: false },
  } satisfies ReleaseObservation,
});
const reading = (name: string, state: RailReading['state'], mean: number): RailReading => ({
  ...{ name, kind: 'quality', state, unit: 'share', better: 'higher', difference: null, effect: 0.05 },
  ...{ incumbent: { count: 9, mean }, candidate: { count: 9, mean: 0 }, interval: { low: null, high: null } },
});
const judged = (...readings: RailReading[]) => ({
  rails,
  verdict: { verdict: 'roll_back' as const, sentence: '', rails: readings },
});

describe('calls that failed', () => {
  const answers = [
    ...[score('a', 0.7), score('b', 0.1), score('c', 0.9), call('a', false), call('d', true)],
    ...[call('c', false), score('e', Number.NaN)],
  ];

  test('are those that are worse than usual on the rail that broke, the worst first', () => {
    const release = judged(reading('good', 'broken', 0.8), reading('errors', 'held', 0));
    expect(failedCalls(release, answers, 10)).toEqual([
      { traceId: 'b', against: ['good'] },
      { traceId: 'a', against: ['good'] },
    ]);
    expect(failedCalls(release, answers, 1).map(({ traceId }) => traceId)).toEqual(['b']);
  });

  test('are those of every rail where somebody rolled back that broke none', () => {
    const open = judged(reading('good', 'open', 0.8), reading('errors', 'open', 0.01));
    expect(failedCalls(open, [...answers, call('b', true)], 10)).toEqual([
      { traceId: 'b', against: ['good', 'errors'] },
      { traceId: 'd', against: ['errors'] },
      { traceId: 'a', against: ['good'] },
    ]);
    // Nothing is known of what is usual: below the middle is.
    expect(failedCalls({ rails, verdict: null }, answers, 10).map(({ traceId }) => traceId)).toEqual(['d', 'b']);
  });
});
