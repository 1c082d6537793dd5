import {
  formatUsd,
  type RailReading,
  type ReleasePlan,
  type ReleaseRail,
  type ReleaseStep,
  type ReleaseVerdict,
  type ReleaseVerdictKind,
} from '../../records/index.ts';
import { armsInterval, type TwoArms } from '../../stats/index.ts';
import type { Evidence } from './evidence.ts';
import { railScale } from './rails.ts';

type Judged = Pick<ReleasePlan, 'rails' | 'minimum' | 'steps'> & Partial<Pick<ReleasePlan, 'shadow'>>;

function readRail(rail: ReleaseRail, arms: TwoArms, minimum: number): RailReading {
  const { from, per, ...words } = railScale(rail);
  const meanOf = ({ count, sum }: TwoArms['total']['a']) => ({
    count,
    mean: count === 0 ? null : from + per * (sum / count),
  });
  const [incumbent, candidate] = [meanOf(arms.total.a), meanOf(arms.total.b)];
  const { low, high } = armsInterval(arms);
  const state = () => {
    if (high <= 0) return 'broken' as const;
    if (Math.min(candidate.count, incumbent.count) < minimum) return 'too_few' as const;
    return low >= -rail.effect ? ('held' as const) : ('open' as const);
  };
  const [least, most] = [low === -1 ? null : per * low, high === 1 ? null : per * high];
  return {
    ...{ name: rail.name, kind: rail.kind, state: state(), ...words, incumbent, candidate },
    difference: candidate.mean === null || incumbent.mean === null ? null : candidate.mean - incumbent.mean,
    interval: per > 0 ? { low: least, high: most } : { low: most, high: least },
    effect: Math.abs(per) * rail.effect,
  };
}

/** The share that the candidate has after so many of its calls, users or sessions. */
export function shareAt(steps: readonly ReleaseStep[], seen: number): number {
  return steps.reduce((share, step) => (step.after <= seen ? step.share : share), steps[0]?.share ?? 0);
}

function written(value: number, { unit }: Pick<RailReading, 'unit'>): string {
  if (unit === 'nano_usd') return formatUsd(BigInt(Math.round(value)));
  return unit === 'share' ? `${(value * 100).toFixed(1)} %` : value.toFixed(2);
}
const amount = (value: number, rail: RailReading) =>
  rail.unit === 'share' ? `${(Math.abs(value) * 100).toFixed(1)} pp` : written(Math.abs(value), rail);
const named = (rails: readonly RailReading[]) => rails.map(({ name }) => name).join(', ');

function brokenSentence([worst, ...others]: readonly RailReading[]): string {
  if (worst === undefined) return '';
  const { name, incumbent, candidate, interval, better } = worst;
  const by = (better === 'higher' ? interval.high : interval.low) ?? 0;
  const beside = others.length === 0 ? '' : ` So are ${named(others)}.`;
  const means = [candidate.mean, incumbent.mean].map((mean) => written(mean ?? 0, worst));
  const least = by === 0 ? 'beyond chance' : `by ${amount(by, worst)} or more`;
  return `${name} is worse, ${least}: ${means.join(' against ')}.${beside}`;
}

/** Whether anything says how good answers are. */
export const watchesQuality = (rails: readonly ReleaseRail[]): boolean => rails.some(({ kind }) => kind === 'quality');

const isShadow = ({ shadow }: Judged) => (shadow ?? null) !== null;

function sentenceOf(verdict: ReleaseVerdictKind, rails: readonly RailReading[], plan: Judged): string {
  const { minimum, steps } = plan;
  const of = (state: RailReading['state']) => rails.filter((rail) => rail.state === state);
  if (rails.length === 0) return 'Nothing is watched, so nothing promotes it and nothing rolls it back.';
  if (verdict === 'roll_back') return brokenSentence(of('broken'));
  if (verdict === 'not_enough_data')
    return `Fewer than ${minimum} values: ${of('too_few')
      .map(({ name, candidate, incumbent }) => `${name} has ${candidate.count} against ${incumbent.count}`)
      .join(', ')}.`;
  if (verdict === 'promote') {
    const blind = watchesQuality(plan.rails)
      ? ''
      : ' No score is watched, so nothing says whether its answers are as good.';
    const next = isShadow(plan) ? ': it may go on to callers' : '';
    return `Nothing that is watched is worse by as much as matters${next}.${blind}`;
  }
  if (of('open').length === 0) return `Every rail holds; the share grows to ${(steps.at(-1)?.share ?? 0) * 100} %.`;
  return `Not settled yet: ${named(of('open'))}.`;
}

/**
 * What evidence says of a release. At whatever times one looks: `roll_back` of one that loses nothing on any rail comes
 * with a chance of `falseRollback` at most, `promote` of one that loses the `effect` of some rail with `missedRegression`
 * at most. Each user, session or request has to count once.
 */
export function judgeRelease(plan: Judged, { calls, rails: seen }: Evidence): ReleaseVerdict {
  const rails = plan.rails.flatMap((rail, i) => {
    const arms = seen[i];
    return arms ? [readRail(rail, arms, plan.minimum)] : [];
  });
  const any = (state: RailReading['state']) => rails.some((rail) => rail.state === state);
  const kind = (): ReleaseVerdictKind => {
    if (any('broken')) return 'roll_back';
    if (rails.length === 0 || any('too_few')) return 'not_enough_data';
    const isLast = isShadow(plan) || shareAt(plan.steps, calls.b) === plan.steps.at(-1)?.share;
    return any('open') || !isLast ? 'hold' : 'promote';
  };
  const verdict = kind();
  return { verdict, rails, sentence: sentenceOf(verdict, rails, plan) };
}
