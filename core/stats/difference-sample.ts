import type { Interval } from './interval.ts';
import { mcnemar } from './mcnemar.ts';
import { estimateMean, type MeanEstimate, waldEstimate } from './mean-interval.ts';
import { signFlipTest } from './sign-flip-test.ts';

/** One example: its scores on each side, one a repetition; at least one on each. */
export type ScoreRow = { a: readonly number[]; b: readonly number[] };

export type PairedOptions = {
  /** Whether scores lie in [0, 1], which lets fewer pairs be judged. */
  bounded: boolean;
  /** Fixes what is drawn: permutations, where there are too many to look at each. */
  seed: number;
  /** 0.95 unless given. */
  confidence?: number;
};

/** Where B lies as far as the pairs tell; `unclear` when they do not tell, `too_few` when they are too few to. */
export type Decision = 'higher' | 'lower' | 'unclear' | 'too_few';

/** Below six pairs no distribution-free paired test can reach 5 %: even six wins of six have p = 2 / 2⁶. */
export const minimumPairs = 6;

/** Below it, no interval we know of covers 94 % for the long tails that seconds and dollars have (log-normal, σ = 1). */
export const minimumUnbounded = 35;

/** The fewest rows that have an interval. */
export const minimumRows = ({ bounded }: { bounded: boolean }): number => (bounded ? minimumPairs : minimumUnbounded);

const sorted = (values: readonly number[]) => new Float64Array(values).sort();

export function sumOf(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** A sum of floating-point numbers depends on their order; this one does not. */
export const sortedMean = (values: readonly number[]): number =>
  values.length === 1 ? (values[0] as number) : sumOf(sorted(values)) / values.length;

/** A row is one cluster: what it says is the difference of its averages. */
export const rowDifference = (row: ScoreRow): number => sortedMean(row.b) - sortedMean(row.a);

/**
 * The sorted differences or their negatives, whichever come first in dictionary order: computed from these, nothing
 * depends on the order of the rows, and swapping A and B negates everything exactly.
 */
function canonical(values: readonly number[]): { differences: Float64Array; sign: 1 | -1 } {
  const differences = sorted(values);
  const last = differences.length - 1;
  for (let i = 0; i <= last; i++) {
    const [value, turned] = [differences[i] as number, 0 - (differences[last - i] as number)];
    if (value < turned) return { differences, sign: 1 };
    if (value > turned) return { differences: differences.map((d) => 0 - d).reverse(), sign: -1 };
  }
  return { differences, sign: 1 };
}

/** The same, said of the negatives. */
const turned = (estimate: MeanEstimate): MeanEstimate => ({
  method: estimate.method,
  interval: (confidence) => {
    const { low, high } = estimate.interval(confidence);
    return { low: 0 - high, high: 0 - low };
  },
  pBelow: (supposed) => estimate.pAbove(-supposed),
  pAbove: (supposed) => estimate.pBelow(-supposed),
});

const within = ({ low, high }: Interval, limit: number): Interval => ({
  low: Math.max(-limit, low),
  high: Math.min(limit, high),
});

const isRightOrWrong = (side: readonly number[]) => side.length === 1 && (side[0] === 0 || side[0] === 1);
const isBinary = (rows: readonly ScoreRow[]) => rows.every(({ a, b }) => isRightOrWrong(a) && isRightOrWrong(b));

/** What a comparison is computed from: `differences` are ascending, and those of B − A when turned by `sign`. */
export type Sample = { differences: Float64Array; sign: 1 | -1; wins: number; losses: number; isBinary: boolean };

export function sampleOf(rows: readonly ScoreRow[], bounded: boolean): Sample {
  const values = rows.map(rowDifference);
  let [wins, losses] = [0, 0];
  for (const d of values) {
    if (d > 0) wins++;
    if (d < 0) losses++;
  }
  return { ...canonical(values), wins, losses, isBinary: bounded && isBinary(rows) };
}

function estimateOf({ differences, sign, isBinary }: Sample, bounded: boolean): MeanEstimate {
  const estimate = isBinary ? waldEstimate(differences) : estimateMean(differences, { bounded });
  const signed = sign === 1 ? estimate : turned(estimate);
  const limit = bounded ? 1 : Infinity;
  return { ...signed, interval: (confidence) => within(signed.interval(confidence), limit) };
}

/** What the rows say of the mean of B − A, by the method that fits their kind and number; at least two rows. */
export const estimateDifference = (rows: readonly ScoreRow[], { bounded }: { bounded: boolean }): MeanEstimate =>
  estimateOf(sampleOf(rows, bounded), bounded);

/** The p of the interval's own test; for scores of 0 or 1 that and McNemar's mid-p, whichever is larger. */
function pOf(estimate: MeanEstimate, { isBinary, wins, losses }: Sample): number {
  const p = Math.min(1, 2 * Math.min(estimate.pBelow(0), estimate.pAbove(0)));
  return isBinary ? Math.max(p, mcnemar(wins, losses).midP) : p;
}

export type Judged = { interval: Interval | null; method: string; p: number | null; decision: Decision };

/** What can be said of a sample. */
export function judge(sample: Sample, { bounded, seed, confidence = 0.95 }: PairedOptions): Judged {
  const { differences, sign, wins, losses } = sample;
  const n = differences.length;
  const minimum = minimumRows({ bounded });
  const decide = (p: number) => {
    if (p > 1 - confidence + 1e-12) return 'unclear';
    return sign * sumOf(differences) > 0 ? 'higher' : 'lower';
  };
  if (n < minimumPairs) return { interval: null, method: `none below ${minimum} pairs`, p: null, decision: 'too_few' };
  // What is the same on every row has no tail that more rows could show.
  if (n < minimum && wins + losses > 0) {
    const p = signFlipTest([...differences], { seed });
    const said = decide(p);
    return { interval: null, method: 'permutation test', p, decision: said === 'unclear' ? 'too_few' : said };
  }
  const estimate = estimateOf(sample, bounded);
  const p = pOf(estimate, sample);
  return { interval: estimate.interval(confidence), method: estimate.method, p, decision: decide(p) };
}
