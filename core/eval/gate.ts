import {
  formatUsd,
  type Gate,
  type GateResult,
  type GateState,
  type RunId,
  WheelhouseError,
} from '../records/index.ts';
import { type Interval, marginVerdict, quantileInterval, sortedMean } from '../stats/index.ts';
import { isShare, pairColumns } from './compare.ts';
import { type Column, type Measure, type MeasureKind, measureNamed } from './measures.ts';
import { meanInterval, meansOf, sampleQuantile } from './summaries.ts';

const usualRisk = 0.05;
const statistics = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;
const directions: Record<string, Gate['direction']> = {
  ...{ '>=': 'at_least', '≥': 'at_least', '>': 'above' },
  ...{ '<=': 'at_most', '≤': 'at_most', '<': 'below' },
};
const signs: Record<Gate['direction'], string> = { at_least: '≥', above: '>', at_most: '≤', below: '<' };

const whole =
  /^(?<measure>.+?)(?:\s+(?<statistic>mean|p50|p90|p95|p99))?\s*(?<sign>>=|<=|≥|≤|>|<)\s*(?<right>[^<>≤≥()]+?)\s*(?:\(\s*risk\s+(?<risk>\d+(?:\.\d+)?)\s*%\s*\))?$/u;
const baseline = /^baseline(?:\s*(?<sign>[-−+])\s*(?<amount>.+))?$/;
const quantity = /^(?<dollars>\$)?\s*(?<number>\d+(?:\.\d+)?|\.\d+)\s*(?<unit>pp|%|ms|s)?$/;

const examples =
  'Write it like `exact >= baseline - 5pp`, `latency p95 <= 2.5s`, `cost mean <= $0.01` or `errors <= 1%`.';
const refuse = (text: string, why: string) =>
  new WheelhouseError('invalid_request', `The gate \`${text}\` cannot be read: ${why}.`, {
    param: 'gates',
    hint: examples,
  });

const factors: Record<MeasureKind, Record<string, number>> = {
  score: { '': 1, pp: 0.01, '%': 0.01 },
  errors: { '': 1, pp: 0.01, '%': 0.01 },
  latency: { '': 1, s: 1, ms: 0.001 },
  cost: { '': 1, $: 1 },
};

/** In the unit of the measure. */
function readQuantity(text: string, amount: string, kind: MeasureKind): number {
  const { dollars = '', number = '', unit = '' } = quantity.exec(amount.trim())?.groups ?? {};
  const factor = factors[kind][dollars + unit];
  if (number === '' || factor === undefined) {
    const units = Object.keys(factors[kind]).filter((one) => one !== '');
    throw refuse(text, `\`${amount}\` is no number with a unit of ${kind} (${units.join(', ')})`);
  }
  return Number((Number(number) * factor).toPrecision(12));
}

/**
 * Reads a gate as people write it: a measure, maybe a statistic (the mean unless said), `>=`, `>`, `<=` or `<`, `baseline`
 * with something added or taken off, or a limit; and maybe `(risk 10%)`, 5 % unless said.
 * @param measures what there is, by its whole label or by the name before its options
 * @throws WheelhouseError `invalid_request`
 */
export function parseGate(text: string, measures: readonly string[]): Gate {
  const { measure, statistic, sign, right, risk } = whole.exec(text.trim())?.groups ?? {};
  if (measure === undefined || sign === undefined || right === undefined)
    throw refuse(text, 'it is not a measure, a comparison and a limit');
  const name = measures.find((one) => one === measure) ?? measures.find((one) => one.startsWith(`${measure} `));
  if (name === undefined) throw refuse(text, `nothing here measures \`${measure}\`, only ${measures.join(', ')}`);
  const { kind } = measureNamed(name);
  const against = baseline.exec(right);
  const { sign: shift = '+', amount = '0' } = against?.groups ?? {};
  const limit = readQuantity(text, against ? amount : right, kind);
  const gate: Gate = {
    measure: name,
    statistic: statistics.find((one) => one === statistic) ?? 'mean',
    than: against ? 'baseline' : 'limit',
    direction: directions[sign] ?? 'at_least',
    limit: against && shift !== '+' ? 0 - limit : limit,
    risk: risk === undefined ? usualRisk : Number(risk) / 100,
  };
  return checkGate(gate, measures, text);
}

/** @throws WheelhouseError `invalid_request` */
export function checkGate(gate: Gate, measures: readonly string[], text = gateText(gate)): Gate {
  if (!measures.includes(gate.measure)) throw refuse(text, `nothing here measures \`${gate.measure}\``);
  if (gate.than === 'baseline' && gate.statistic !== 'mean')
    throw refuse(text, 'against the baseline only means are compared');
  if (!(gate.risk > 0 && gate.risk <= 0.5)) throw refuse(text, 'a risk is above 0 % and at most 50 %');
  return gate;
}

const trimmed = (value: number, digits = 6) => String(Number(value.toPrecision(digits)));

