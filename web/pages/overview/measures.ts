import type { SeriesBody } from '@wheelhouse/sdk';
import { count, dollars, seconds } from '../../data/format.ts';
import { absoluteChange, type Change, least, rankedOf, rateChange, relativeChange, tooFew } from './changes.ts';

export type Group = SeriesBody['groups'][number];
type Bucket = Group['buckets'][number];
/** What is measured of a bucket or of the whole time. */
export type Measures = Omit<Bucket, 'startNs'>;

export type Line = {
  name: string;
  color: string;
  dash?: string | undefined;
  /** Of the period before. */
  thin?: boolean | undefined;
  /** One for each bucket of the time; null where nothing was measured. */
  values: (number | null)[];
};

type LineOf = {
  name: string;
  color: string;
  dash?: string;
  of: (measures: Measures) => number | null;
  /** The same at every time, also where nothing was measured. */
  level?: number;
};

/** What is said of a whole time. */
type Figure = {
  name: string;
  text: (total: Measures) => string;
  /** Beside the period before; null when that says nothing. Both have enough in them. */
  change: (now: Measures, before: Measures) => Change | null;
};

export type Measure = {
  id: string;
  title: string;
  /** Whether a bucket without anything in it counts as 0. */
  counts: boolean;
  text: (value: number) => string;
  lines: LineOf[];
  /** The line that stands for it where each group has but one. */
  main: string;
  figures: Figure[];
  /** What narrows the traces behind it further. */
  narrows?: string;
};

const nsToSeconds = (ns: string) => Number(ns) / 1e9;
const share = (value: number) => `${Number((value * 100).toPrecision(value < 0.1 ? 2 : 3))} %`;
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
export const short = (value: number): string => compact.format(value);

type Quantiles = Measures['latency'];

const quantileLines = (of: (measures: Measures) => Quantiles): LineOf[] => [
  { name: 'p50', color: 'var(--text-3)', of: (m) => (of(m) ? nsToSeconds(of(m)?.p50 ?? '0') : null) },
  { name: 'p90', color: 'var(--k-llm)', of: (m) => (of(m) ? nsToSeconds(of(m)?.p90 ?? '0') : null) },
  { name: 'p99', color: 'var(--k-tool)', dash: '4 3', of: (m) => (of(m) ? nsToSeconds(of(m)?.p99 ?? '0') : null) },
];
const quantileFigures = (of: (measures: Measures) => Quantiles): Figure[] =>
  (['p50', 'p90', 'p99'] as const).map((name) => {
    const text = (total: Measures) => {
      const quantiles = of(total);
      return quantiles === null ? '–' : seconds(nsToSeconds(quantiles[name]));
    };
    return {
      name,
      text,
      change: (now, before) => {
        const [is, was] = [of(now)?.[name], of(before)?.[name]];
        if (is === undefined || was === undefined) return null;
        if (Math.min(now.count, before.count) < least[name]) return rankedOf(least[name]);
        return relativeChange({ now: Number(is), before: Number(was), was: text(before) }, true);
      },
    };
  });

/** Of something that is neither better nor worse when there is more of it. */
const amount = (name: string, of: (measures: Measures) => number | null, text: Figure['text']): Figure => ({
  name,
  text,
  change: (now, before) => {
    const [is, was] = [of(now), of(before)];
    return is === null || was === null ? null : relativeChange({ now: is, before: was, was: text(before) });
  },
});

const tickUsd = (value: number) => `$${Number(value.toPrecision(3))}`;

const costOf = ({ costNanoUsd }: Measures) => (costNanoUsd === null ? null : Number(costNanoUsd) / 1e9);

/** What the Overview draws, in this order. */
export const measures: Measure[] = [
  {
    id: 'latency',
    title: 'Latency',
    counts: false,
    text: seconds,
    main: 'p90',
    lines: quantileLines((m) => m.latency),
    figures: quantileFigures((m) => m.latency),
  },
  {
    id: 'errors',
    title: 'Errors',
    counts: false,
    text: share,
    main: 'failed',
    narrows: 'status:error',
    lines: [{ name: 'failed', color: 'var(--bad)', of: (m) => (m.count === 0 ? null : m.errors / m.count) }],
    figures: [
      {
        name: 'failed',
        text: (total) => (total.count === 0 ? '–' : `${share(total.errors / total.count)} · ${count(total.errors)}`),
        change: (now, before) =>
          rateChange({ count: now.errors, of: now.count }, { count: before.errors, of: before.count }),
      },
    ],
  },
  {
    id: 'cost',
    title: 'Cost',
    counts: true,
    text: tickUsd,
    main: 'cost',
    lines: [{ name: 'cost', color: 'var(--k-llm)', of: (m) => costOf(m) ?? 0 }],
    figures: [
      amount('cost', costOf, (total) => {
        const cost = costOf(total);
        return `${cost === null ? '?' : dollars(cost)}${total.unpriced > 0 ? ` + ${count(total.unpriced)} unpriced` : ''}`;
      }),
    ],
  },
  {
    id: 'count',
    title: 'Traces',
    counts: true,
    text: short,
    main: 'count',
    lines: [{ name: 'count', color: 'var(--k-llm)', of: (m) => m.count }],
    figures: [
      amount(
        'count',
        (m) => m.count,
        (total) => count(total.count),
      ),
    ],
  },
  {
    id: 'tokens',
    title: 'Tokens',
    counts: true,
    text: short,
    main: 'input',
    lines: [
      { name: 'input', color: 'var(--k-llm)', of: (m) => m.inputTokens },
      { name: 'output', color: 'var(--k-tool)', dash: '4 3', of: (m) => m.outputTokens },
    ],
    figures: [
      amount(
        'input',
        (m) => m.inputTokens,
        (total) => short(total.inputTokens),
      ),
      amount(
        'output',
        (m) => m.outputTokens,
        (total) => short(total.outputTokens),
      ),
    ],
  },
  {
    id: 'first',
    title: 'First token',
    counts: false,
    text: seconds,
    main: 'p90',
    lines: quantileLines((m) => m.firstToken),
    figures: quantileFigures((m) => m.firstToken),
  },
];

