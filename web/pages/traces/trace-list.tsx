import { useElementScrollRestoration } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { type RefObject, useEffect } from 'react';
import { keepInSight } from '../../parts/keep-in-sight.ts';
import { useNarrow, useRowHeight } from '../../parts/use-row-height.ts';
import { columns, TraceRow } from './trace-row.tsx';

const headHeight = 28;
const restoreId = 'traces';
const heads = [
  { name: '', style: '' },
  { name: 'Time', style: 'max-md:hidden' },
  { name: 'Name', style: '' },
  { name: 'Input', style: 'max-md:hidden' },
  { name: 'Output', style: 'max-md:hidden @max-[700px]:hidden' },
  { name: 'Model', style: '@max-[1000px]:hidden' },
  { name: 'Latency', style: 'text-right' },
  { name: 'Cost', style: 'text-right max-md:hidden @max-[700px]:hidden' },
  { name: 'Spans', style: 'text-right @max-[1000px]:hidden' },
  { name: 'Score', style: 'text-right max-md:hidden' },
];

function Head() {
  return (
    <div role="rowgroup" className="table-head sticky top-0 z-10">
      <div role="row" aria-rowindex={1} className={`grid h-7 items-center ${columns}`}>
        {heads.map(({ name, style }) => (
          <div role="columnheader" key={name} className={`px-2 ${style}`}>
            {name || <span className="sr-only">Selected</span>}
          </div>
        ))}
      </div>
    </div>
  );
}

type TraceListProps = {
  scroller: RefObject<HTMLDivElement | null>;
  rows: TraceSummaryBody[];
  current: string | null;
  selected: ReadonlySet<string>;
  more: boolean;
  onMore: () => void;
  onOpen: (traceId: string) => void;
  onSelect: (traceId: string) => void;
};

/** Only the rows in sight are in the page; the next page is asked for before the end is reached. */
export function TraceList(props: TraceListProps) {
  const { scroller, rows, current, selected, more, onMore, onOpen, onSelect } = props;
  const narrow = useNarrow();
  const normal = useRowHeight('--row');
  const height = narrow ? 56 : normal;
  const restored = useElementScrollRestoration({ id: restoreId });
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.traceId ?? index,
    overscan: 8,
    initialOffset: restored?.scrollY ?? 0,
  });
  const items = virtualizer.getVirtualItems();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is what makes old measures wrong.
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 20) onMore();
  }, [last, rows.length, more, onMore]);
  const currentIndex = current === null ? -1 : rows.findIndex((row) => row.traceId === current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another row becomes current, not when rows move.
  useEffect(() => {
    if (currentIndex >= 0) keepInSight(scroller.current, { index: currentIndex, height, head: headHeight });
  }, [current]);

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Traces"
      aria-multiselectable="true"
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-activedescendant={currentIndex >= 0 ? `trace-${current}` : undefined}
      tabIndex={0}
      data-scroll-restoration-id={restoreId}
      className="@container min-h-60 min-w-0 flex-1 overflow-auto bg-surface -outline-offset-2"
    >
      <Head />
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const trace = rows[item.index];
          return trace ? (
            <TraceRow
              key={item.key}
              trace={trace}
              index={item.index}
              top={item.start}
              height={height}
              current={trace.traceId === current}
              selected={selected.has(trace.traceId)}
              onOpen={onOpen}
              onSelect={onSelect}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}
