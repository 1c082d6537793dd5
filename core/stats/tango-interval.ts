import { normalQuantile } from './normal-quantile.ts';
import type { Interval } from './paired-bootstrap.ts';

/** Tango's score statistic at a supposed difference; it falls as the difference grows. */
function score(wins: number, losses: number, pairs: number, difference: number): number {
  const linear = -wins - losses + (2 * pairs - wins + losses) * difference;
  const constant = -losses * difference * (1 - difference);
  const lossRate = (Math.sqrt(Math.max(0, linear * linear - 8 * pairs * constant)) - linear) / (4 * pairs);
  const variance = pairs * (2 * lossRate + difference * (1 - difference));
  const distance = wins - losses - pairs * difference;
  return variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity;
}

/** The largest difference that is still that likely to give so many wins. */
function upperBound(wins: number, losses: number, pairs: number, z: number): number {
  let low = (wins - losses) / pairs;
  let high = 1;
  if (low === 1) return 1;
  for (let i = 0; i < 60; i++) {
    const mid = (low + high) / 2;
    if (score(wins, losses, pairs, mid) > -z) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}

/**
 * Score interval for the difference of two paired proportions: keeps its coverage at small sizes, has a sensible
 * width when no pair differs, and stays within [−1, 1].
 * T. Tango, Statistics in Medicine 17 (1998) 891–908.
 * @param wins pairs with 0 on A and 1 on B
 * @param losses pairs with 1 on A and 0 on B
 */
export function tangoInterval(wins: number, losses: number, pairs: number, confidence: number): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  return { low: -upperBound(losses, wins, pairs, z), high: upperBound(wins, losses, pairs, z) };
}