/** Of one score over time. */
export const scoreMeasure = (name: string): Measure => ({
  id: `score-${name}`,
  title: name,
  counts: false,
  main: 'mean',
  narrows: 'has:score',
  text: (value) => value.toFixed(2),
  lines: [{ name: 'mean', color: 'var(--k-eval)', of: (m) => m.score?.mean ?? null }],
  figures: [
    {
      name: 'mean',
      text: ({ score }) => (score === null ? '–' : `${score.mean.toFixed(3)} · n ${count(score.count)}`),
      change: ({ score: now }, { score: before }) => {
        if (!now || !before || tooFew(now.count, before.count, 'score') !== null) return null;
        const note = `n ${count(now.count)} and ${count(before.count)}`;
        return absoluteChange({ now: now.mean, before: before.mean, was: before.mean.toFixed(3) }, note);
      },
    },
  ],
});

type OverTime = Pick<SeriesBody, 'step' | 'fromNs' | 'untilNs' | 'groups'>;

/** All buckets of the time, those without anything as null. */
function bucketsOf(series: OverTime, group: Group): (Bucket | null)[] {
  const step = BigInt(series.step) * 1_000_000_000n;
  const from = BigInt(series.fromNs);
  const size = Number((BigInt(series.untilNs) - from + step - 1n) / step);
  const all: (Bucket | null)[] = new Array<null>(Math.max(0, Math.min(size, 2000))).fill(null);
  for (const bucket of group.buckets) {
    const at = Number((BigInt(bucket.startNs) - from) / step);
    if (at >= 0 && at < all.length) all[at] = bucket;
  }
  return all;
}

/** Of other things than spread, in lines that a reader tells apart by colour, and without it by dashes. */
const looks = [
  { color: 'var(--k-llm)' },
  { color: 'var(--k-tool)', dash: '6 3' },
  { color: 'var(--k-agent)', dash: '1.5 3' },
  { color: 'var(--k-eval)', dash: '10 3 2 3' },
  { color: 'var(--k-retrieval)', dash: '3 2' },
  { color: 'var(--text)', dash: '12 5' },
  { color: 'var(--bad)', dash: '6 2 2 2 2 2' },
  { color: 'var(--text-3)', dash: '2 5' },
];
export const lookOf = (index: number): { color: string; dash?: string } =>
  looks[index % looks.length] ?? { color: 'var(--text)' };

export const groupName = (group: Group): string =>
  group.rest ? 'all others' : group.value === null ? 'all' : group.value === '' ? 'not said' : group.value;

/** What was measured of the same group in the period before; nothing at all when it was not there; null: not known. */
export function measuresBefore({ before }: SeriesBody, { value, rest }: Group): Measures | null {
  if (before === null || rest) return null;
  const same = before.groups.find((group) => group.value === value && !group.rest);
  if (same) return same.total;
  return before.groups.some((group) => group.rest) ? null : nothing;
}
const nothing: Measures = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};

type LinesOptions = { withBefore?: boolean };

/** The lines of a chart: those of the measure for one group, and the main one of the time before; else the main one of each. */
export function linesOf(measure: Measure, series: SeriesBody, { withBefore = false }: LinesOptions = {}): Line[] {
  const [only, ...more] = series.groups;
  const valuesOf = (of: OverTime, group: Group, line: LineOf) =>
    bucketsOf(of, group).map((bucket) => {
      if (line.level !== undefined) return line.level;
      return bucket === null ? (measure.counts ? 0 : null) : line.of(bucket);
    });
  const main = measure.lines.find((line) => line.name === measure.main) ?? measure.lines[0];
  if (!main) return [];
  if (!only || more.length > 0 || only.value !== null)
    return [
      ...series.groups.map((group, i) => ({
        name: groupName(group),
        ...lookOf(i),
        values: valuesOf(series, group, main),
      })),
      ...measure.lines.flatMap((line) =>
        line.level === undefined || !only ? [] : [{ ...line, values: valuesOf(series, only, line) }],
      ),
    ];
  const lines: Line[] = measure.lines.map((line) => ({ ...line, values: valuesOf(series, only, line) }));
  const [whole] = series.before?.groups ?? [];
  if (!withBefore || !series.before || !whole) return lines;
  const size = lines[0]?.values.length ?? 0;
  const earlier = valuesOf(series.before, whole, main);
  const values = Array.from({ length: size }, (_, i) => earlier[i] ?? null);
  const name = measure.lines.length > 1 ? `${main.name} before` : 'before';
  return [{ name, color: 'var(--text-2)', dash: '2 3', thin: true, values }, ...lines];
}

export const hasValues = (lines: Line[]): boolean => lines.some((line) => line.values.some((value) => value !== null));
