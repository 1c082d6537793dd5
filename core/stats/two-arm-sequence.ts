import type { Interval } from './interval.ts';

/** A bet never stakes more than this part of what could be lost: where its size is planned, and where it is learnt. */
const stakes = { planned: 0.9, learnt: 0.75 };
/** Variance that blocks are taken to have before there are any, and the number of blocks that this counts as. */
const prior = { variance: 0.25, blocks: 4 };
const leastVariance = 1e-3;

export type ArmSum = { count: number; sum: number };
export type Arm = 'a' | 'b';

/** Logarithms of what 1 became, staked by the planned difference and by the one that was learnt; null: refuted. */
type Bet = { planned: number; learnt: number } | null;
/** `below`: against a difference of `at` or less; `above`: against one of `at` or more. */
type Mark = { at: number; below: Bet; above: Bet };

/** What has to be kept of two arms; plain JSON. */
export type TwoArms = {
  blocks: number;
  sum: number;
  squares: number;
  /** Values that wait until both arms have one. */
  open: Record<Arm, ArmSum>;
  total: Record<Arm, ArmSum>;
  marks: Mark[];
};

export type TwoArmOptions = {
  /** The difference, above 0, that bets are planned for. */
  effect: number;
  /** How often the lower, and the upper end may ever be wrong. */
  risk: Interval;
};

const nothing = (): ArmSum => ({ count: 0, sum: 0 });
const unstaked = (): Bet => ({ planned: 0, learnt: 0 });

/** @param marks differences in (−1, 1) that may be refuted: the ends of the interval are among them */
export const startTwoArms = (marks: readonly number[]): TwoArms => ({
  ...{ blocks: 0, sum: 0, squares: 0 },
  open: { a: nothing(), b: nothing() },
  total: { a: nothing(), b: nothing() },
  marks: marks.map((at) => ({ at, below: unstaked(), above: unstaked() })),
});

/** Whether both bets together, each begun with a half, came to so much; never more than the better one. */
function cameTo({ planned, learnt }: Exclude<Bet, null>, goal: number): boolean {
  const high = Math.max(planned, learnt);
  return high >= goal && high + Math.log((Math.exp(planned - high) + Math.exp(learnt - high)) / 2) >= goal;
}

type Block = { gain: number; expected: number; worst: number; variance: number; effect: number };

/** The stake that grows fastest where gains have this mean, up to the second order: Kelly's. */
const stakeFor = (mean: number, { variance, worst }: Block, most: number) =>
  Math.min(most / worst, Math.max(0, mean / (variance + mean * mean)));

function play(bet: Bet, block: Block, goal: number): Bet {
  if (bet === null) return null;
  const { gain, expected, effect } = block;
  const next = {
    planned: bet.planned + Math.log1p(stakeFor(effect, block, stakes.planned) * gain),
    learnt: bet.learnt + Math.log1p(stakeFor(expected, block, stakes.learnt) * gain),
  };
  return cameTo(next, goal) ? null : next;
}

function closeBlock(arms: TwoArms, { effect, risk }: TwoArmOptions): void {
  const { a, b } = arms.open;
  const x = b.sum / b.count - a.sum / a.count;
  // Stakes hang on blocks that are over alone.
  const of = arms.blocks + prior.blocks;
  const mean = arms.sum / of;
  const variance = Math.max(leastVariance, (arms.squares + prior.blocks * prior.variance) / of - mean * mean);
  const goals = { low: -Math.log(risk.low), high: -Math.log(risk.high) };
  for (const mark of arms.marks) {
    const { at } = mark;
    mark.below = play(mark.below, { gain: x - at, expected: mean - at, worst: 1 + at, variance, effect }, goals.low);
    mark.above = play(mark.above, { gain: at - x, expected: at - mean, worst: 1 - at, variance, effect }, goals.high);
  }
  arms.blocks++;
  arms.sum += x;
  arms.squares += x * x;
  arms.open = { a: nothing(), b: nothing() };
}

/**
 * Forgets values that wait for the other arm, so that the next block begins here: from where the arms of what comes are
 * chosen otherwise. When that is must not hang on the values that are forgotten.
 * @param arms is changed
 */
export function cutBlock(arms: TwoArms): void {
  arms.open = { a: nothing(), b: nothing() };
}

/** A copy that may be added to. */
export function copyOfArms({ open, total, marks, ...sums }: TwoArms): TwoArms {
  const both = ({ a, b }: Record<Arm, ArmSum>) => ({ a: { ...a }, b: { ...b } });
  return { ...sums, open: both(open), total: both(total), marks: marks.map((mark) => ({ ...mark })) };
}

/**
 * Difference of the means of two arms, b − a, by values in [0, 1] as they come, one or the other: what holds of it at all
 * times at once, looked at after every value, at any size and whatever the distributions. A block is what came until both
 * arms had a value; bets are on the difference of its two means, so that whatever changes for both arms with time does no
 * harm. A mark is refuted when bets against it, two halves of 1, ever make 1 / risk.
 * Bets: I. Waudby-Smith & A. Ramdas, "Estimating means of bounded random variables by betting", J. R. Statist. Soc. B 86
 * (2024) 1–27; that it may be stopped at any time: J. Ville (1939).
 * @param arms is changed
 */
export function addToArms(arms: TwoArms, { arm, value }: { arm: Arm; value: number }, options: TwoArmOptions): void {
  const { open, total } = arms;
  open[arm].count++;
  open[arm].sum += value;
  total[arm].count++;
  total[arm].sum += value;
  if (open.a.count > 0 && open.b.count > 0) closeBlock(arms, options);
}

/** Where the difference lies; an end at which nothing was refuted is −1 or 1. */
export function armsInterval({ marks }: TwoArms): Interval {
  const refuted = (side: 'below' | 'above') => marks.filter((mark) => mark[side] === null).map(({ at }) => at);
  return { low: Math.max(-1, ...refuted('below')), high: Math.min(1, ...refuted('above')) };
}
