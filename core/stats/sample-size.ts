import { normalQuantile } from './normal-quantile.ts';

/**
 * Pairs needed for a 95 % interval to leave zero out with 80 % probability, were the true difference `effect`.
 * @param spread standard deviation of the paired differences
 * @param effect not zero, in the same unit
 */
export function pairsToSettle(spread: number, effect: number): number {
  const z = normalQuantile(0.975) + normalQuantile(0.8);
  return Math.ceil(((z * spread) / effect) ** 2);
}
