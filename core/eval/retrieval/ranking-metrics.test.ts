import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RankingMetric, rankingMetrics } from './ranking-metrics.ts';

const names = Object.keys(rankingMetrics) as RankingMetric[];
type Row = { found: string[]; relevant: Record<string, number>; k: number | null; ndcg_exponential: number } & Record<
  RankingMetric,
  number
>;
const { rows } = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/scorers/retrieval.json', import.meta.url), 'utf8'),
) as { rows: Row[] };

describe('measures of a ranking', () => {
  test.each(names)('%s is ranx’s, at every depth', (name) => {
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows) {
      const ranking = { found: row.found, relevant: new Map(Object.entries(row.relevant)) };
      expect(rankingMetrics[name](ranking, row.k ?? Number.POSITIVE_INFINITY)).toBeCloseTo(row[name], 9);
    }
  });

  test('nDCG with exponential gain is that of Burges', () => {
    for (const { found, relevant, k, ndcg_exponential } of rows) {
      const ranking = { found, relevant: new Map(Object.entries(relevant)) };
      const depth = k ?? Number.POSITIVE_INFINITY;
      expect(rankingMetrics.ndcg(ranking, depth, 'exponential')).toBeCloseTo(ndcg_exponential, 9);
    }
  });

  const ids = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1 });

  test.each(names)('%s is from 0 to 1, and no better with something useless before the rest', (name) => {
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 9 }), (found, wanted, k) => {
        const relevant = new Map(wanted.map((id) => [id, 1]));
        const score = rankingMetrics[name]({ found, relevant }, k);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + 1e-12);
        expect(rankingMetrics[name]({ found: ['useless', ...found], relevant }, k)).toBeLessThanOrEqual(score + 1e-12);
      }),
    );
  });
});
