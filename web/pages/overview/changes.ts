import { type Proportion, proportionDifference } from '@wheelhouse/core/stats';
import { count, plural } from '../../data/format.ts';

/** How a figure is beside the same one of the period before. */
export type Change = {
  arrow: '▲' | '▼' | '';
  /** As short as it can be: `12 %`, `3.1 points`, `new`. */
  text: string;
  /** The same for who hears it. */
  words: string;
  /** `none`: neither is better by itself, or nobody can tell. */
  tone: 'better' | 'worse' | 'none';
  /** What it rests on, where that is to be said. */
  note?: string;
  /** It says nothing about how the figure changed. */
  silent?: true;
};

/** With fewer in one of the periods a change says nothing; by what the figure needs. */
export const least = { any: 20, p50: 20, p90: 50, p99: 200 } as const;
/** A change of a quantile below this is what the same service does by itself. */
const noticeable = 0.1;

const arrowOf = (difference: number) => (difference > 0 ? '▲' : difference < 0 ? '▼' : '');
const wayOf = (difference: number) => (difference > 0 ? 'up' : 'down');
const percentText = (value: number) => (value < 0.0995 ? (value * 100).toFixed(1) : String(Math.round(value * 100)));
const pointsText = (value: number) => (Math.abs(value) * 100).toFixed(Math.abs(value) < 0.0995 ? 1 : 0);
const signed = (value: number) => `${value < 0 ? '−' : '+'}${pointsText(value)}`;

export const isNew: Change = { arrow: '', text: 'new', words: 'nothing before', tone: 'none' };
const same: Change = { arrow: '', text: 'same', words: 'the same as before', tone: 'none' };

type Judged = { now: number; before: number /** In words, for who asks what it was. */; was: string };

/** In percent of what it was. */
export function relativeChange({ now, before, was }: Judged, lowerIsBetter = false): Change {
  const difference = now - before;
  if (before === 0) return now === 0 ? same : { ...isNew, words: `it was ${was} before` };
  const share = Math.abs(difference / before);
  if (share < 0.0005) return same;
  const times = share >= 9.995 && difference > 0 ? `${Math.round(now / before)} ×` : `${percentText(share)} %`;
  const tone = !lowerIsBetter || share < noticeable ? 'none' : difference > 0 ? 'worse' : 'better';
  const judged = tone === 'none' ? '' : `, ${tone}`;
  const words = `${wayOf(difference)} ${times.replace('%', 'percent').replace('×', 'times')} from ${was}${judged}`;
  return { arrow: arrowOf(difference), text: times, words, tone };
}

/** Of a rate at which things fail, in points, with what the true difference may be. */
export function rateChange(now: Proportion, before: Proportion): Change {
  const difference = now.count / now.of - before.count / before.of;
  const { low, high } = proportionDifference(now, before, 0.95);
  const was = `${pointsText(before.count / before.of)} percent`;
  const interval = `95 %: ${signed(low)} to ${signed(high)}, n ${count(now.of)} and ${count(before.of)}`;
  if (low <= 0 && high >= 0)
    return {
      ...{ arrow: '', text: 'no clear difference', tone: 'none', note: interval },
      words: `no clear difference from ${was}`,
    };
  const tone = difference > 0 ? 'worse' : 'better';
  return {
    ...{ arrow: arrowOf(difference), text: `${pointsText(difference)} points`, tone, note: interval },
    words: `${wayOf(difference)} ${pointsText(difference)} points from ${was}, ${tone}`,
  };
}

/** Of a mean of unknown scale: as much as it is. */
export function absoluteChange({ now, before, was }: Judged, note: string): Change {
  const difference = now - before;
  if (Math.abs(difference) < 0.0005) return { ...same, note };
  const text = Math.abs(difference).toFixed(3);
  return {
    ...{ arrow: arrowOf(difference), text, tone: 'none', note },
    words: `${wayOf(difference)} ${text} from ${was}`,
  };
}

/** In place of a quantile that so few cannot tell. */
export const rankedOf = (needed: number): Change => ({
  ...{ arrow: '', text: `n < ${needed}`, tone: 'none', silent: true },
  words: `not compared: it takes ${needed} in each period`,
});

/** Why nothing is compared; null when there is enough. */
export function tooFew(now: number, before: number, thing: string): string | null {
  if (before === 0 || (now >= least.any && before >= least.any)) return null;
  return `Too few to compare: ${plural(now, thing)}, ${count(before)} before; it takes ${least.any} each.`;
}
