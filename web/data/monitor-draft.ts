import type { MonitorBody, RequestBody } from '@wheelhouse/sdk';

type Body = RequestBody<'setMonitor'>;
type Measure = MonitorBody['measure'];
export type MeasureKind = Measure['kind'];
export type RuleKind = MonitorBody['rule']['kind'];
type Quantile = 'p50' | 'p90' | 'p99';
type Grouping = NonNullable<MonitorBody['by']>;

/** What a monitor can look at group by group. */
export const groupings: readonly Grouping[] = [
  ...(['model', 'user', 'name', 'provider', 'tool', 'service', 'environment', 'release', 'tag'] as const),
];

/** Of names of monitors and channels. */
export const namePattern = '[a-z0-9]([a-z0-9._\\-]{0,98}[a-z0-9])?';

/** What a limit of a measure is said in. */
const units: Record<MeasureKind, { unit: string; per: number }> = {
  ...{ traces: { unit: 'traces', per: 1 }, cost: { unit: 'dollars', per: 1 }, error_rate: { unit: '%', per: 0.01 } },
  ...{ share: { unit: '%', per: 0.01 }, latency: { unit: 's', per: 1000 }, first_token: { unit: 's', per: 1000 } },
  ...{ input_tokens: { unit: 'tokens', per: 1 }, output_tokens: { unit: 'tokens', per: 1 } },
  ...{ score: { unit: '', per: 1 }, month_spend: { unit: 'dollars', per: 1 }, budget: { unit: '%', per: 0.01 } },
};
export const unitOfLimit = (kind: MeasureKind): string => units[kind].unit;

/** Minutes; those that learn what is usual take the longer ones. */
const windows = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440] as const;
const leastWindow: Partial<Record<RuleKind, number>> = { unusual: 30, drift: 30, probe: 60 };
export const windowsOf = (rule: RuleKind): readonly number[] =>
  windows.filter((minutes) => minutes >= (leastWindow[rule] ?? 0));
/** What a rule is looked at by, where nothing else is said. */
export const usualWindow = (rule: RuleKind): string =>
  (({ drift: '1440', probe: '360' }) as Record<string, string>)[rule] ?? '60';

/** A monitor as its form has it; what is not said is empty. */
export type MonitorDraft = {
  name: string;
  q: string;
  measure: MeasureKind;
  quantile: Quantile;
  /** Of the measure `share`. */
  shareQ: string;
  /** Of the measure `score`. */
  score: string;
  /** Of the measure `budget`: its id. */
  budget: string;
  /** Empty: all as one. */
  by: Grouping | '';
  rule: RuleKind;
  /** In the unit of the measure. */
  limit: string;
  direction: 'up' | 'down' | 'both';
  /** In per cent. */
  objective: string;
  against: 'week_before' | 'filter';
  againstQ: string;
  /** Of the rule `drift`: an embedding model, or empty. */
  embed: string;
  /** Of what asks models: dollars a day. */
  budgetUsd: string;
  /** Of the rule `probe`: who is asked. */
  model: string;
  /** Of it: what is asked, one in a line; a line of a prompt is written `\\n`. */
  prompts: string;
  /** Of it: as the API was told; the form has no field for it. */
  temperature: number | null;
  windowMinutes: string;
  leastRows: string;
  alertOnNoData: boolean;
  channels: string[];
};

export const newMonitorDraft: MonitorDraft = {
  ...{ name: '', q: '', measure: 'error_rate', quantile: 'p90', shareQ: '', score: '', rule: 'unusual', limit: '' },
  ...{ budget: '', by: '', embed: '', budgetUsd: '1' },
  ...{ direction: 'both', objective: '99.5', against: 'week_before', againstQ: '' },
  ...{ model: '', prompts: '', temperature: null, windowMinutes: '60' },
  ...{ leastRows: '20', alertOnNoData: false, channels: [] },
};

/** Lines of a prompt stand in one, so that each line of the form is a prompt. */
const asLine = (prompt: string) => prompt.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const ofLine = (line: string) => line.replace(/\\(\\|n)/g, (_, mark) => (mark === 'n' ? '\n' : '\\'));
const promptsOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(ofLine);

const shown = (value: number): string => String(Number(value.toPrecision(12)));

/** One that is there, to be changed. */
export function draftOf(monitor: MonitorBody): MonitorDraft {
  const { name, q, measure, by, rule, windowMinutes, leastRows, alertOnNoData, channels } = monitor;
  return {
    ...{ ...newMonitorDraft, name, q, measure: measure.kind, rule: rule.kind, alertOnNoData, channels },
    ...{ windowMinutes: String(windowMinutes), leastRows: String(leastRows) },
    ...('quantile' in measure ? { quantile: measure.quantile } : {}),
    ...(measure.kind === 'share' ? { shareQ: measure.q } : {}),
    ...(measure.kind === 'score' ? { score: measure.name } : {}),
    ...(measure.kind === 'budget' ? { budget: measure.budget } : {}),
    by: by ?? '',
    ...('value' in rule ? { limit: shown(rule.value / units[measure.kind].per) } : {}),
    ...(rule.kind === 'unusual' ? { direction: rule.direction } : {}),
    ...(rule.kind === 'burn_rate' ? { objective: shown(rule.objective * 100) } : {}),
    ...(rule.kind === 'probe'
      ? { model: rule.model, prompts: rule.prompts.map(asLine).join('\n'), temperature: rule.temperature }
      : {}),
    ...('budgetUsd' in rule ? { budgetUsd: shown(rule.budgetUsd) } : {}),
    ...(rule.kind === 'drift' ? { embed: rule.embed ?? '' } : {}),
    ...(rule.kind === 'drift' && rule.against.kind === 'filter'
      ? { against: 'filter' as const, againstQ: rule.against.q }
      : {}),
  };
}

