import type { RequestBody } from '@wheelhouse/sdk';
import { UsageError } from './output/exit-codes.ts';

type Definition = RequestBody<'setMonitor'>;
type Measure = NonNullable<Definition['measure']>;
type Rule = NonNullable<Definition['rule']>;

export type MonitorOptions = {
  of: string;
  above?: string;
  below?: string;
  unusual?: string;
  objective?: string;
  by?: string;
  drift?: string | true;
  embed?: string;
  budget?: string;
  probe?: string;
  ask: string[];
  window?: string;
  least?: number;
  noData?: boolean;
  tell: string[];
};

const quantiles = ['p50', 'p90', 'p99'] as const;

/** `latency:p90`, `score:grounded`, `share:latency>2s` or a bare name. */
export function parseMeasure(text: string): Measure {
  const [, kind = '', rest = ''] = /^([a-z_]+)(?::(.*))?$/s.exec(text) ?? [];
  const plain = ['traces', 'cost', 'error_rate', 'input_tokens', 'output_tokens', 'month_spend'] as const;
  const bare = plain.find((name) => name === kind);
  if (bare !== undefined && rest === '') return { kind: bare };
  if (kind === 'score' && rest !== '') return { kind, name: rest };
  if (kind === 'share' && rest !== '') return { kind, q: rest };
  if (kind === 'budget' && rest !== '') return { kind, budget: rest };
  if (kind === 'latency' || kind === 'first_token') {
    const quantile = quantiles.find((name) => name === (rest || 'p90'));
    if (quantile !== undefined) return { kind, quantile };
  }
  throw new UsageError(
    `\`${text}\` is no measure.`,
    'Say traces, cost, error_rate, share:<filter>, latency:p90, first_token:p50, input_tokens, output_tokens, score:<name>, month_spend or budget:<id>.',
  );
}

const units: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, '%': 0.01, $: 1, '': 1 };

type Counted = { units: readonly string[]; example: string };
const times: Counted = { units: ['ms', 's', 'min'], example: '2s or 800ms' };
const dollars: Counted = { units: ['$', ''], example: '$10' };
const numbers: Counted = { units: [''], example: '500' };
const shares: Counted = { units: ['%', ''], example: '5% or 0.05' };
/** In which units measures count; a time without one could be any. */
const counted: Record<Measure['kind'], Counted> = {
  ...{ latency: times, first_token: times, cost: dollars, month_spend: dollars },
  ...{ traces: numbers, input_tokens: numbers, output_tokens: numbers },
  ...{ error_rate: shares, share: shares, budget: shares, score: { units: ['', '%'], example: '0.7' } },
};

/** A limit as the measure counts: milliseconds, a share, dollars, a number. `2s`, `5%`, `$0.5`, `0.7`. */
export function parseLimit(text: string, { kind }: Pick<Measure, 'kind'>): number {
  const { units: known, example } = counted[kind];
  const [, sign = '', number, after = ''] = /^(\$)?(\d+(?:\.\d+)?)\s?(ms|s|min|%)?$/.exec(text.trim()) ?? [];
  const unit = sign || after;
  if (number === undefined || !known.includes(unit) || (sign !== '' && after !== ''))
    throw new UsageError(`\`${text}\` is no limit of ${kind}.`, `Say ${example}.`);
  return Number((Number(number) * (units[unit] ?? 1)).toPrecision(12));
}

function parseWindow(text: string): number {
  const [, number, unit] = /^(\d+)\s?(m|min|h|d)$/.exec(text.trim()) ?? [];
  if (number === undefined || unit === undefined)
    throw new UsageError(`\`${text}\` is no window.`, 'Say 5m, 1h or 1d.');
  return Number(number) * (unit === 'h' ? 60 : unit === 'd' ? 1440 : 1);
}

/** What asking models may cost a day; the server's own limit where nothing is said. */
function parseBudget(text: string | undefined): { budgetUsd?: number } {
  if (text === undefined) return {};
  const [, number] = /^\$?(\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new UsageError(`\`${text}\` is no sum.`, 'Say dollars a day, such as 0.50.');
  return { budgetUsd: Number(number) };
}

function ruleOf(measure: Measure, options: MonitorOptions): Rule {
  const { above, below, unusual, objective, drift, probe, ask, embed, budget } = options;
  const said = [above, below, unusual, objective, drift, probe].filter((one) => one !== undefined).length;
  if (said > 1)
    throw new UsageError('There is one rule.', 'It is --above, --below, --unusual, --objective, --drift or --probe.');
  if (embed !== undefined && drift === undefined)
    throw new UsageError('--embed goes with --drift.', 'It compares what is asked by its meaning.');
  if (budget !== undefined && probe === undefined && embed === undefined)
    throw new UsageError('--budget goes with --probe or --embed.', 'Nothing else that monitors do costs anything.');
  if (probe === undefined && ask.length > 0)
    throw new UsageError('--ask goes with --probe.', 'Name the model with --probe.');
  if (probe !== undefined && ask.length === 0)
    throw new UsageError('A probe asks something.', 'Say --ask for each prompt.');
  if (probe !== undefined) return { kind: 'probe', model: probe, prompts: ask, ...parseBudget(budget) };
  if (above !== undefined) return { kind: 'above', value: parseLimit(above, measure) };
  if (below !== undefined) return { kind: 'below', value: parseLimit(below, measure) };
  if (objective !== undefined) return { kind: 'burn_rate', objective: parseLimit(objective, { kind: 'share' }) };
  if (drift !== undefined)
    return {
      ...{ kind: 'drift', ...(embed === undefined ? {} : { embed }), ...parseBudget(budget) },
      ...(drift === true ? {} : { against: { kind: 'filter', q: drift } }),
    };
  const direction = (['up', 'down', 'both'] as const).find((one) => one === (unusual ?? 'both'));
  if (direction === undefined) throw new UsageError(`\`${unusual}\` is no direction.`, 'Say up, down or both.');
  return { kind: 'unusual', direction };
}

const groupings = ['model', 'user', 'name', 'provider', 'tool', 'service', 'environment', 'release', 'tag'] as const;

function parseGrouping(text: string): (typeof groupings)[number] {
  const known = groupings.find((one) => one === text);
  if (known === undefined) throw new UsageError(`\`${text}\` groups nothing.`, `Say ${groupings.join(', ')}.`);
  return known;
}

/** What the flags of `wheelhouse monitor new` define; the server says what does not go together. */
export function monitorOf(q: string, options: MonitorOptions): Definition {
  const { of, by, window, least, noData, tell } = options;
  const measure = parseMeasure(of);
  return {
    ...{ q, measure, rule: ruleOf(measure, options), channels: tell },
    ...(by === undefined ? {} : { by: parseGrouping(by) }),
    ...(window === undefined ? {} : { windowMinutes: parseWindow(window) as NonNullable<Definition['windowMinutes']> }),
    ...(least === undefined ? {} : { leastRows: least }),
    ...(noData ? { alertOnNoData: true } : {}),
  };
}
