import { useVirtualizer } from '@tanstack/react-virtual';
import type { EvaluationRowBody, RunBody } from '@wheelhouse/sdk';
import { useEffect, useMemo, useRef } from 'react';
import { asText, dateTime, exampleText } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { jsonText } from '../../data/safe-json.ts';
import { AnswerSide, type Judging } from './answer-side.tsx';
import { changeOf, isWorse, yesNoScorers } from './cells.ts';

type Sides = { baseline: RunBody; candidate: RunBody | null };

const withTwo = 'md:grid-cols-[minmax(180px,240px)_minmax(0,1fr)_minmax(0,1fr)]';
const withOne = 'md:grid-cols-[minmax(180px,320px)_minmax(0,1fr)]';

function Change({ change, measure }: { change: number | null; measure: string }) {
  if (change === null || change === 0) return null;
  const bad = isWorse(change, measure);
  return (
    <span className={bad ? 'text-bad' : 'text-good'}>
      {change < 0 ? '▼' : '▲'} {unitOf(measure).difference(change)}
      <span className="sr-only">{bad ? ', worse' : ', better'}</span>
    </span>
  );
}

type RowProps = Judging &
  Sides & {
    row: EvaluationRowBody;
    measure: string;
    open: boolean;
    at: number;
    onOpen: (exampleId: string | null) => void;
    onStep: (at: number) => void;
  };

function RowHead({ row, baseline, candidate, measure, open, onOpen }: RowProps) {
  const [a, b] = [row.cells[baseline.id] ?? [], row.cells[candidate?.id ?? ''] ?? []];
  const long = open ? 'said whitespace-pre-wrap' : 'truncate';
  return (
    <div role="rowheader" className="min-w-0 p-3">
      <div className="flex gap-2 text-xs">
        <button
          type="button"
          aria-expanded={open}
          className="mono min-h-6 text-text-3 hover:underline"
          onClick={() => onOpen(open ? null : row.exampleId)}
        >
          {row.exampleId.slice(0, 3)}…{row.exampleId.slice(-5)}
        </button>
        <span className="mono leading-6">
          <Change change={changeOf(a, b, measure)} measure={measure} />
        </span>
      </div>
      <div className={long}>
        {row.erasedAt === null ? (
          exampleText(row.input)
        ) : (
          <span className="text-text-3">✕ erased {dateTime(row.erasedAt)}</span>
        )}
      </div>
      <div className={`text-xs text-text-3 ${long} ${open ? 'mt-1' : ''}`}>{asText(row.expected)}</div>
      {open && Object.keys(row.metadata).length > 0 && (
        <div className="mono said mt-1 text-text-3">{jsonText(row.metadata)}</div>
      )}
    </div>
  );
}

function Row(props: RowProps) {
  const { row, baseline, candidate, ...side } = props;
  const a = row.cells[baseline.id] ?? [];
  const judged = { scorers: side.scorers, yesNo: side.yesNo, open: side.open, at: side.at, onStep: side.onStep };
  return (
    <>
      <RowHead {...props} />
      <AnswerSide {...judged} letter="A" cells={a} against={undefined} />
      {candidate && <AnswerSide {...judged} letter="B" cells={row.cells[candidate.id] ?? []} against={a} />}
    </>
  );
}

type RowTableProps = Omit<Judging, 'yesNo'> &
  Sides & {
    rows: EvaluationRowBody[];
    measure: string;
    /** The row that is read whole, and which of its repetitions. */
    open: string | null;
    at: number;
    more: boolean;
    onMore: () => void;
    onOpen: (exampleId: string | null) => void;
    onStep: (at: number) => void;
  };

/** Row by row: what went in, what A said, what B said differently. */
export function RowTable({ rows, open, at, more, onMore, ...rest }: RowTableProps) {
  const { scorers, candidate } = rest;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    getItemKey: (index) => rows[index]?.exampleId ?? index,
    overscan: 4,
  });
  const yesNo = useMemo(() => yesNoScorers(rows, scorers), [rows, scorers]);
  const place = rows.findIndex((row) => row.exampleId === open);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another row is opened, not when rows move.
  useEffect(() => {
    if (place >= 0) virtualizer.scrollToIndex(place, { align: 'start' });
  }, [open]);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 10) onMore();
  }, [last, rows.length, more, onMore]);
  const columns = candidate ? withTwo : withOne;
  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Rows"
      aria-rowcount={more ? -1 : rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="overflow-auto bg-surface -outline-offset-2 [scroll-padding-top:32px] max-md:h-[80vh] max-md:flex-none md:min-h-80 md:flex-1"
    >
      <div role="rowgroup" className="table-head sticky top-0 z-10 max-md:hidden">
        <div role="row" aria-rowindex={1} className={`grid ${columns}`}>
          <span role="columnheader" className="px-3 py-1">
            Input · expected
          </span>
          <span role="columnheader" className="truncate px-3 py-1">
            ● A {rest.baseline.label}
          </span>
          {candidate && (
            <span role="columnheader" className="truncate px-3 py-1">
              ■ B {candidate.label}, with what changed against A
            </span>
          )}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
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
              <Row {...rest} row={row} yesNo={yesNo} open={isOpen} at={isOpen ? at : 0} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
