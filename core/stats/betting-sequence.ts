import type { Interval } from './interval.ts';

/** A bet never stakes more than this part of what could be lost. */
const stake = 0.5;

type Bet = { x: number; size: number };

/**
 * Each value with the stake set before it was seen, by the mean and variance of those before: the predictable plug-in of
 * Waudby-Smith & Ramdas, eq. (26).
 */
function betsOf(values: readonly number[], { low, high, risk }: { low: number; high: number; risk: number }): Bet[] {
  let [sum, squares, variance] = [0.5, 0.25, 0.25];
  return values.map((value, i) => {
    const t = i + 1;
    const x = (value - low) / (high - low);
    const size = Math.sqrt((2 * Math.log(2 / risk)) / (variance * t * Math.log(t + 1)));
    sum += x;
    squares += (x - sum / (t + 1)) ** 2;
    variance = squares / (t + 1);
    return { x, size };
  });
}

/** Whether betting that the mean is above `m` ever made 2 / risk of 1. */
function isTooLow(bets: readonly Bet[], m: number, risk: number): boolean {
  const goal = Math.log(2 / risk);
  let wealth = 0;
  for (const { x, size } of bets) {
    wealth += Math.log1p(Math.min(size, stake / m) * (x - m));
    if (wealth >= goal) return true;
  }
  return false;
}

/** The largest mean that such bets refute, in [0, 1], to 1e-9. */
function lowerBound(bets: readonly Bet[], risk: number): number {
  let [refuted, open] = [0, 1];
  for (let i = 0; i < 32; i++) {
    const middle = (refuted + open) / 2;
    if (isTooLow(bets, middle, risk)) refuted = middle;
    else open = middle;
  }
  return refuted;
}

const mirrored = (bets: readonly Bet[]) => bets.map(({ x, size }) => ({ x: 1 - x, size }));

/**
 * Interval of a mean of bounded values that holds at all times at once: looked at after every value, and stopped when one
 * likes, it is ever wrong with a chance of at most `risk`, at any size and whatever the distribution. It only narrows.
 * I. Waudby-Smith & A. Ramdas, "Estimating means of bounded random variables by betting", J. R. Statist. Soc. B 86 (2024)
 * 1–27: the hedged capital process.
 * Where values drift, every mean may be refuted: then `low` is above `high`.
 * @param values in the order in which they came, each in [low, high]
 */
export function bettingInterval(
  values: readonly number[],
  range: { low: number; high: number; risk: number },
): Interval {
  const bets = betsOf(values, range);
  const scaled = (m: number) => range.low + (range.high - range.low) * m;
  return { low: scaled(lowerBound(bets, range.risk)), high: scaled(1 - lowerBound(mirrored(bets), range.risk)) };
}
