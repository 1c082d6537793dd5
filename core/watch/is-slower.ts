import { normalQuantile } from '../stats/index.ts';

/** What is known of the upper tail of some durations: `tail` has the quantiles from 0.80 to 0.99, in steps of 0.01. */
export type Slowness = { calls: number; tail: readonly bigint[] };

const level = 0.01;
const first = 0.8;
const step = 0.01;
const watched = 0.95;
/** Above what sketches, each right within 1 %, and a busy hour make of the same service. */
const leastRise = 1.1;

/** Where the bounds of the p95 lie among what was measured: ranks spread as a binomial does. */
const spreadOf = (calls: number, z: number) => z * Math.sqrt((watched * (1 - watched)) / calls);

/**
 * Whether the p95 now is clearly above the usual one: the lower bound of the one is a tenth or more above the upper bound
 * of the other. Bounds of quantiles from order statistics, which asks nothing of how durations are spread.
 * H. A. David, H. N. Nagaraja, Order Statistics (2003), 7.1.
 * @param looked how many are held against each other this way; each then gets its part of the chance of one in a hundred
 * @returns null when too little was measured to tell
 */
export function isSlower(now: Slowness, usual: Slowness, looked: number): boolean | null {
  const z = normalQuantile(1 - level / Math.max(1, looked));
  const lowRank = Math.floor((watched - spreadOf(now.calls, z) - first) / step + 1e-9);
  const highRank = Math.ceil((watched + spreadOf(usual.calls, z) - first) / step - 1e-9);
  const low = lowRank < 0 ? undefined : now.tail[lowRank];
  const high = usual.tail[highRank];
  return low === undefined || high === undefined ? null : Number(low) > leastRise * Number(high);
}
