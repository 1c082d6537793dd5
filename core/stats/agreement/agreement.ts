import type { Interval } from '../interval.ts';
import { studentQuantile } from '../student-quantile.ts';
import { wilsonInterval } from '../two-proportions.ts';

/**
 * How far raters agree beyond chance: 1 is always, 0 as often as chance would have it.
 * K. Krippendorff, *Content Analysis* (2004), section 11.4, rests conclusions on 0.8 and tentative ones on 0.667.
 */
export type Agreement = {
  /** Units that at least two raters judged. */
  units: number;
  /** null when one category is all that was ever said, which tells nothing of agreement. */
  value: number | null;
  /** null below {@link minimumUnits}. */
  interval: Interval | null;
  confidence: number;
  /** What the whole interval says: at least 0.8, at least 0.667, below that, none of them, or nothing. */
  verdict: 'reliable' | 'tentative' | 'unreliable' | 'unclear' | 'too_few';
};

/**
 * How much was disagreed and how much chance would, from what units add to some sums; `severe` is what a chance pair that
 * differs disagrees by.
 */
export type Disagreement = { observed: number; expected: number; severe: number };

/** What a unit adds to the sums: places and amounts. */
export type Contribution = readonly (readonly [place: number, amount: number])[];

const confidence = 0.95;

/** Below it the interval would cover less than it promises, and span most of what there is. */
export const minimumUnits = 30;

const reliable = 0.8;
const tentative = 2 / 3;

function verdictOf(interval: Interval | null): Agreement['verdict'] {
  if (interval === null) return 'too_few';
  if (interval.low >= reliable) return 'reliable';
  if (interval.low >= tentative) return 'tentative';
  return interval.high < tentative ? 'unreliable' : 'unclear';
}

/** The disagreement without each of the units, divided by what chance would give. */
function withoutEach(sums: Float64Array, units: readonly Contribution[], of: (sums: Float64Array) => Disagreement) {
  return units.map((unit) => {
    for (const [place, amount] of unit) sums[place] = (sums[place] ?? 0) - amount;
    const { observed, expected } = of(sums);
    for (const [place, amount] of unit) sums[place] = (sums[place] ?? 0) + amount;
    return expected > 0 ? observed / expected : 0;
  });
}

/** Bounds of the logarithm of the disagreement from how much it changes without each unit (J. W. Tukey's jackknife). */
function jackknifed(ratio: number, without: readonly number[]): Interval {
  const n = without.length;
  const logs = without.map((value) => Math.log(value));
  const mean = logs.reduce((sum, value) => sum + value, 0) / n;
  const variance = ((n - 1) / n) * logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const reach = studentQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance);
  return { low: ratio * Math.exp(-reach), high: ratio * Math.exp(reach) };
}

/**
 * Agreement from what each unit adds to the sums, with a 95 % interval over units. The interval is made for the logarithm of
 * disagreement ÷ chance disagreement by the jackknife: resampled units rarely show disagreements that are rare, and their
 * intervals cover far too little where agreement is high. With fewer than two units that disagree the jackknife has nothing to
 * go by either, and Wilson's interval of the share of such units takes its place.
 */
export function agreementOf(
  units: readonly Contribution[],
  places: number,
  of: (sums: Float64Array) => Disagreement,
): Agreement {
  const sums = new Float64Array(places);
  for (const unit of units) for (const [place, amount] of unit) sums[place] = (sums[place] ?? 0) + amount;
  const { observed, expected, severe } = of(sums);
  const n = units.length;
  const none = { units: n, interval: null, confidence, verdict: 'too_few' } as const;
  if (!(expected > 0)) return { ...none, value: null };
  const ratio = observed / expected;
  if (n < minimumUnits) return { ...none, value: 1 - ratio };
  const without = withoutEach(sums, units, of);
  const disagreeing = without.filter((value) => value < ratio * (1 - 1e-12)).length;
  let bounds: Interval;
  if (without.every((value) => value > ratio * 1e-9) && ratio > 1e-12) bounds = jackknifed(ratio, without);
  else {
    const share = wilsonInterval({ count: Math.min(1, disagreeing), of: n }, confidence);
    bounds = { low: (share.low * severe) / expected, high: (share.high * severe) / expected };
  }
  const interval = { low: Math.max(-1, 1 - bounds.high), high: 1 - bounds.low };
  return { units: n, value: 1 - ratio, interval, confidence, verdict: verdictOf(interval) };
}
