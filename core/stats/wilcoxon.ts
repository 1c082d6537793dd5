import { normalTail } from './normal-tail.ts';

/** Up to here the distribution of the rank sum is counted out; beyond, it is normal to all digits that matter. */
const exactUpTo = 200;

/** Twice the mid-ranks of absolute values, so that they are whole. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ size: Math.abs(value), i })).sort((x, y) => x.size - y.size);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && order[end + 1]?.size === order[start]?.size) end++;
    for (let k = start; k <= end; k++) ranks[order[k]?.i ?? 0] = start + end + 2;
    start = end + 1;
  }
  return ranks;
}

/** Probabilities of each rank sum when every sign is a fair coin. */
function distribution(ranks: readonly number[]): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  let chances = new Float64Array(total + 1);
  chances[0] = 1;
  for (const rank of ranks) {
    const next = new Float64Array(total + 1);
    for (let sum = 0; sum <= total; sum++) {
      const chance = (chances[sum] as number) / 2;
      if (chance === 0) continue;
      next[sum] = (next[sum] as number) + chance;
      next[sum + rank] = (next[sum + rank] as number) + chance;
    }
    chances = next;
  }
  return chances;
}

/**
 * Wilcoxon's signed-rank test that differences lie evenly about zero; zeros are left out, ties share their ranks. Exact given
 * the ranks, ties included, up to 200 differences; above, the normal approximation with its correction for ties.
 * F. Wilcoxon, Biometrics Bulletin 1 (1945) 80–83.
 * @returns the sum of the ranks of positive differences, and the two-sided p
 */
export function wilcoxon(differences: readonly number[]): { rankSum: number; p: number } {
  const values = differences.filter((d) => d !== 0);
  const ranks = doubledRanks(values);
  const seen = values.reduce((sum, value, i) => sum + (value > 0 ? (ranks[i] as number) : 0), 0);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const fewer = Math.min(seen, total - seen);
  if (values.length === 0) return { rankSum: 0, p: 1 };
  if (values.length > exactUpTo) {
    const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4;
    return { rankSum: seen / 2, p: Math.min(1, 2 * normalTail((total / 2 - fewer) / Math.sqrt(variance))) };
  }
  const chances = distribution(ranks);
  let tail = 0;
  for (let sum = 0; sum <= fewer; sum++) tail += chances[sum] as number;
  return { rankSum: seen / 2, p: Math.min(1, 2 * tail) };
}
