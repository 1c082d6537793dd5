/** What was found, best first, and how relevant each thing is: above 0 is relevant. Both without repetitions. */
export type Ranking = { found: readonly string[]; relevant: ReadonlyMap<string, number> };

const isRelevant = ({ relevant }: Ranking, id: string) => (relevant.get(id) ?? 0) > 0;
const relevantCount = ({ relevant }: Ranking) => [...relevant.values()].filter((grade) => grade > 0).length;
const top = ({ found }: Ranking, k: number) => found.slice(0, k);
const hits = (ranking: Ranking, k: number) => top(ranking, k).filter((id) => isRelevant(ranking, id)).length;
const discount = (rank: number) => 1 / Math.log2(rank + 1);
const gainSum = (grades: readonly number[], gain: (grade: number) => number) =>
  grades.reduce((sum, grade, i) => sum + gain(grade) * discount(i + 1), 0);

/**
 * Measures of one ranking, as `trec_eval` defines them (Buckley & Voorhees 2005; nDCG: Järvelin & Kekäläinen 2002), each
 * from 0 to 1 over the first `k` places. Something has to be relevant.
 */
export const rankingMetrics = {
  /** Relevant ones ÷ places: places that are empty count, unless `k` is left out. */
  precision: (ranking: Ranking, k: number) => {
    const places = Number.isFinite(k) ? k : ranking.found.length;
    return places === 0 ? 0 : hits(ranking, k) / places;
  },
  recall: (ranking: Ranking, k: number) => hits(ranking, k) / relevantCount(ranking),
  hit: (ranking: Ranking, k: number) => (hits(ranking, k) > 0 ? 1 : 0),
  /** 1 ÷ place of the first relevant one. */
  mrr: (ranking: Ranking, k: number) => {
    const at = top(ranking, k).findIndex((id) => isRelevant(ranking, id));
    return at < 0 ? 0 : 1 / (at + 1);
  },
  /** Average precision: of a dataset, its mean is MAP. */
  map: (ranking: Ranking, k: number) => {
    let seen = 0;
    const sum = top(ranking, k).reduce(
      (total, id, i) => (isRelevant(ranking, id) ? total + ++seen / (i + 1) : total),
      0,
    );
    return sum / relevantCount(ranking);
  },
  ndcg: (ranking: Ranking, k: number, gain: 'linear' | 'exponential' = 'linear') => {
    const gainOf = (grade: number) => (grade <= 0 ? 0 : gain === 'linear' ? grade : 2 ** grade - 1);
    const ideal = [...ranking.relevant.values()].sort((a, b) => b - a).slice(0, k);
    const grades = top(ranking, k).map((id) => ranking.relevant.get(id) ?? 0);
    return gainSum(grades, gainOf) / gainSum(ideal, gainOf);
  },
};

export type RankingMetric = keyof typeof rankingMetrics;
