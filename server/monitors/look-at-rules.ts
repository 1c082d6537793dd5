import { formatUsd, type MonitorDefinition } from '@wheelhouse/core/records';
import {
  type Baseline,
  type Expected,
  expectedOf,
  type Judgement,
  judgeBurnRate,
  judgeThreshold,
  judgeUnusual,
  type MeasuredWindow,
  monthSpend,
  unusualReachOf,
} from '@wheelhouse/core/watch';
import { doubtOf, type GroupMeasured, kindOf, learningScale, nameOf, showValue } from './measures.ts';

/** What one look found of one group, or of all as one. */
export type RuleFound = Judgement & {
  value: number | null;
  rows: number;
  /** What the window before says now that more of it has come. */
  earlier?: Judgement['found'] | undefined;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;

export const nothing = (sentence: string): Judgement => ({ found: 'nothing', sentence, expected: null });

export const fewSentence = (rows: number, least: number): string => {
  const measured = rows === 0 ? 'Nothing was' : rows === 1 ? 'Only 1 was' : `Only ${rows.toLocaleString('en')} were`;
  return `${measured} measured; ${least.toLocaleString('en')} are asked for.`;
};

type Definition = Pick<MonitorDefinition, 'measure' | 'rule' | 'leastRows'>;

/** A limit, on what was measured of the window. */
export function lookAtLimit({ measure, rule, leastRows }: Definition, total: GroupMeasured['total']): RuleFound {
  const { value, rows } = total;
  const isTotal = kindOf(measure) === 'total';
  if (value === null || (!isTotal && rows < leastRows))
    return { value, rows, ...nothing(fewSentence(rows, leastRows)) };
  if (rule.kind !== 'above' && rule.kind !== 'below') return { value, rows, ...nothing('') };
  const show = (one: number) => showValue(measure, one);
  return {
    value,
    rows,
    ...judgeThreshold(rule, { value, name: nameOf(measure), show, doubt: doubtOf(measure, total) }),
  };
}

/** A limit on what the month will have cost. */
export function lookAtMonth(definition: Definition, { windows, total }: GroupMeasured, nowMs: number): RuleFound {
  const days = windows.map(({ startMs, value }) => ({ startMs, usd: value ?? 0 }));
  const { spentUsd, dayUsd, expectedUsd } = monthSpend(days, nowMs);
  const found = lookAtLimit(definition, { value: expectedUsd, rows: total.rows });
  const usd = (dollars: number) => formatUsd(BigInt(Math.round(dollars * 1e9)));
  return { ...found, sentence: `${found.sentence} ${usd(spentUsd)} was spent so far; a day costs ${usd(dayUsd)}.` };
}

/** A service level, on windows of five minutes. */
export function lookAtBurnRate(
  { rule }: Definition,
  { windows }: GroupMeasured,
  { untilMs, minutes, groups }: { untilMs: number; minutes: readonly number[]; groups: number },
): RuleFound {
  const sums = minutes.map((one) => {
    const own = windows.filter(({ startMs }) => startMs >= untilMs - one * minuteMs);
    const all = own.reduce((rows, { rows: more }) => rows + more, 0);
    return { minutes: one, all, bad: Math.round(own.reduce((bad, { value, rows }) => bad + (value ?? 0) * rows, 0)) };
  });
  const hour = sums.find((one) => one.minutes === 60) ?? { all: 0, bad: 0 };
  const judged = rule.kind === 'burn_rate' ? judgeBurnRate(rule, sums, groups) : nothing('');
  return { value: hour.all === 0 ? null : hour.bad / hour.all, rows: hour.all, ...judged };
}

type Learned = { baseline: Baseline | null; groups: number };

function judgeLearned(
  { measure, rule, leastRows }: Definition,
  now: MeasuredWindow,
  { baseline, groups, recent }: Learned & { recent: readonly MeasuredWindow[] },
): Judgement {
  if (baseline === null) return nothing('What is usual is learned from two weeks, and not as much is there yet.');
  if (now.value === null || (kindOf(measure) !== 'total' && now.rows < leastRows))
    return nothing(fewSentence(now.rows, leastRows));
  const scale = learningScale(measure);
  const scaled = (one: MeasuredWindow) => ({ ...one, value: one.value === null ? null : one.value * scale });
  const reach = unusualReachOf(groups);
  const expected = expectedOf(baseline, scaled(now), { recent: recent.map(scaled), reach });
  if (expected === null || rule.kind !== 'unusual') return nothing('Nothing is known of this hour of the week.');
  const inUnit = ({ value, low, high, distance }: Expected): Expected => ({
    ...{ value: value / scale, low: low / scale, high: high / scale, distance },
  });
  return judgeUnusual(rule, {
    ...{ value: now.value, expected: inUnit(expected), name: nameOf(measure), groups, doubt: doubtOf(measure, now) },
    show: (one) => showValue(measure, one),
  });
}

/**
 * What is usual, on the last window; the one before it is judged again, since more of it may have come. While an alert is
 * open, a day without anything makes nothing usual: what stopped is told of until it goes on.
 * @param times where the last window begins, and how long one is
 */
export function lookAtUsual(
  definition: Definition,
  { windows }: Pick<GroupMeasured, 'windows'>,
  { fromMs, windowMs, isOpen, ...learned }: Learned & { fromMs: number; windowMs: number; isOpen: boolean },
): RuleFound {
  const silent = kindOf(definition.measure) === 'total' ? 0 : null;
  const at = (startMs: number): MeasuredWindow =>
    windows.find((one) => one.startMs === startMs) ?? { startMs, value: silent, rows: 0 };
  const judge = (window: MeasuredWindow) => {
    if (isOpen && silent === 0 && window.value === 0)
      return judgeLearned(definition, window, { ...learned, recent: [] });
    const recent = windows.filter(
      ({ startMs }) => startMs < window.startMs && startMs >= window.startMs - Math.max(dayMs, windowMs),
    );
    return judgeLearned(definition, window, { ...learned, recent });
  };
  const now = at(fromMs);
  const earlier = judge(at(fromMs - windowMs)).found;
  return { value: now.value, rows: now.rows, ...judge(now), earlier: earlier === 'nothing' ? undefined : earlier };
}
