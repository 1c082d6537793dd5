import type { PairedResultBody } from '@wheelhouse/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideGate, parseGate } from './gate.ts';
import { UsageError } from './output/exit-codes.ts';

const result = (low: number | null, high: number | null): PairedResultBody => ({
  measure: 'exact',
  meanA: 0.5,
  meanB: 0.5,
  difference: 0,
  low,
  high,
  confidence: 0.95,
  method: 'test',
  wins: 0,
  losses: 0,
  ties: 0,
  failuresA: 0,
  failuresB: 0,
  pairs: 10,
  verdict: 'no_clear_difference',
  sentence: '',
});

describe('parseGate', () => {
  it('reads a margin in points, as a number, and its absence', () => {
    expect(parseGate('exact >= A - 1pp', ['exact'])).toEqual({
      text: 'exact >= A - 1pp',
      scorer: 'exact',
      margin: 0.01,
    });
    expect(parseGate('exact>=A-0.05', ['exact'])).toMatchObject({ margin: 0.05 });
    expect(parseGate('  exact ≥ A − 2.5 pp ', ['exact'])).toMatchObject({ margin: 0.025 });
    expect(parseGate('exact >= A', ['exact'])).toMatchObject({ margin: 0 });
  });

  it('refuses what it does not understand', () => {
    for (const text of [
      '',
      'exact',
      'exact > A',
      'exact >= B',
      'exact >= A + 1pp',
      'exact >= A - 5',
      'exact >= A - 101pp',
      'exact >= A - -1pp',
    ]) {
      expect(() => parseGate(text, ['exact']), text).toThrow(UsageError);
    }
  });

  it('refuses a scorer that is not measured', () => {
    expect(() => parseGate('levenshtein >= A', ['exact'])).toThrow(/levenshtein/);
  });
});

describe('decideGate', () => {
  const gate = parseGate('exact >= A - 1pp', ['exact']);

  it('holds at the margin, fails below it, and says when the interval contains it', () => {
    expect(decideGate(gate, [result(-0.01, 0.2)])).toBe('held');
    expect(decideGate(gate, [result(-0.3, -0.011)])).toBe('failed');
    expect(decideGate(gate, [result(-0.3, -0.01)])).toBe('inconclusive');
    expect(decideGate(gate, [result(-0.02, 0.02)])).toBe('inconclusive');
  });

  it('finds a scorer with options by its name, and one without first', () => {
    const withOptions = { ...result(-0.5, -0.2), measure: 'bleu {"tokenize":"char"}' };
    const plain = { ...result(0.1, 0.2), measure: 'bleu' };
    const labels = [withOptions.measure, plain.measure];
    const named = parseGate('bleu >= A', labels);
    expect(parseGate('bleu >= A', [withOptions.measure])).toEqual(named);
    expect(decideGate(named, [withOptions])).toBe('failed');
    expect(decideGate(named, [withOptions, plain])).toBe('held');
    expect(() => parseGate('ble >= A', labels)).toThrow(UsageError);
  });

  it('is inconclusive without an interval', () => {
    expect(decideGate(gate, [result(null, null)])).toBe('inconclusive');
    expect(decideGate(gate, [])).toBe('inconclusive');
  });

  it('never gets stricter when the margin grows', () => {
    const rank = { failed: 0, inconclusive: 1, held: 2 } as const;
    const share = fc.double({ min: -1, max: 1, noNaN: true });
    const margin = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, margin, margin, (x, y, m, n) => {
        const results = [result(Math.min(x, y), Math.max(x, y))];
        const narrow = decideGate({ ...gate, margin: Math.min(m, n) }, results);
        const wide = decideGate({ ...gate, margin: Math.max(m, n) }, results);
        expect(rank[wide]).toBeGreaterThanOrEqual(rank[narrow]);
      }),
    );
  });
});