/** null while something is missing. */
function measureOf({ measure, quantile, shareQ, score, budget }: MonitorDraft): Body['measure'] | null {
  switch (measure) {
    case 'share':
      return shareQ.trim() === '' ? null : { kind: measure, q: shareQ.trim() };
    case 'score':
      return score.trim() === '' ? null : { kind: measure, name: score.trim() };
    case 'budget':
      return budget === '' ? null : { kind: measure, budget };
    case 'latency':
    case 'first_token':
      return { kind: measure, quantile };
    default:
      return { kind: measure };
  }
}

/** Dollars a day; null where that is none. */
function usdOf({ budgetUsd }: MonitorDraft): number | null {
  const usd = Number(budgetUsd);
  return budgetUsd.trim() !== '' && usd > 0 && usd <= 1000 ? usd : null;
}

function ruleOf(draft: MonitorDraft): Body['rule'] | null {
  const { rule, limit, direction, objective, against, againstQ, measure } = draft;
  switch (rule) {
    case 'above':
    case 'below':
      if (limit.trim() === '' || !Number.isFinite(Number(limit))) return null;
      return { kind: rule, value: Number((Number(limit) * units[measure].per).toPrecision(12)) };
    case 'unusual':
      return { kind: rule, direction };
    case 'burn_rate': {
      const share = Number(objective) / 100;
      return share >= 0.5 && share <= 0.9999 ? { kind: rule, objective: Number(share.toPrecision(12)) } : null;
    }
    case 'drift': {
      const embed = draft.embed.trim();
      const budgetUsd = usdOf(draft);
      if (embed !== '' && budgetUsd === null) return null;
      const paid = embed === '' || budgetUsd === null ? {} : { embed, budgetUsd };
      if (against === 'week_before') return { kind: rule, against: { kind: against }, ...paid };
      return againstQ.trim() === '' ? null : { kind: rule, against: { kind: against, q: againstQ.trim() }, ...paid };
    }
    case 'probe': {
      const prompts = promptsOf(draft.prompts);
      const { model, temperature } = draft;
      const budgetUsd = usdOf(draft);
      if (model === '' || prompts.length === 0 || budgetUsd === null) return null;
      return { kind: rule, model, prompts, budgetUsd, ...(temperature === null ? {} : { temperature }) };
    }
  }
}

/** What rules go with a measure: a service level counts what is bad. */
export function rulesOf(measure: MeasureKind): readonly RuleKind[] {
  if (measure === 'month_spend' || measure === 'budget') return ['above', 'below', 'drift', 'probe'];
  return measure === 'error_rate' || measure === 'share'
    ? ['unusual', 'above', 'below', 'burn_rate', 'drift', 'probe']
    : ['unusual', 'above', 'below', 'drift', 'probe'];
}

/** Whether what a draft watches has groups. */
export const hasGroups = ({ rule, measure }: Pick<MonitorDraft, 'rule' | 'measure'>): boolean =>
  !measuresItself(rule) && measure !== 'budget';
/** Whether it says itself of what time it is, so that it has no window. */
export const hasOwnTime = ({ rule, measure }: Pick<MonitorDraft, 'rule' | 'measure'>): boolean =>
  rule === 'burn_rate' || (!measuresItself(rule) && (measure === 'month_spend' || measure === 'budget'));
/** Whether what it measures is a series over time. */
export const hasChart = ({ rule, measure }: Pick<MonitorBody, 'rule' | 'measure'>): boolean =>
  !measuresItself(rule.kind) && measure.kind !== 'month_spend' && measure.kind !== 'budget';
/** Whether it asks models, which costs. */
export const asksModels = ({ rule, embed }: Pick<MonitorDraft, 'rule' | 'embed'>): boolean =>
  rule === 'probe' || (rule === 'drift' && embed.trim() !== '');

/** Whether what is measured is the rule's own to say. */
export const measuresItself = (rule: RuleKind): boolean => rule === 'drift' || rule === 'probe';

/** What sets it; null while something that it takes is missing. */
export function monitorBody(draft: MonitorDraft): Body | null {
  const measure = measuresItself(draft.rule) ? ({ kind: 'traces' } as const) : measureOf(draft);
  const rule = ruleOf(draft);
  const leastRows = Number(draft.leastRows);
  if (measure === null || rule === null || !Number.isInteger(leastRows) || leastRows < 1) return null;
  const minutes = Number(draft.windowMinutes);
  const windowMinutes = windows.find((one) => one === minutes && windowsOf(draft.rule).includes(one)) ?? 60;
  const q = draft.rule === 'probe' || measure?.kind === 'budget' ? '' : draft.q.trim();
  const { alertOnNoData, channels } = draft;
  const by = hasGroups(draft) && draft.by !== '' ? { by: draft.by } : {};
  return { q, measure, ...by, rule, windowMinutes, leastRows, alertOnNoData, channels };
}
