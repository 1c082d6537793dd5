import { formatDuration } from '@wheelhouse/core/records';
import type { AlertBody, GatewayUsageBody, MonitorBody, ResponseBody } from '@wheelhouse/sdk';
import { count, dollars, plural, usd } from './format.ts';
import { roughTime } from './rough-time.ts';

type Measure = MonitorBody['measure'];
type Rule = MonitorBody['rule'];

export const monitorStates = {
  waiting: { tone: 'mute', glyph: '…', text: 'not looked at yet' },
  ok: { tone: 'good', glyph: '✓', text: 'ok' },
  alert: { tone: 'bad', glyph: '✕', text: 'alert' },
  no_data: { tone: 'warn', glyph: '?', text: 'no data' },
} as const;

/** What is measured, as a name. */
export function measureName(measure: Measure): string {
  switch (measure.kind) {
    case 'traces':
      return 'number of traces';
    case 'cost':
      return 'cost';
    case 'error_rate':
      return 'failing share';
    case 'share':
      return `share of ${measure.q}`;
    case 'latency':
      return `latency, ${measure.quantile}`;
    case 'first_token':
      return `first token, ${measure.quantile}`;
    case 'input_tokens':
      return 'input tokens of a trace';
    case 'output_tokens':
      return 'output tokens of a trace';
    case 'score':
      return `score ${measure.name}`;
    case 'month_spend':
      return 'cost of this month at its end';
    case 'budget':
      return 'share of the budget';
  }
}

/** A value in the unit of what is measured. */
export function measureValue({ kind }: Pick<Measure, 'kind'>, value: number): string {
  if (kind === 'cost' || kind === 'month_spend') return dollars(value);
  if (kind === 'error_rate' || kind === 'share' || kind === 'budget')
    return `${Number((value * 100).toPrecision(3))} %`;
  if (kind === 'latency' || kind === 'first_token') return formatDuration(BigInt(Math.round(value * 1e6)));
  if (kind === 'score') return String(Number(value.toPrecision(3)));
  return count(Number(value.toPrecision(4)));
}

/** `15 min`, `3 h`, `a day`. */
export function windowText(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} h`;
  return minutes === 1 ? 'a minute' : `${minutes} min`;
}

const directions = { up: 'above what is usual', down: 'below what is usual', both: 'not what is usual' } as const;

/** When it is worth a message. */
function ruleText(rule: Rule, measure: Measure): string {
  switch (rule.kind) {
    case 'above':
    case 'below':
      return `${rule.kind} ${measureValue(measure, rule.value)}`;
    case 'unusual':
      return directions[rule.direction ?? 'both'];
    case 'burn_rate':
      return `service level ${Number((rule.objective * 100).toPrecision(5))} % over 30 days`;
    case 'drift':
      return `drift against ${rule.against?.kind === 'filter' ? rule.against.q : 'the week before'}${rule.embed == null ? '' : `, by meaning with ${rule.embed}`}`;
    case 'probe':
      return `${rule.model} asked ${plural(rule.prompts.length, 'prompt')}, held against itself`;
  }
}

/** What is watched, in a line. */
export function watchText(
  monitor: Pick<MonitorBody, 'rule' | 'measure' | 'windowMinutes'> & { by?: MonitorBody['by'] },
): string {
  const { rule, measure, windowMinutes, by } = monitor;
  const [said, window] = [ruleText(rule, measure), windowText(windowMinutes)];
  if (rule.kind === 'drift') return `everything that traces tell, ${said}, by ${window}`;
  if (rule.kind === 'probe') return `${said}, once in ${window}`;
  const each = by == null ? '' : `, by ${by}`;
  if (measure.kind === 'month_spend' || measure.kind === 'budget') return `${measureName(measure)}${each}, ${said}`;
  return `${measureName(measure)} of ${window}${each}, ${said}`;
}

/** What a look measured: a value of the measure; of drift how many features, of a probe how alike answers are. */
export function lookValue({ rule, measure }: Pick<MonitorBody, 'rule' | 'measure'>, value: number): string {
  if (rule.kind === 'drift') return plural(value, 'feature');
  return rule.kind === 'probe' ? `${Number((value * 100).toPrecision(3))} % alike` : measureValue(measure, value);
}

/** What a monitor that asks models costs, in a sentence. */
export function costText({ calls, looksPerDay, lookNanoUsd, monthNanoUsd }: ResponseBody<'estimateMonitor'>): string {
  const often = looksPerDay === 1 ? 'once a day' : `${Number(looksPerDay.toPrecision(3))} times a day`;
  const asked = `It asks for ${plural(calls, 'call')} ${often}`;
  if (lookNanoUsd === null) return `${asked}; what that costs is not known, since its price is not set.`;
  return `${asked}: about ${usd(lookNanoUsd)} each, ${usd(monthNanoUsd)} a month.`;
}

const scopes = {
  project: 'the project',
  team: 'a team',
  person: 'a person',
  key: 'a key',
  user: 'an end user',
} as const;

/** A budget by whose it is, how much, and for how long. */
export const budgetName = ({ scope, subject, period, amountNanoUsd }: GatewayUsageBody['budgets'][number]): string => {
  const whose =
    scope === 'project'
      ? scopes.project
      : subject === '*'
        ? `each ${scopes[scope].replace(/^an? /, '')}`
        : `${scope} ${subject}`;
  return `${whose}: ${usd(amountNanoUsd)} ${period === 'total' ? 'in all' : `a ${period}`}`;
};

/** How long an alert went on, or goes on. */
export const alertTime = ({ openedAt, closedAt }: Pick<AlertBody, 'openedAt' | 'closedAt'>, nowMs: number): string =>
  roughTime(Math.max(0, (closedAt === null ? nowMs : Date.parse(closedAt)) - Date.parse(openedAt)));