function amountText(value: number, kind: MeasureKind, isDifference: boolean): string {
  if (kind === 'latency') return `${trimmed(value)} s`;
  if (kind === 'cost') return value === 0 ? '$0' : formatUsd(BigInt(Math.round(value * 1e9)));
  return `${trimmed(value * 100)} ${isDifference ? 'pp' : '%'}`;
}

/** As people write it. */
export function gateText({ measure, statistic, than, direction, limit, risk }: Gate): string {
  const { kind } = measureNamed(measure);
  const left = `${measure}${statistic === 'mean' ? '' : ` ${statistic}`} ${signs[direction]}`;
  const shift = limit === 0 ? '' : ` ${limit < 0 ? '−' : '+'} ${amountText(Math.abs(limit), kind, true)}`;
  const right = than === 'baseline' ? `baseline${shift}` : amountText(limit, kind, false);
  return `${left} ${right}${risk === usualRisk ? '' : ` (risk ${trimmed(risk * 100)} %)`}`;
}

type Found = { value: number | null; interval: Interval | null; rows: number };

/** By the interval alone: a point that happens to be on the right side says nothing. */
function stateOf({ direction, limit }: Gate, interval: Interval | null): GateState {
  if (interval === null) return 'inconclusive';
  const { low, high } = interval;
  if (direction === 'at_least') return low >= limit ? 'held' : high < limit ? 'failed' : 'inconclusive';
  if (direction === 'above') return low > limit ? 'held' : high <= limit ? 'failed' : 'inconclusive';
  if (direction === 'at_most') return high <= limit ? 'held' : low > limit ? 'failed' : 'inconclusive';
  return high < limit ? 'held' : low >= limit ? 'failed' : 'inconclusive';
}

function ofDifference(gate: Gate, measure: Measure, a: Column, b: Column): Found {
  const { rows } = pairColumns(measure, a, b);
  const bounded = isShare(measure.kind);
  const { interval } = marginVerdict(rows, { claim: 'not_lower', margin: 0 }, { bounded, risk: gate.risk });
  const differences = rows.map((row) => sortedMean(row.b) - sortedMean(row.a));
  return { value: rows.length === 0 ? null : sortedMean(differences), interval, rows: rows.length };
}

/** Below so many examples, a mean on its own has no verdict. */
const minimumExamples = 6;

function ofMean(gate: Gate, { kind }: Measure, column: Column): Found {
  const means = meansOf(column);
  const interval = means.length < minimumExamples ? null : meanInterval(means, kind, 1 - 2 * gate.risk);
  return { value: means.length === 0 ? null : sortedMean(means), interval, rows: means.length };
}

/** Of the examples' means: answers to one example are no independent draws. */
function ofQuantile(gate: Gate, column: Column): Found {
  const means = meansOf(column);
  const quantile = Number(gate.statistic.slice(1)) / 100;
  const interval = quantileInterval(means, { quantile, confidence: 1 - 2 * gate.risk });
  return { value: sampleQuantile(Float64Array.from(means).sort(), quantile), interval, rows: means.length };
}

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

const words: Record<GateState, string> = { held: 'Held', failed: 'Failed', inconclusive: 'Inconclusive' };

function sentenceOf(gate: Gate, state: GateState, { value, interval, rows }: Found): string {
  const { kind } = measureNamed(gate.measure);
  const isDifference = gate.than === 'baseline';
  const show = (amount: number) => {
    if (!Number.isFinite(amount)) return 'unknown';
    const sign = amount < 0 ? '−' : isDifference ? '+' : '';
    const text = amountText(Number(Math.abs(amount).toPrecision(3)), kind, isDifference);
    return `${sign}${text}`;
  };
  const count = rows === 1 ? '1 example' : `${rows} examples`;
  if (value === null) return `${words[state]}: no example has a value${isDifference ? ' on both sides' : ''}.`;
  if (interval === null) return `${words[state]}: ${count} are too few to say.`;
  const confidence = trimmed((1 - gate.risk) * 100, 4);
  return `${words[state]}: ${show(value)} [${show(interval.low)}, ${show(interval.high)}] on ${count}, each end at ${confidence} %.`;
}

/**
 * Whether a run keeps a gate: `held` when the whole interval is on the right side, `failed` when it is all on the wrong
 * one; each is wrong with a chance of at most the gate's risk. Quantiles get the exact interval of order statistics.
 * @param sides.a the baseline; null: the run is the baseline itself, so that gates against it say nothing
 */
export function decideGate(gate: Gate, runId: RunId, sides: { a: Column | null; b: Column }): GateResult | null {
  const measure = measureNamed(gate.measure);
  if (gate.than === 'baseline' && sides.a === null) return null;
  const found =
    gate.than === 'baseline' && sides.a !== null
      ? ofDifference(gate, measure, sides.a, sides.b)
      : gate.statistic === 'mean'
        ? ofMean(gate, measure, sides.b)
        : ofQuantile(gate, sides.b);
  const state = stateOf(gate, found.interval);
  return {
    ...{ gate, text: gateText(gate), runId, state, value: found.value },
    ...{ low: finite(found.interval?.low), high: finite(found.interval?.high) },
    sentence: sentenceOf(gate, state, found),
  };
}
