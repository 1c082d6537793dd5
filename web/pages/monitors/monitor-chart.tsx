import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { MonitorBody, SeriesBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { measureName, measureValue, windowText } from '../../data/monitor-words.ts';
import { seriesQuery } from '../../data/trace-queries.ts';
import { ChartCard } from '../overview/chart-card.tsx';
import type { Measure, Measures } from '../overview/measures.ts';
import { withCondition } from '../traces/edit-filter.ts';

/** So many windows are shown. */
const shownWindows = 60;

const msOf = (quantiles: Measures['latency'], name: 'p50' | 'p90' | 'p99') =>
  quantiles === null ? null : Number(quantiles[name]) / 1e6;

/** The measure of a bucket, as monitors measure it. */
function measured({ measure }: MonitorBody, m: Measures): number | null {
  const each = (sum: number) => (m.count === 0 ? null : sum / m.count);
  switch (measure.kind) {
    case 'traces':
      return m.count;
    case 'cost':
      return Number(m.costNanoUsd ?? 0) / 1e9;
    case 'error_rate':
    case 'share':
      return each(m.errors);
    case 'input_tokens':
      return each(m.inputTokens);
    case 'output_tokens':
      return each(m.outputTokens);
    case 'latency':
      return msOf(m.latency, measure.quantile);
    case 'first_token':
      return msOf(m.firstToken, measure.quantile);
    case 'score':
      return m.score?.mean ?? null;
    case 'month_spend':
    case 'budget':
      return null;
  }
}

/** The series with those that also fit as its errors, so that the share of both is read alike. */
function withNarrower(all: SeriesBody, narrower: SeriesBody): SeriesBody {
  const fits = new Map(narrower.groups[0]?.buckets.map((bucket) => [bucket.startNs, bucket.count]));
  const groups = all.groups.map((group) => ({
    ...group,
    total: { ...group.total, errors: narrower.groups[0]?.total.count ?? 0 },
    buckets: group.buckets.map((bucket) => ({ ...bucket, errors: fits.get(bucket.startNs) ?? 0 })),
  }));
  return { ...all, groups };
}

/** Those that fit both. */
const both = (...filters: string[]) =>
  filters
    .filter((one) => one !== '')
    .map((one) => `(${one})`)
    .join(' ');

/** The measure over the last windows, and the limit where there is one. */
export function MonitorChart({ monitor }: { monitor: MonitorBody }) {
  const { client } = useData();
  const [cursor, setCursor] = useState<number | null>(null);
  const { q, measure, rule, windowMinutes } = monitor;
  const step = windowMinutes * 60;
  const time = { type: 'last' as const, ns: BigInt(step * shownWindows) * 1_000_000_000n };
  const score = measure.kind === 'score' ? { score: measure.name } : {};
  const all = useQuery({
    ...seriesQuery(client, { q: withCondition(q, time), step, ...score }),
    placeholderData: keepPreviousData,
  });
  const narrowed = measure.kind === 'share' ? withCondition(both(q, measure.q), time) : '';
  const narrower = useQuery({ ...seriesQuery(client, { q: narrowed, step }), enabled: measure.kind === 'share' });
  const series =
    measure.kind !== 'share' ? all.data : all.data && narrower.data && withNarrower(all.data, narrower.data);
  const text = (value: number) => measureValue(measure, value);
  const limit = rule.kind === 'above' || rule.kind === 'below' ? rule.value : null;
  const shown: Measure = {
    id: 'monitor',
    title: `${measureName(measure)}, by ${windowText(windowMinutes)}`,
    counts: measure.kind === 'traces' || measure.kind === 'cost',
    text,
    main: 'measured',
    ...(measure.kind === 'error_rate' ? { narrows: 'status:error' } : {}),
    ...(measure.kind === 'share' ? { narrows: measure.q } : {}),
    lines: [
      { name: 'measured', color: 'var(--k-llm)', of: (m) => measured(monitor, m) },
      ...(limit === null ? [] : [{ name: 'limit', color: 'var(--bad)', dash: '2 3', level: limit, of: () => limit }]),
    ],
    figures: [],
  };
  const hrefOf = (startMs: number, endMs: number, narrows: string | undefined) => {
    const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
    const since = withCondition(both(q, narrows ?? ''), { type: 'since', ns: ns(startMs) });
    return `/traces?${new URLSearchParams({ q: withCondition(since, { type: 'until', ns: ns(endMs) }) })}`;
  };
  return (
    <ChartCard
      measure={shown}
      series={series}
      error={all.error ?? narrower.error}
      withBefore={false}
      cursor={cursor}
      onCursor={setCursor}
      hrefOf={hrefOf}
    />
  );
}
