import { logGamma } from '../incomplete-beta.ts';

/** Q(a, x): its series below, Lentz's continued fraction above (DLMF 8.7.1 and 8.9.2). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let result = d;
  for (let k = 1; k < 10_000; k++) {
    const step = -k * (k - a);
    b += 2;
    d = 1 / (step * d + b);
    c = b + step / c;
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front * result;
}

/** P(X > x) of the chi-square distribution with `df` ≥ 1 degrees of freedom. */
export const chiSquareTail = (x: number, df: number): number => upperGamma(df / 2, x / 2);

/** How often each of some values was seen in two samples, in the same order. */
export type TwoCounts = readonly { a: number; b: number }[];

export type ChiSquareTest = { statistic: number; df: number; p: number };

/** Below it the approximation by chi-square says too much (W. G. Cochran, Biometrics 10 (1954) 417–451). */
const leastExpected = 5;

/**
 * Pearson's test that both samples have the same shares. Values that are rare in both are counted together; what is still
 * rare then makes the test say nothing, as p = 1.
 */
export function chiSquareTest(counts: TwoCounts): ChiSquareTest {
  const total = { a: 0, b: 0 };
  for (const { a, b } of counts) {
    total.a += a;
    total.b += b;
  }
  const least = Math.min(total.a, total.b) / (total.a + total.b);
  const isRare = ({ a, b }: { a: number; b: number }) => (a + b) * least < leastExpected;
  const rest = { a: 0, b: 0 };
  for (const one of counts)
    if (isRare(one)) {
      rest.a += one.a;
      rest.b += one.b;
    }
  const cells = [...counts.filter((one) => !isRare(one)), ...(isRare(rest) ? [] : [rest])];
  const kept = { a: 0, b: 0 };
  for (const { a, b } of cells) {
    kept.a += a;
    kept.b += b;
  }
  if (cells.length < 2) return { statistic: 0, df: 0, p: 1 };
  const all = kept.a + kept.b;
  let statistic = 0;
  for (const { a, b } of cells) {
    const [wantedA, wantedB] = [((a + b) * kept.a) / all, ((a + b) * kept.b) / all];
    statistic += (a - wantedA) ** 2 / wantedA + (b - wantedB) ** 2 / wantedB;
  }
  const df = cells.length - 1;
  return { statistic, df, p: chiSquareTail(statistic, df) };
}
