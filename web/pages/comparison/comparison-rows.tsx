import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { ComparisonRowBody } from '@wheelhouse/sdk';
import { useEffect, useMemo, useRef } from 'react';
import { asText, dateTime, duration, exampleText, usd } from '../../data/format.ts';
import { AnswerDiff } from '../../parts/diff-text.tsx';
import { Pill } from '../../parts/pill.tsx';
import { type Cell, changeOf, yesNoScorers } from './row-change.ts';

const columns = 'md:grid-cols-[minmax(180px,240px)_minmax(0,1fr)_minmax(0,1fr)]';
type PillProps = { cell: Cell; scorer: string; yesNo: ReadonlySet<string> };

/** Good and bad only where a scorer says yes or no; a share between stays as it is. */
function ScorePill({ cell, scorer, yesNo }: PillProps) {
  if (cell.error !== null) return <Pill tone="bad">✕ call failed</Pill>;
  const result = cell.scores[scorer];
  if (!result) return <Pill tone="mute">not scored</Pill>;
  if (!result.ok)
    return (
      <span title={result.error}>
        <Pill tone="bad">✕ scorer failed</Pill>
      </span>
    );
  const { score, reason } = result;
  return (
    <span title={reason ?? undefined}>
      {yesNo.has(scorer) ? (
        <Pill tone={score === 1 ? 'good' : 'bad'}>
          {score === 1 ? '✓' : '✕'} {scorer}
        </Pill>
      ) : (
        <Pill tone="mute">
          {scorer} {score.toFixed(2)}
        </Pill>
      )}
    </span>
  );
}

function Scores({ cell, scorers, yesNo }: { cell: Cell; scorers: string[]; yesNo: ReadonlySet<string> }) {
  const [first, ...others] = scorers;
  if (first === undefined) return null;
  if (cell.error !== null) return <ScorePill cell={cell} scorer={first} yesNo={yesNo} />;
  return [first, ...others].map((scorer) => <ScorePill key={scorer} cell={cell} scorer={scorer} yesNo={yesNo} />);
}

type SideProps = {
  letter: 'A' | 'B';
  cells: Cell[];
  against: Cell | undefined;
  scorers: string[];
  yesNo: ReadonlySet<string>;
  open: boolean;
};

function Side({ letter, cells, against, scorers, yesNo, open }: SideProps) {
  const shown = open ? cells : cells.slice(0, 1);
  return (
    <div role="cell" className="min-w-0 border-line p-3 max-md:border-t md:border-l">
      <span className={`mb-1 block text-xs font-medium md:sr-only ${letter === 'A' ? 'text-va' : 'text-vb'}`}>
        {letter === 'A' ? '● A' : '■ B'}
      </span>
      {cells.length === 0 && <span className="text-text-3">… not answered yet</span>}
      {shown.map((cell) => (
        <div key={cell.repetition} className={open && cells.length > 1 ? 'mb-3' : ''}>
          <div className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
            <Scores cell={cell} scorers={scorers} yesNo={yesNo} />
            <span className="mono text-text-3">
              {usd(cell.costNanoUsd)} · {duration(cell.latencyNs)}
            </span>
            {cells.length > 1 && (
              <span className="text-text-3">{open ? `repetition ${cell.repetition + 1}` : `1 of ${cells.length}`}</span>
            )}
            <Link
              to="/traces/$traceId"
              params={{ traceId: cell.traceId }}
              preload={false}
              className="link ml-auto"
              aria-label={`Trace of ${letter}, repetition ${cell.repetition + 1}`}
            >
              trace
            </Link>
          </div>
          <div
            className={`break-words whitespace-pre-wrap ${open ? '' : 'line-clamp-2'} ${cell.error === null ? '' : 'text-bad'}`}
          >
            {cell.error !== null ? (
              cell.error
            ) : against?.output != null && cell.output !== null ? (
              <AnswerDiff a={against.output} b={cell.output} />
            ) : cell.output === '' ? (
              <span className="text-text-3">(empty answer)</span>
            ) : (
              cell.output
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

type ComparisonRowsProps = {
  rows: ComparisonRowBody[];
  scorers: string[];
  /** The row that is read whole. */
  open: string | null;
  onOpen: (exampleId: string | null) => void;
};

function Change({ row, scorer }: { row: ComparisonRowBody; scorer: string | undefined }) {
  const change = scorer === undefined ? null : changeOf(row, scorer);
  if (change === null || change === 0) return null;
  return (
    <span className={change < 0 ? 'text-bad' : 'text-good'}>
      {change < 0 ? '▼' : '▲'} {Math.abs(change).toFixed(2)}
    </span>
  );
}

/** Row by row: what went in, what A said, what B said differently. */
export function ComparisonRows({ rows, scorers, open, onOpen }: ComparisonRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    getItemKey: (index) => rows[index]?.exampleId ?? index,
    overscan: 4,
  });
  const yesNo = useMemo(() => yesNoScorers(rows, scorers), [rows, scorers]);
  const at = rows.findIndex((row) => row.exampleId === open);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another row is opened, not when rows move.
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at, { align: 'start' });
  }, [open]);
  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Rows"
      aria-rowcount={rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="overflow-auto bg-surface -outline-offset-2 max-md:h-[80vh] max-md:flex-none md:min-h-60 md:flex-1"
    >
      <div role="rowgroup" className="table-head sticky top-0 z-10 max-md:hidden">
        <div role="row" className={`grid ${columns}`}>
          <span role="columnheader" className="px-3 py-1">
            Input · expected
          </span>
          <span role="columnheader" className="px-3 py-1">
            ● A
          </span>
          <span role="columnheader" className="px-3 py-1">
            ■ B, words changed against A
          </span>
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const isOpen = row.exampleId === open;
          return (
            <div
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              className={`absolute left-0 grid w-full border-b border-line ${columns} ${isOpen ? 'bg-bg shadow-[inset_2px_0_0_var(--accent)]' : ''}`}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <div role="rowheader" className="min-w-0 p-3">
                <div className="flex gap-2 text-xs">
                  <button
                    type="button"
                    aria-expanded={isOpen}
                    className="mono min-h-6 text-text-3 hover:underline"
                    onClick={() => onOpen(isOpen ? null : row.exampleId)}
                  >
                    {row.exampleId.slice(0, 3)}…{row.exampleId.slice(-5)}
                  </button>
                  <span className="mono leading-6">
                    <Change row={row} scorer={scorers[0]} />
                  </span>
                </div>
                <div className={isOpen ? 'break-words whitespace-pre-wrap' : 'truncate'}>
                  {row.erasedAt === null ? (
                    exampleText(row.input)
                  ) : (
                    <span className="text-text-3">✕ erased {dateTime(row.erasedAt)}</span>
                  )}
                </div>
                <div className={`text-xs text-text-3 ${isOpen ? 'mt-1 break-words whitespace-pre-wrap' : 'truncate'}`}>
                  {asText(row.expected)}
                </div>
              </div>
              <Side letter="A" cells={row.a} against={undefined} scorers={scorers} yesNo={yesNo} open={isOpen} />
              <Side letter="B" cells={row.b} against={row.a[0]} scorers={scorers} yesNo={yesNo} open={isOpen} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
