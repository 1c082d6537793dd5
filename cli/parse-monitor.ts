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
  drift?: string | true;
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
  const plain = ['traces', 'cost', 'error_rate', 'input_tokens', 'output_tokens'] as const;
  const bare = plain.find((name) => name === kind);
  if (bare !== undefined && rest === '') return { kind: bare };
  if (kind === 'score' && rest !== '') return { kind, name: rest };
  if (kind === 'share' && rest !== '') return { kind, q: rest };
  if (kind === 'latency' || kind === 'first_token') {
    const quantile = quantiles.find((name) => name === (rest || 'p90'));
    if (quantile !== undefined) return { kind, quantile };
  }
  throw new UsageError(
    `\`${text}\` is no measure.`,
    'Say traces, cost, error_rate, share:<filter>, latency:p90, first_token:p50, input_tokens, output_tokens or score:<name>.',
  );
}

const units: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, '%': 0.01, '': 1 };

/** A limit as the measure counts: milliseconds, a share, dollars, a number. `2s`, `5%`, `$0.5`, `0.7`. */
export function parseLimit(text: string): number {
  const [, number, unit = ''] = /^\$?(\d+(?:\.\d+)?)\s?(ms|s|min|%)?$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new UsageError(`\`${text}\` is no limit.`, 'Say 2s, 800ms, 5%, $10 or 0.7.');
  return Number((Number(number) * (units[unit] ?? 1)).toPrecision(12));
}

function parseWindow(text: string): number {
  const [, number, unit] = /^(\d+)\s?(m|min|h|d)$/.exec(text.trim()) ?? [];
  if (number === undefined || unit === undefined)
    throw new UsageError(`\`${text}\` is no window.`, 'Say 5m, 1h or 1d.');
  return Number(number) * (unit === 'h' ? 60 : unit === 'd' ? 1440 : 1);
}

function ruleOf({ above, below, unusual, objective, drift, probe, ask }: MonitorOptions): Rule {
  const said = [above, below, unusual, objective, drift, probe].filter((one) => one !== undefined).length;
  if (said > 1)
    throw new UsageError('There is one rule.', 'It is --above, --below, --unusual, --objective, --drift or --probe.');
  if (probe === undefined && ask.length > 0)
    throw new UsageError('--ask goes with --probe.', 'Name the model with --probe.');
  if (probe !== undefined && ask.length === 0)
    throw new UsageError('A probe asks something.', 'Say --ask for each prompt.');
  if (probe !== undefined) return { kind: 'probe', model: probe, prompts: ask };
  if (above !== undefined) return { kind: 'above', value: parseLimit(above) };
  if (below !== undefined) return { kind: 'below', value: parseLimit(below) };
  if (objective !== undefined) return { kind: 'burn_rate', objective: parseLimit(objective) };
  if (drift === true) return { kind: 'drift' };
  if (drift !== undefined) return { kind: 'drift', against: { kind: 'filter', q: drift } };
  const direction = (['up', 'down', 'both'] as const).find((one) => one === (unusual ?? 'both'));
  if (direction === undefined) throw new UsageError(`\`${unusual}\` is no direction.`, 'Say up, down or both.');
  return { kind: 'unusual', direction };
}

/** What the flags of `wheelhouse monitor new` define; the server says what does not go together. */
export function monitorOf(q: string, options: MonitorOptions): Definition {
  const { of, window, least, noData, tell } = options;
  return {
    ...{ q, measure: parseMeasure(of), rule: ruleOf(options), channels: tell },
    ...(window === undefined ? {} : { windowMinutes: parseWindow(window) as NonNullable<Definition['windowMinutes']> }),
    ...(least === undefined ? {} : { leastRows: least }),
    ...(noData ? { alertOnNoData: true } : {}),
  };
}
