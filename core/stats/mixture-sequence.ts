import type { Interval } from './interval.ts';

/** Fewer values estimate their own spread too badly for the limit to have begun. */
export const minimumSequence = 100;

/**
 * Half the width of Robbins' normal mixture at a total variance: crossed at any time with a chance of at most `risk`.
 * Howard, Ramdas, McAuliffe & Sekhon, Annals of Statistics 49 (2021) 1055–1080, eq. (14).
 */
const boundary = (variance: number, mixing: number, risk: number) =>
  Math.sqrt((variance + mixing) * Math.log((variance + mixing) / (mixing * risk * risk)));

/** What has to be kept of the values seen so far; `variance` is that of the values, divided by their count. */
export type RunningMean = { count: number; mean: number; variance: number };

/**
 * Interval of a mean that holds at all times at once: looked at after every value, and stopped when one likes, it is ever
 * wrong with a chance of at most `risk`. With a known scale (sub-Gaussian values) at every size; without one in the limit,
 * from 100 values on (200 for tails as long as a log-normal's of σ = 1): Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas,
 * Annals of Statistics 52 (2024) 2613–2640. It does not only narrow: its last word counts.
 * @param options.scale standard deviation of a normal that the values' tails stay below; null: estimated
 * @param options.tunedFor the number of values at which it is narrowest
 * @returns null below {@link minimumSequence} values of unknown scale
 */
export function mixtureInterval(
  seen: RunningMean,
  { risk, scale, tunedFor }: { risk: number; scale: number | null; tunedFor: number },
): Interval | null {
  const { count, mean } = seen;
  if (count === 0 || (scale === null && count < minimumSequence)) return null;
  const variance = scale === null ? seen.variance : scale * scale;
  const log = 2 * Math.log(1 / risk);
  const mixing = (variance * tunedFor) / (log + Math.log(1 + log));
  const reach = variance === 0 ? 0 : boundary(variance * count, mixing, risk) / count;
  return { low: mean - reach, high: mean + reach };
}
