import type { ComparisonRowBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { changeOf, rowsToShow, yesNoScorers } from './row-change.ts';

const cell = (score: number | null) => ({
  scores: { s: score === null ? { ok: false, error: 'no' } : { ok: true, score, reason: null } },
});
const row = (exampleId: string, a: (number | null)[], b: (number | null)[]) =>
  ({ exampleId, a: a.map(cell), b: b.map(cell) }) as unknown as ComparisonRowBody;

describe('the rows of a comparison', () => {
  it('changed by the mean of their repetitions; a failure is no zero', () => {
    expect(changeOf(row('r', [1, 0], [1]), 's')).toBe(0.5);
    expect(changeOf(row('r', [1, null], [1]), 's')).toBe(0);
    expect(changeOf(row('r', [null], [1]), 's')).toBeNull();
  });

  it('are shown with the largest change first', () => {
    const rows = [row('same', [1], [1]), row('less', [1], [0.5]), row('least', [1], [0]), row('more', [0], [1])];
    expect(rowsToShow(rows, 's', 'regressions').map((one) => one.exampleId)).toEqual(['least', 'less']);
    expect(rowsToShow(rows, 's', 'improvements').map((one) => one.exampleId)).toEqual(['more']);
  });

  it('are called good and bad only by a scorer that says yes and no', () => {
    expect(yesNoScorers([row('r', [1], [0]), row('q', [null], [1])], ['s'])).toEqual(new Set(['s']));
    expect(yesNoScorers([row('r', [1], [0]), row('q', [0.5], [1])], ['s'])).toEqual(new Set());
  });
});
