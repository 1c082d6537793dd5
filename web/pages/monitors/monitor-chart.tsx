import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { MonitorBody } from '@wheelhouse/sdk';
import { useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { inLines, ofLines, shownLines, withNarrower } from '../../data/monitor-lines.ts';
import { measureName, measureValue, windowText } from '../../data/monitor-words.ts';
import { seriesQuery } from '../../data/trace-queries.ts';
import { LineSample } from '../../parts/line-sample.tsx';
import { ChartCard } from '../overview/chart-card.tsx';
import type { Measure, Measures } from '../overview/measures.ts';
import { withCondition } from '../traces/edit-filter.ts';
import { LineChoice } from './line-choice.tsx';

/** So many windows are shown. */
const shownWindows = 60;
/** Traces with several values of the field bring groups along that have no line. */
const mostAsked = 20;

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

/** Those that fit both. */
const both = (...filters: string[]) =>
  filters
    .filter((one) => one !== '')
    .map((one) => `(${one})`)
    .join(' ');

type MonitorChartProps = {
  monitor: MonitorBody;
  /** The groups that were chosen; left out: those that come first. */
  lines: readonly string[] | undefined;
  onLines: (lines: string[]) => void;
};

/** The measure over the last windows, of all or of some groups, and the limit where there is one. */
export function MonitorChart({ monitor, lines, onLines }: MonitorChartProps) {
  const { client } = useData();
  const [cursor, setCursor] = useState<number | null>(null);
  const { measure, rule, windowMinutes, by, groups } = monitor;
  const shown = useMemo(() => (by === null ? [] : shownLines(groups, lines)), [by, groups, lines]);
  const isGrouped = by !== null && shown.length > 0;
  const q = isGrouped ? both(monitor.q, ofLines(by, shown)) : monitor.q;
  const step = windowMinutes * 60;
  const time = { type: 'last' as const, ns: BigInt(step * shownWindows) * 1_000_000_000n };
  const ask = {
    ...{ step, ...(measure.kind === 'score' ? { score: measure.name } : {}) },
    ...(isGrouped ? { by, groups: mostAsked } : {}),
  };
  const all = useQuery({
    ...seriesQuery(client, { q: withCondition(q, time), ...ask }),
    placeholderData: keepPreviousData,
  });
  const narrowed = measure.kind === 'share' ? withCondition(both(q, measure.q), time) : '';
  const narrower = useQuery({ ...seriesQuery(client, { q: narrowed, ...ask }), enabled: measure.kind === 'share' });
  const read = measure.kind !== 'share' ? all.data : all.data && narrower.data && withNarrower(all.data, narrower.data);
  const series = useMemo(() => (read && isGrouped ? inLines(read, shown) : read), [read, isGrouped, shown]);
  const text = (value: number) => measureValue(measure, value);
  const limit = rule.kind === 'above' || rule.kind === 'below' ? rule.value : null;
  const drawn: Measure = {
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
      measure={drawn}
      series={series}
      error={all.error ?? narrower.error}
      withBefore={false}
      cursor={cursor}
      onCursor={setCursor}
      hrefOf={hrefOf}
      {...(by !== null && groups.length > 0
        ? {
            legend: (
              <>
                <LineChoice monitor={monitor} shown={shown} onShown={onLines} />
                {limit !== null && (
                  <span className="ml-auto inline-flex items-center gap-1 text-xs text-text-2">
                    <LineSample color="var(--bad)" dash="2 3" />
                    limit
                  </span>
                )}
              </>
            ),
          }
        : {})}
    />
  );
}
