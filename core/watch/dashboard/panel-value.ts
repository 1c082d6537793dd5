import type { Measures, Moments, PanelMeasure, PanelQuantile, Quantiles } from '../../records/index.ts';
import { differenceBounds, quantileBounds, studentQuantile, wilsonInterval } from '../../stats/index.ts';

/**
 * One measure of some traces. `low` and `high` are its 95 % interval; null where so few cannot bound it, and of what is
 * counted, which has none. `n`: how many it is of.
 */
export type PanelValue = { value: number | null; low: number | null; high: number | null; n: number };

const confidence = 0.95;
const nsInMs = 1e6;
const nanosInDollar = 1e9;

const exactly = (value: number, n: number): PanelValue => ({ value, low: null, high: null, n });
const nothing: PanelValue = { value: null, low: null, high: null, n: 0 };

function rateOf(count: number, of: number): PanelValue {
  if (of === 0) return nothing;
  return { value: count / of, ...wilsonInterval({ count, of }, confidence), n: of };
}

/** Student's interval of a mean. */
function meanOf(moments: Moments | null | undefined, unit = 1): PanelValue {
  if (!moments) return nothing;
  const { mean, sd, count: n } = moments;
  const value = mean / unit;
  if (sd === null) return exactly(value, n);
  const reach = (studentQuantile((1 + confidence) / 2, n - 1) * sd) / Math.sqrt(n) / unit;
  return { value, low: value - reach, high: value + reach, n };
}

/** Between 0 and 1 nothing spreads as far as what is 0 or 1 alone. */
const isYesOrNo = ({ mean, sd, count }: Moments) =>
  sd !== null && mean >= 0 && mean <= 1 && Math.abs(sd ** 2 * (count - 1) - count * mean * (1 - mean)) < 1e-6 * count;

/** Of scores that say yes or no a share, with Wilson's interval; of others the mean. */
function scoreOf(moments: Moments | null | undefined): PanelValue {
  if (!moments || !isYesOrNo(moments)) return meanOf(moments);
  return rateOf(Math.round(moments.mean * moments.count), moments.count);
}

const shares = { p50: 0.5, p90: 0.9, p99: 0.99 };

type Durations = { quantiles: Quantiles; levels: number[] | null | undefined; moments: Moments | null | undefined };

function durationOf({ quantiles, levels, moments }: Durations, quantile: PanelQuantile): PanelValue {
  if (quantile === 'mean') return meanOf(moments, nsInMs);
  if (quantiles === null) return nothing;
  const n = moments?.count ?? 0;
  const value = Number(quantiles[quantile]) / nsInMs;
  if (!levels) return exactly(value, n);
  const bounds = quantileBounds(levels, { quantile: shares[quantile], count: n, confidence });
  return { value, low: bounds.low && bounds.low / nsInMs, high: bounds.high && bounds.high / nsInMs, n };
}

/** What a measure is of what was measured. */
export function panelValue(measure: PanelMeasure, of: Measures): PanelValue {
  const { count: n, spread } = of;
  switch (measure.kind) {
    case 'traces':
      return exactly(n, n);
    case 'cost':
      return exactly(Number(of.costNanoUsd ?? 0n) / nanosInDollar, n);
    case 'tokens':
      return exactly(of.inputTokens + of.outputTokens, n);
    case 'users':
      return exactly(spread?.users ?? 0, n);
    case 'error_rate':
      return rateOf(of.errors, n);
    case 'share':
      return rateOf(of.counted ?? 0, n);
    case 'latency':
      return durationOf(
        { quantiles: of.latency, levels: spread?.latencyAt, moments: spread?.latency },
        measure.quantile,
      );
    case 'first_token':
      return durationOf(
        { quantiles: of.firstToken, levels: spread?.firstTokenAt, moments: spread?.firstToken },
        measure.quantile,
      );
    case 'input_tokens':
      return meanOf(spread?.inputTokens);
    case 'output_tokens':
      return meanOf(spread?.outputTokens);
    case 'trace_cost':
      return meanOf(spread?.cost, nanosInDollar);
    case 'score':
      return scoreOf(spread?.score);
  }
}

const totals: ReadonlySet<PanelMeasure['kind']> = new Set(['traces', 'cost', 'tokens', 'users']);
/** Whether it counts or sums up: nothing is 0 then, and there is no interval. */
export const isTotal = ({ kind }: PanelMeasure): boolean => totals.has(kind);

/** Whether sums of hours do not tell it, so that traces are read one by one. */
export const needsSpread = ({ kind }: PanelMeasure): boolean => kind === 'users' || !(totals.has(kind) || isRate(kind));
const isRate = (kind: PanelMeasure['kind']) => kind === 'error_rate' || kind === 'share';

/** With fewer in either time nothing is compared. */
const leastOf = (measure: PanelMeasure): number => {
  if (measure.kind !== 'latency' && measure.kind !== 'first_token') return 20;
  return { p50: 20, mean: 20, p90: 50, p99: 200 }[measure.quantile];
};

/**
 * How far a value is from the one before. `low` and `high` are the 95 % interval of the difference; null where there is
 * none, as of totals.
 */
export type PanelChange = { difference: number; low: number | null; high: number | null };

/** null: one of them is not there, or of too few. */
export function panelChange(measure: PanelMeasure, now: PanelValue, before: PanelValue): PanelChange | null {
  const least = leastOf(measure);
  if (now.value === null || before.value === null || now.n < least || before.n < least) return null;
  const difference = now.value - before.value;
  const bounded = ({ value, low, high }: PanelValue) =>
    value === null || low === null || high === null ? null : { value, low, high };
  const [a, b] = [bounded(now), bounded(before)];
  return { difference, ...(a && b ? differenceBounds(a, b) : { low: null, high: null }) };
}
