import { uniformFrom } from '../uniform.ts';

export type ChangePoint = {
  /** How many values stand before the change. */
  at: number;
  /** How likely a change as clear as this one were in values whose order says nothing. */
  p: number;
};

/** Middle ranks, from 1, around their mean. */
function centredRanks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to++;
    for (let k = from; k <= to; k++) ranks[order[k] ?? 0] = (from + to) / 2 - (values.length - 1) / 2;
    from = to + 1;
  }
  return ranks;
}

/** The farthest that sums of ranks go from 0, and after how many values. */
function farthest(ranks: Float64Array): { reach: number; at: number } {
  let [sum, reach, at] = [0, 0, 0];
  for (let i = 0; i < ranks.length - 1; i++) {
    sum += ranks[i] ?? 0;
    if (Math.abs(sum) <= reach) continue;
    reach = Math.abs(sum);
    at = i + 1;
  }
  return { reach, at };
}

/**
 * Where values that came one after another changed, if they did: the statistic of A. N. Pettitt (Applied Statistics 28
 * (1979) 126–135), with its p-value from random orders in place of the approximation, which is loose where there are few.
 * @param values in their order
 * @returns null below two values
 */
export function changePoint(
  values: readonly number[],
  { seed, orders = 999 }: { seed: number; orders?: number },
): ChangePoint | null {
  if (values.length < 2) return null;
  const ranks = centredRanks(values);
  const { reach, at } = farthest(ranks);
  if (reach === 0) return { at: values.length, p: 1 };
  const uniform = uniformFrom(seed);
  let asClear = 1;
  for (let order = 0; order < orders; order++) {
    for (let i = ranks.length - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      const kept = ranks[i] ?? 0;
      ranks[i] = ranks[j] ?? 0;
      ranks[j] = kept;
    }
    // Sums of halves are exact, so that equal is equal.
    if (farthest(ranks).reach >= reach) asClear++;
  }
  return { at, p: asClear / (orders + 1) };
}
