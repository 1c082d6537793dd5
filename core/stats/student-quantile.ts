import { incompleteBeta, logGamma } from './incomplete-beta.ts';
import { normalQuantile } from './normal-quantile.ts';

/** P(T > t) of Student's t distribution. */
export function studentTail(t: number, df: number): number {
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t < 0 ? 1 - tail : tail;
}

const density = (t: number, df: number) =>
  Math.exp(logGamma((df + 1) / 2) - logGamma(df / 2) - ((df + 1) / 2) * Math.log1p((t * t) / df)) /
  Math.sqrt(df * Math.PI);

/**
 * Quantile of Student's t distribution: Newton's method on its tail, within a bracket that halves where it would leave.
 * @param p in (0, 1)
 * @param df degrees of freedom, at least 1
 */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, df);
  let [low, high] = [0, Infinity];
  let t = normalQuantile(p);
  for (let i = 0; i < 200; i++) {
    const excess = studentTail(t, df) - (1 - p);
    if (excess > 0) low = t;
    else high = t;
    const next = t + excess / density(t, df);
    const inside = next > low && next < high;
    const halved = high === Infinity ? 2 * low : (low + high) / 2;
    const step = inside ? next : halved;
    if (Math.abs(step - t) <= 4e-16 * t) break;
    t = step;
  }
  return t;
}
