import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { SeriesBody } from '@wheelhouse/sdk';
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, exactTime } from '../../data/format.ts';
import type { OverviewSearch } from '../../data/overview-search.ts';
import { scoreNamesQuery, seriesQuery } from '../../data/trace-queries.ts';
import { useFollow } from '../../data/use-follow.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { toggleValue, withCondition, withoutTime } from '../traces/edit-filter.ts';
import { FilterError } from '../traces/filter-box.tsx';
import { askedKeys, HeadFilter, Ranges } from './asked-head.tsx';
import { askedOf } from './asked-of.ts';
import { Attention } from './attention.tsx';
import { Breakdown } from './breakdown.tsx';
import { ChartCard } from './chart-card.tsx';
import { measures, scoreMeasure } from './measures.ts';

const route = getRouteApi('/overview');
const followMs = 10_000;
/** More than these would not be read. */
const mostScores = 6;

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;

type Change = (next: OverviewSearch) => void;

function Controls({ search, onChange }: { search: OverviewSearch; onChange: Change }) {
  return (
    <>
      <Ranges search={search} onChange={onChange} />
      <select
        aria-label="Measured of"
        className="field !w-auto"
        value={search.of ?? 'traces'}
        onChange={(event) => onChange({ ...search, of: event.target.value === 'calls' ? 'calls' : undefined })}
      >
        <option value="traces">whole traces</option>
        <option value="calls">single model calls</option>
      </select>
    </>
  );
}

/** Everything that is drawn, each beside the period before, read again some time after new traces came. */
function useFigures(search: OverviewSearch, asked: string, enabled: boolean) {
  const { client } = useData();
  const of = search.of ?? 'traces';
  const by = search.by ?? 'model';
  const compare = 'before' as const;
  const all = useQuery({ ...seriesQuery(client, { q: asked, of, compare }), enabled });
  const grouped = useQuery({ ...seriesQuery(client, { q: asked, of, by, compare }), enabled });
  const names = useQuery(scoreNamesQuery(client)).data?.slice(0, mostScores) ?? [];
  const scored = of === 'traces' && enabled ? names : [];
  const scores = useQueries({
    queries: scored.map((score) =>
      seriesQuery(client, { q: asked, of, score, compare, ...(search.split ? { by } : {}) }),
    ),
  });
  useFollow(() => {
    void all.refetch();
    void grouped.refetch();
    for (const one of scores) void one.refetch();
  }, followMs);
  return { all, grouped, scored, scores };
}

