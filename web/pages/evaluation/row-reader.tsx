import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { EvaluationRowBody, RunBody } from '@wheelhouse/sdk';
import { useCallback } from 'react';
import { useData } from '../../data/data-context.tsx';
import { evaluationRowsQuery, rowCountsQuery } from '../../data/evaluation-queries.ts';
import { count } from '../../data/format.ts';
import type { RowKind } from '../../data/row-kinds.ts';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { changeOf } from './cells.ts';
import { RowTable } from './row-table.tsx';
import { type Shown, useView } from './view.tsx';

const kinds: { show: RowKind; label: string; keys: string; compares: boolean }[] = [
  { show: 'regressions', label: 'Regressions', keys: 'r', compares: true },
  { show: 'improvements', label: 'Improvements', keys: 'i', compares: true },
  { show: 'errors', label: 'Errors', keys: 'e', compares: false },
  { show: 'flaky', label: 'Flaky', keys: 'f', compares: false },
  { show: 'all', label: 'All', keys: 'l', compares: false },
];

type RowReaderProps = { shown: Shown; baseline: RunBody; candidate: RunBody | null; measure: string };
function useRows({ shown, candidate, measure }: RowReaderProps) {
  const { client } = useData();
  const asked = useView().view.show;
  const ask = { measure, run: candidate?.id };
  const counts = useQuery(rowCountsQuery(client, shown.source, ask)).data;
  const first = shown.isFinal && counts && counts.regressions > 0 ? 'regressions' : 'all';
  const show = asked ?? first;
  const query = useInfiniteQuery({
    ...evaluationRowsQuery(client, shown.source, { ...ask, show }),
    enabled: asked !== undefined || counts !== undefined,
  });
  return { counts, show, query, rows: query.data?.pages.flatMap((page) => page.data) ?? [] };
}

export function RowReader(props: RowReaderProps) {
  const { shown, baseline, candidate, measure } = props;
  const { view: search, go } = useView();
  const navigate = useNavigate();
  const { counts, show, query, rows } = useRows(props);
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);

  const cellsOf = (row: EvaluationRowBody | undefined, run: RunBody | null) => row?.cells[run?.id ?? ''] ?? [];
  const differs = (row: EvaluationRowBody) =>
    show !== 'all' || (changeOf(cellsOf(row, baseline), cellsOf(row, candidate), measure) ?? 0) !== 0;
  /** To the next row that fits; what is not loaded yet is asked for. */
  const step = (by: 1 | -1, fits: (row: EvaluationRowBody) => boolean) => {
    const at = rows.findIndex((row) => row.exampleId === search.row);
    const next = by > 0 ? rows.slice(at + 1).find(fits) : rows.slice(0, at < 0 ? rows.length : at).findLast(fits);
    if (next) go({ row: next.exampleId, rep: undefined });
    else if (by > 0 && hasNextPage) more();
  };
  const openRow = rows.find((row) => row.exampleId === search.row);
  const rep = search.rep ?? 0;
  const lastRep = Math.max(cellsOf(openRow, baseline).length, cellsOf(openRow, candidate).length) - 1;
  const trace = (run: RunBody | null) => {
    const cells = cellsOf(openRow, run);
    const traceId = cells[Math.min(rep, cells.length - 1)]?.traceId;
    if (traceId) void navigate({ to: '/traces/$traceId', params: { traceId } });
  };
  const offered = kinds.filter(
    (kind) => (candidate !== null || !kind.compares) && (shown.repetitions > 1 || kind.show !== 'flaky'),
  );
  useShortcuts('Evaluation', [
    { keys: 'n', label: 'next difference', hint: candidate !== null, run: () => step(1, differs) },
    { keys: 'p', label: 'previous difference', hint: candidate !== null, run: () => step(-1, differs) },
    { keys: 'j', label: 'next row', run: () => step(1, () => true) },
    { keys: 'k', label: 'previous row', run: () => step(-1, () => true) },
    ...offered.map(({ show: one, label, keys }) => ({
      keys,
      label: label.toLowerCase(),
      hint: one === 'regressions',
      run: () => go({ show: one, row: undefined, rep: undefined }),
    })),
    { keys: 'v', label: 'next repetition', run: () => go({ rep: rep >= lastRep ? undefined : rep + 1 }) },
    { keys: 'o', label: candidate ? 'trace of B' : 'trace', run: () => trace(candidate ?? baseline) },
    { keys: 'Shift+O', label: 'trace of A', run: () => trace(baseline) },
    { keys: 'Escape', label: 'close the row', run: () => go({ row: undefined, rep: undefined }) },
  ]);
  return (
    <>
      <fieldset className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <legend className="sr-only">Rows to show</legend>
        {offered.map(({ show: one, label }) => (
          <button
            key={one}
            type="button"
            className="btn"
            aria-pressed={one === show}
            onClick={() => go({ show: one, row: undefined, rep: undefined })}
          >
            {label} {one !== 'all' && counts ? count(counts[one]) : ''}
          </button>
        ))}
        {candidate && (
          <span className="ml-auto text-xs text-text-2 max-md:hidden">
            <kbd>n</kbd> / <kbd>p</kbd> next / previous difference by {measure}
          </span>
        )}
      </fieldset>
      <QueryState query={query} what="rows" />
      {query.data && rows.length === 0 && (
        <p className="p-6 text-text-2">
          {show === 'all' ? 'No rows.' : `No ${show === 'flaky' ? 'flaky rows' : show} by ${measure}.`}
        </p>
      )}
      {rows.length > 0 && (
        <RowTable
          key={`${show} ${measure} ${candidate?.id}`}
          rows={rows}
          scorers={shown.scorers}
          baseline={baseline}
          candidate={candidate}
          measure={measure}
          open={search.row ?? null}
          at={rep}
          more={hasNextPage}
          onMore={more}
          onOpen={(row) => go({ row: row ?? undefined, rep: undefined })}
          onStep={(at) => go({ rep: at === 0 ? undefined : at })}
        />
      )}
    </>
  );
}
