import { describe, expect, it } from 'vitest';
import { type Cell, changeOf, isWorse, saidOf, yesNoScorers } from './cells.ts';

const cell = (score: number | null, more: object = {}) =>
  ({
    error: null,
    latencyNs: '1000000000',
    costNanoUsd: null,
    scores: {
      s: score === null ? { ok: false, error: 'no' } : { ok: true, score, label: null, reason: null },
    },
    ...more,
  }) as unknown as Cell;
const failed = cell(null, { error: 'no answer', scores: {} });

describe('answers beside each other', () => {
  it('changed by the mean of their repetitions; a failure is no zero', () => {
    expect(changeOf([cell(1), cell(0)], [cell(1)], 's')).toBe(0.5);
    expect(changeOf([cell(1), cell(null)], [cell(1)], 's')).toBe(0);
    expect(changeOf([failed], [cell(1)], 's')).toBeNull();
    expect(changeOf([failed], [cell(1)], 'errors')).toBe(-1);
    expect(changeOf([cell(1)], [cell(1, { latencyNs: '3000000000' })], 'latency')).toBe(2);
  });

  it('got worse by more of what one wants less of', () => {
    expect([isWorse(1, 'latency'), isWorse(1, 's'), isWorse(-1, 'cost'), isWorse(-1, 's')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('are counted where a scorer says yes and no, and averaged where it does not', () => {
    expect(saidOf([cell(1), cell(0), cell(null)], 's', true)).toEqual({ kind: 'passes', passed: 1, of: 2 });
    expect(saidOf([cell(1), cell(0.5)], 's', false)).toEqual({ kind: 'mean', mean: 0.75 });
    expect(saidOf([cell(null)], 's', true)).toEqual({ kind: 'failed' });
    expect(saidOf([failed], 's', true)).toEqual({ kind: 'none' });
  });

  it('are called good and bad only by a scorer that says yes and no', () => {
    const row = (...cells: Cell[]) => ({ cells: { a: cells } });
    expect(yesNoScorers([row(cell(1), cell(0)), row(failed)], ['s'])).toEqual(new Set(['s']));
    expect(yesNoScorers([row(cell(1)), row(cell(0.5))], ['s'])).toEqual(new Set());
  });
});
