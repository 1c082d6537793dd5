import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ComparisonBody, ComparisonRowBody } from '@wheelhouse/sdk';
import { RotateCw } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural, usd } from '../../data/format.ts';
import { comparisonQuery, comparisonRowsQuery } from '../../data/queries.ts';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { ComparisonRows } from './comparison-rows.tsx';
import { MeasureCard } from './measure-card.tsx';
import { rowsToShow, type Show } from './row-change.ts';

const route = getRouteApi('/experiments/$comparisonId');

function RunName({ side, run }: { side: 'A' | 'B'; run: ComparisonBody['a'] }) {
  const text = `${side === 'A' ? '● A' : '■ B'} ${run.ref}`;
  const color = side === 'A' ? 'text-va' : 'text-vb';
  if (run.version === null) return <span className={color}>{text}</span>;
  const named = run.ref.endsWith(`@${run.version}`) ? '' : ` (v${run.version})`;
  return (
    <Link
      to="/models/$name"
      params={{ name: run.model }}
      search={{ version: run.version }}
      className={`${color} hover:underline`}
    >
      {text}
      {named}
    </Link>
  );
}

function Progress({ comparison }: { comparison: ComparisonBody }) {
  const { done, total, status, costNanoUsd } = comparison;
  return (
    <div className="border-b border-line px-4 py-3">
      <div className="mb-1 flex flex-wrap gap-x-3">
        <span role="status">
          {status === 'queued' ? 'Waiting for its turn' : 'Running'}: {count(done)} of {count(total)} answers
        </span>
        <span className="mono text-text-2">{usd(costNanoUsd)} so far</span>
      </div>
      <div
        role="progressbar"
        aria-label="Answers"
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={total}
        className="h-2 overflow-hidden rounded-1 bg-line"
      >
        <div className="h-full bg-accent" style={{ width: `${total === 0 ? 0 : (done / total) * 100}%` }} />
      </div>
    </div>
  );
}