export function OverviewPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const { q, problem, asked, ownTime } = askedOf(search);
  const of = search.of ?? 'traces';
  const by = search.by ?? 'model';
  const { all, grouped, scored, scores } = useFigures(search, asked, problem === null);
  const change = useCallback<Change>(
    (next) => {
      const filled = Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as OverviewSearch;
      void navigate({ to: '/overview', search: filled, replace: true });
    },
    [navigate],
  );
  const hrefOf = useCallback(
    (startMs: number, endMs: number, narrows: string | undefined) => {
      const since = withCondition(withoutTime(q), { type: 'since', ns: ns(startMs) });
      const until = withCondition(since, { type: 'until', ns: ns(endMs) });
      return `/traces?${new URLSearchParams({ q: narrows === undefined ? until : `${narrows} ${until}` })}`;
    },
    [q],
  );
  useShortcuts('Overview', [
    ...askedKeys({ search, box, onChange: change }),
    {
      keys: 'b',
      label: 'lines of the period before',
      run: () => change({ ...search, before: search.before ? undefined : 'off' }),
    },
    {
      keys: 's',
      label: 'split by group',
      hint: true,
      run: () => change({ ...search, split: search.split ? undefined : 'on' }),
    },
  ]);
  const charted = search.split ? grouped : all;
  const shown = useMemo(
    () => measures.map((one) => (one.id === 'count' ? { ...one, title: of === 'calls' ? 'Calls' : 'Traces' } : one)),
    [of],
  );
  const total = all.data?.groups[0]?.total;
  const withBefore = search.before !== 'off';
  const chart = { withBefore, cursor, onCursor: setCursor, hrefOf };
  const toggleBefore = () => change({ ...search, before: withBefore ? 'off' : undefined });
  return (
    <>
      <PageHeader title="Overview" actions={<Controls search={search} onChange={change} />}>
        <HeadFilter search={search} box={box} onChange={change} />
      </PageHeader>
      <WatchTabs now="/overview" />
      {problem && <FilterError q={q} problem={problem} />}
      {all.error && !all.data && <RequestError error={all.error} onRetry={() => void all.refetch()} />}
      {(all.data || all.isPending) && !problem && (
        <section
          aria-label="Measures"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto p-4 -outline-offset-2"
        >
          <Attention range={search.range ?? '24h'} />
          {!search.split && (
            <BeforeNote
              series={all.data}
              range={ownTime ? null : (search.range ?? '24h')}
              shown={withBefore}
              onToggle={toggleBefore}
            />
          )}
          {total?.count === 0 && (
            <p className="mb-4 text-text-2">
              Nothing in this time.{' '}
              <Link to="/traces" search={q === '' ? {} : { q }} className="link">
                All traces
              </Link>
            </p>
          )}
          <div className="grid grid-cols-[repeat(auto-fill,minmax(min(340px,100%),1fr))] gap-3">
            {shown
              .filter((one) => one.id !== 'first' || !total || total.firstToken !== null)
              .map((measure) => (
                <ChartCard key={measure.id} measure={measure} series={charted.data} error={charted.error} {...chart} />
              ))}
            {scored.map((name, i) => (
              <ScoreCard key={name} name={name} query={scores[i]} chart={chart} />
            ))}
          </div>
          <Breakdown
            series={grouped.data}
            error={grouped.error}
            by={by}
            split={search.split === 'on'}
            onBy={(next) => change({ ...search, by: next === 'model' ? undefined : next })}
            onSplit={(split) => change({ ...search, split: split ? 'on' : undefined })}
            hrefOf={(value) => `/traces?${new URLSearchParams({ q: toggleValue(asked, by, value) })}`}
          />
        </section>
      )}
    </>
  );
}

type BeforeNoteProps = {
  series: SeriesBody | undefined;
  /** null: the filter says another time. */
  range: string | null;
  shown: boolean;
  onToggle: () => void;
};

/** What figures are held against, and whether charts show it. */
function BeforeNote({ series, range, shown, onToggle }: BeforeNoteProps) {
  if (!series) return null;
  if (!series.before)
    return (
      <p className="mb-3 text-text-2">
        The filter does not say where its time begins, so there is no period before to compare with.
      </p>
    );
  const [from, until] = [series.before.fromNs, series.before.untilNs].map((ns) => dateTime(exactTime(ns)));
  return (
    <p className="mb-3 flex flex-wrap items-center gap-2 text-text-2">
      Compared with the {range === null ? `time before, ${from} to ${until}` : `${range} before`}.
      <button type="button" className="btn" aria-pressed={shown} onClick={onToggle}>
        Its line <kbd>b</kbd>
      </button>
    </p>
  );
}

type ScoreCardProps = {
  name: string;
  query: { data: Parameters<typeof ChartCard>[0]['series']; error: Error | null } | undefined;
  chart: Pick<Parameters<typeof ChartCard>[0], 'withBefore' | 'cursor' | 'onCursor' | 'hrefOf'>;
};

function ScoreCard({ name, query, chart }: ScoreCardProps) {
  const measure = useMemo(() => scoreMeasure(name), [name]);
  return (
    <ChartCard
      measure={measure}
      title={`Score · ${name}`}
      series={query?.data}
      error={query?.error ?? null}
      {...chart}
    />
  );
}
