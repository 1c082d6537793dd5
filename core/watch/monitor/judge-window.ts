import type { MonitorRule } from '../../records/index.ts';
import { binomialTail, normalQuantile, normalTail } from '../../stats/index.ts';
import type { DriftFeature } from '../drift/sides.ts';
import type { Expected } from './baseline.ts';

/** What one window says to a rule. */
export type Judgement = {
  found: 'bad' | 'good' | 'nothing';
  /** Why, with its numbers. */
  sentence: string;
  expected: { value: number; low: number; high: number } | null;
};

/** How many usual spreads a window is out before it counts. */
const unusualReach = 4;
/** As likely as that a window is so far out, were it of a normal distribution. */
const unusualTail = 2 * normalTail(unusualReach);

/** The same for one of so many groups: so far that any of them is out as seldom as one alone would be. */
export const unusualReachOf = (groups: number): number =>
  groups <= 1 ? unusualReach : -normalQuantile(unusualTail / (2 * groups));
/** Such windows in a row before anybody is told: one hour may have a campaign in it. */
export const windowsBeforeAlert = { above: 1, below: 1, unusual: 2, burn_rate: 1, drift: 1, probe: 1 } as const;
/** Windows in a row that nothing is found in before an alert ends, or it would open again at once. */
export const windowsBeforeEnd = 2;

/** What was measured, in words: `show` says its numbers, `doubt` of how many they are and where the truth may lie. */
type Told = { value: number; name: string; show(value: number): string; doubt?: string };

/** A threshold. */
export function judgeThreshold(
  { kind, value: limit }: Extract<MonitorRule, { kind: 'above' | 'below' }>,
  { value, name, show, doubt = '' }: Told,
): Judgement {
  const isBad = kind === 'above' ? value > limit : value < limit;
  const is = isBad ? 'is' : 'was';
  const sentence = `${name} ${is} ${show(value)}${doubt}, ${isBad ? kind : `not ${kind}`} ${show(limit)}.`;
  return { found: isBad ? 'bad' : 'good', sentence, expected: null };
}

export function judgeUnusual(
  { direction }: Extract<MonitorRule, { kind: 'unusual' }>,
  { value, expected, name, show, doubt = '', groups = 1 }: Told & { expected: Expected; groups?: number },
): Judgement {
  const { distance, low, high } = expected;
  const at = distance ?? 0;
  const reach = unusualReachOf(groups);
  const isOut = direction === 'up' ? at > reach : direction === 'down' ? at < -reach : Math.abs(at) > reach;
  const usual = `usual at this hour and weekday is ${show(expected.value)}, from ${show(low)} to ${show(high)}`;
  return {
    found: isOut ? 'bad' : 'good',
    sentence: `${name} ${isOut ? 'is' : 'was'} ${show(value)}${doubt}; ${usual}.`,
    expected: { value: expected.value, low, high },
  };
}

/** Bad ones and all of them, in a time up to now. */
export type BurnWindow = { minutes: number; bad: number; all: number };

/**
 * The pairs of windows of Google's Site Reliability Workbook (2018), chapter 5, table 5-8: how fast the budget of 30 days may
 * burn. The short window ends an alert soon after it is over.
 */
export const burnPairs = [
  { long: 60, short: 5, rate: 14.4 },
  { long: 360, short: 30, rate: 6 },
  { long: 4320, short: 360, rate: 1 },
] as const;
const hoursText = (minutes: number) => (minutes < 60 ? `${minutes} min` : `${minutes / 60} h`);

/** As likely as that, bad ones are no news. */
const chance = 0.001;

/**
 * Whether a budget of bad ones burns too fast. Of few rows one bad one is a high rate already: so many have to be unlikely
 * while the level holds, too; of many groups as many times less.
 */
export function judgeBurnRate(
  { objective }: Extract<MonitorRule, { kind: 'burn_rate' }>,
  windows: readonly BurnWindow[],
  groups = 1,
): Judgement {
  const budget = 1 - objective;
  const at = (minutes: number) => windows.find((one) => one.minutes === minutes);
  const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
  for (const { long, short, rate } of burnPairs) {
    const [whole, last] = [at(long), at(short)];
    if (!whole || !last || whole.all === 0 || last.all === 0) continue;
    const burning = whole.bad / whole.all / budget;
    if (burning < rate || last.bad / last.all / budget < rate) continue;
    if (binomialTail({ count: whole.bad, of: whole.all }, budget) > chance / groups) continue;
    return {
      found: 'bad',
      sentence: `${percent(whole.bad / whole.all)} of ${whole.all.toLocaleString('en')} in the last ${hoursText(long)} are bad: the budget of ${percent(budget)} burns ${Number(burning.toPrecision(3))} times as fast as it may.`,
      expected: null,
    };
  }
  const last = at(burnPairs[0].long);
  if (!last || last.all === 0) return { found: 'nothing', sentence: 'Nothing came in the last hour.', expected: null };
  return {
    found: 'good',
    sentence: `${percent(last.bad / last.all)} of ${last.all.toLocaleString('en')} in the last hour were bad; the budget is ${percent(budget)}.`,
    expected: null,
  };
}

/** What drifted, the clearest first. */
export function judgeDrift(features: readonly DriftFeature[]): Judgement {
  if (features.length === 0)
    return { found: 'nothing', sentence: 'No feature has enough rows on both sides.', expected: null };
  const drifted = features.filter((one) => one.drifted);
  const [first] = drifted;
  if (!first) {
    const sentence = `None of ${features.length} features changed beyond chance and far enough to be worth a look.`;
    return { found: 'good', sentence, expected: null };
  }
  const others = drifted.slice(1).map(({ name }) => name);
  const more = others.length === 0 ? '' : ` Also ${others.join(', ')}.`;
  return { found: 'bad', sentence: `${first.sentence}${more}`, expected: null };
}