function Header({ comparison }: { comparison: ComparisonBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { a, b, dataset, datasetVersion, repetitions } = comparison;
  const again = useMutation({
    mutationFn: () =>
      client.call('createComparison', {
        body: {
          dataset,
          version: datasetVersion,
          a: a.ref,
          b: b.ref,
          scorers: comparison.scorers,
          repetitions,
        },
      }),
    onSuccess: async (made) => {
      queryClient.setQueryData(['comparison', made.id], made);
      await navigate({ to: '/experiments/$comparisonId', params: { comparisonId: made.id } });
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <PageHeader
      title={`${a.ref} vs ${b.ref} on ${dataset}`}
      heading={
        <>
          <Link to="/datasets/$name" params={{ name: dataset }} search={{ version: datasetVersion }}>
            {dataset}
          </Link>{' '}
          <span className="text-text-3">v{datasetVersion}</span>
        </>
      }
      parent={
        <Link to="/experiments" className="link">
          Experiments
        </Link>
      }
      actions={
        <May call="createComparison">
          <button type="button" className="btn" disabled={again.isPending} onClick={() => again.mutate()}>
            <RotateCw size={13} strokeWidth={1.75} aria-hidden="true" />
            Run again
          </button>
        </May>
      }
    >
      <RunName side="A" run={a} />
      <span className="text-text-3">vs</span>
      <RunName side="B" run={b} />
      {repetitions > 1 && <span className="text-text-2">× {repetitions} repetitions</span>}
      {comparison.status === 'completed' && (
        <span className="mono text-text-2">
          {plural(comparison.done, 'answer')}, {usd(comparison.costNanoUsd)}
          {comparison.erased > 0 && `, ${plural(comparison.erased, 'erased example')} left out`}
        </span>
      )}
      {comparison.status === 'failed' && <Pill tone="bad">✕ failed</Pill>}
    </PageHeader>
  );
}

const names: { show: Show; label: string; keys: string }[] = [
  { show: 'regressions', label: 'Regressions', keys: 'r' },
  { show: 'improvements', label: 'Improvements', keys: 'i' },
  { show: 'all', label: 'All', keys: 'l' },
];

function RowReader({ comparison, rows }: { comparison: ComparisonBody; rows: ComparisonRowBody[] }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const first = comparison.scorers[0] ?? '';
  const lists = useMemo(
    () => ({
      regressions: rowsToShow(rows, first, 'regressions'),
      improvements: rowsToShow(rows, first, 'improvements'),
      all: rows,
    }),
    [rows, first],
  );
  const show = search.show ?? (lists.regressions.length > 0 ? 'regressions' : 'all');
  const shown = lists[show];
  const go = (next: { show?: Show; row?: string | undefined }) => {
    const { row, ...rest } = { ...search, ...next };
    void navigate({
      to: '/experiments/$comparisonId',
      params: { comparisonId: comparison.id },
      search: row === undefined ? rest : { ...rest, row },
      replace: true,
    });
  };
  const changed = show === 'all' ? new Set([...lists.regressions, ...lists.improvements]) : new Set(shown);
  const step = (by: number) => {
    const stops = shown.filter((row) => changed.has(row));
    const at = stops.findIndex((row) => row.exampleId === search.row);
    const next = at < 0 ? stops[by > 0 ? 0 : stops.length - 1] : stops[at + by];
    if (next) go({ row: next.exampleId });
  };
  useShortcuts('Comparison', [
    { keys: 'n', label: 'next difference', hint: true, run: () => step(1) },
    { keys: 'p', label: 'previous difference', hint: true, run: () => step(-1) },
    ...names.map(({ show: one, label, keys }) => ({
      keys,
      label: label.toLowerCase(),
      hint: one === 'regressions',
      run: () => go({ show: one, row: undefined }),
    })),
    { keys: 'Escape', label: 'close the row', run: () => go({ row: undefined }) },
  ]);
  return (
    <>
      <fieldset className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <legend className="sr-only">Rows to show</legend>
        {names.map(({ show: one, label }) => (
          <button
            key={one}
            type="button"
            className="btn"
            aria-pressed={one === show}
            onClick={() => go({ show: one, row: undefined })}
          >
            {label} {count(lists[one].length)}
          </button>
        ))}
        <span className="ml-auto text-xs text-text-2 max-md:hidden">
          <kbd>n</kbd> / <kbd>p</kbd> next / previous difference by {first}
        </span>
      </fieldset>
      {shown.length === 0 ? (
        <p className="p-6 text-text-2">
          {rows.length === 0 ? 'No row is answered yet.' : `No ${show === 'all' ? 'rows' : show} by ${first}.`}
        </p>
      ) : (
        <ComparisonRows
          key={show}
          rows={shown}
          scorers={comparison.scorers}
          open={search.row ?? null}
          onOpen={(row) => go({ row: row ?? undefined })}
        />
      )}
    </>
  );
}

export function ComparisonPage(): ReactNode {
  const { comparisonId } = route.useParams();
  const { client } = useData();
  const query = useQuery(comparisonQuery(client, comparisonId));
  const rows = useQuery(comparisonRowsQuery(client, comparisonId));
  const comparison = query.data;
  if (!comparison) {
    if (!query.error) return <Loading what="the comparison" />;
    return <PageError error={query.error} what="This comparison" onRetry={() => void query.refetch()} />;
  }
  const running = comparison.status === 'queued' || comparison.status === 'running';
  return (
    <>
      <Header comparison={comparison} />
      {running && <Progress comparison={comparison} />}
      {comparison.error !== null && (
        <p role="alert" className="border-b border-line bg-bad-bg px-4 py-2 break-words text-bad">
          ✕ {comparison.error}
        </p>
      )}
      {comparison.results.length > 0 && (
        <div className="grid flex-none gap-3 border-b border-line p-4 sm:grid-cols-2 xl:grid-cols-4">
          {comparison.results.map((result) => (
            <MeasureCard key={result.measure} result={result} />
          ))}
        </div>
      )}
      {rows.isPending && <Loading what="rows" />}
      {rows.error && !rows.data && <RequestError error={rows.error} onRetry={() => void rows.refetch()} />}
      {rows.data && <RowReader key={comparisonId} comparison={comparison} rows={rows.data} />}
    </>
  );
}
