import type { Interval } from './interval.ts';

type Bounded = Interval & { value: number };

/**
 * Interval of a − b for two independent estimates, from the interval of each, so that it leans where they lean; of two
 * proportions it is Newcombe's. The method of variance estimates recovery:
 * G. Y. Zou & A. Donner, Statistics in Medicine 27 (2008) 1693–1702.
 */
export function differenceBounds(a: Bounded, b: Bounded): Interval {
  const difference = a.value - b.value;
  return {
    low: difference - Math.hypot(a.value - a.low, b.high - b.value),
    high: difference + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
