import { incompleteBeta } from './incomplete-beta.ts';

/** P(T > t) for t ≥ 0. */
const upperTail = (t: number, df: number) => incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;

/**
 * Quantile of Student's t distribution, by bisection on its tail.
 * @param p in (0, 1)
 * @param df degrees of freedom, at least 1
 */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, df);
  let low = 0;
  let high = 1;
  while (upperTail(high, df) > 1 - p) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const mid = (low + high) / 2;
    if (upperTail(mid, df) > 1 - p) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
