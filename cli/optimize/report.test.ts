import type { Optimized } from '@wheelhouse/sdk/program';
import { describe, expect, it } from 'vitest';
import { plainStyle } from '../output/style.ts';
import { optimizationReport } from './report.ts';

const spent = { calls: 10, costNanoUsd: 0n, tokens: { input: 90, output: 10 }, minutes: 0 };
const side = { id: 'a', rows: 10, failures: 0, spent };
const changes = [
  {
    path: 'sort',
    member: 'instructions',
    before: 'Sort it.\nBe kind.',
    after: 'Sort it.\nIf asked about a parcel, say shipping.',
  },
  { path: 'sort', member: 'demos', before: [], after: [{ values: { a: 1 }, augmented: true }, { values: { a: 2 } }] },
];
const reportOf = (verdict: 'gain' | 'no_gain') =>
  optimizationReport(
    {
      optimized: {
        changes,
        report: {
          ...{ verdict, sentence: 'So it is.', before: side, after: side, comparison: null, candidates: [{}, {}] },
          rows: { train: 5, validation: 0, heldOut: 10, compared: 10, overlapping: 0 },
          spent: { search: spent, comparison: spent, total: spent },
          failures: { answer: 0, call: 0, metric: 0, first: null },
        },
      } as unknown as Optimized,
      next: 'on',
    },
    plainStyle,
  );

describe('the report of an optimization', () => {
  it('says what went and what came, line by line', () => {
    expect(reportOf('gain')).toBe(`  ✓ So it is.

  sort instructions
    − Be kind.
    + If asked about a parcel, say shipping.
  sort demos
    0 → 2 examples, 1 of them made by runs

  tried 2 candidates  10 calls  $0  (10 calls for the comparison)

  next  on
`);
  });

  it('says of what is not known to be better that it is not taken over', () => {
    expect(reportOf('no_gain')).toContain('  the best that was tried, which is not taken over\n  sort instructions\n');
  });
});
