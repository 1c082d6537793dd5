import { studentQuantile } from '@wheelhouse/core/stats';

/** What compiling changed on one row, under one seed. */
export type Gain = { seed: number; row: string; gain: number };

export type MeanGain = { mean: number; low: number; high: number; seeds: number; rows: number; pairs: number };

const sumsBy = (key: 'seed' | 'row', gains: readonly Gain[], mean: number) => {
  const sums = new Map<number | string, number>();
  for (const one of gains) sums.set(one[key], (sums.get(one[key]) ?? 0) + one.gain - mean);
  return [...sums.values()];
};
const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);

/**
 * Mean over seeds and rows with a 95 % interval for other seeds and other rows: rows of one seed share what was compiled, and
 * a row under several seeds is the same row (two-way clustering; Cameron, Gelbach and Miller 2011), with Student's t of one
 * degree of freedom less than there are seeds.
 * @param gains of two seeds or more; null with fewer
 */
export function meanGain(gains: readonly Gain[]): MeanGain | null {
  const mean = gains.reduce((sum, { gain }) => sum + gain, 0) / gains.length;
  const [bySeed, byRow] = [sumsBy('seed', gains, mean), sumsBy('row', gains, mean)];
  const seeds = bySeed.length;
  if (seeds < 2) return null;
  const ofSeeds = (squares(bySeed) * seeds) / (seeds - 1);
  const ofRows = (squares(byRow) * byRow.length) / Math.max(1, byRow.length - 1);
  const ofPairs = squares(gains.map(({ gain }) => gain - mean));
  // Neither source of chance can make the other smaller.
  const variance = Math.max(ofSeeds + ofRows - ofPairs, ofSeeds, ofRows) / gains.length ** 2;
  const margin = studentQuantile(0.975, seeds - 1) * Math.sqrt(variance);
  return { mean, low: mean - margin, high: mean + margin, seeds, rows: byRow.length, pairs: gains.length };
}
