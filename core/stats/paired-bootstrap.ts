import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export type Interval = { low: number; high: number };

/** Absolute studentised means of resamples, sorted; a resample without spread counts as infinitely far. */
function studentised(centred: Float64Array, resamples: number, seed: number): Float64Array {
  const n = centred.length;
  const random = xoroshiro128plus(seed);
  const out = new Float64Array(resamples);
  const epsilon = 1e-24 * centred.reduce((sum, c) => sum + c * c, 0);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      // A 32-bit draw scaled to n is uniform to within n / 2^32.
      const c = centred[Math.floor(((random.next() >>> 0) / 4294967296) * n)] as number;
      sum += c;
      squares += c * c;
    }
    const spread = squares - (sum * sum) / n;
    out[r] = spread > epsilon ? Math.abs(sum) / Math.sqrt((spread * n) / (n - 1)) : Infinity;
  }
  return out.sort();
}

/**
 * Symmetric studentised bootstrap interval of the mean of paired differences, one per cluster.
 * Chosen over BCa and the equal-tailed bootstrap-t because its coverage error is of order n⁻² and it held up best in
 * our simulations from 6 rows on, heavy tails and many ties included.
 * P. Hall, "On symmetric bootstrap confidence intervals", J. R. Statist. Soc. B 50 (1988) 35–45.
 * @param differences B − A; at least two, not all equal
 */
export function pairedBootstrap(
  differences: readonly number[],
  options: { confidence: number; resamples: number; seed: number },
): Interval {
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const centred = Float64Array.from(differences, (value) => value - mean);
  const variance = centred.reduce((sum, c) => sum + c * c, 0) / (n - 1);
  const distances = studentised(centred, options.resamples, options.seed);
  const rank = Math.min(options.resamples - 1, Math.ceil(options.confidence * (options.resamples + 1)) - 1);
  const reach = (distances[rank] as number) * Math.sqrt(variance / n);
  return { low: mean - reach, high: mean + reach };
}
