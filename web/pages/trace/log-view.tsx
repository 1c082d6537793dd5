import { useVirtualizer } from '@tanstack/react-virtual';
import { inputTokens, outputTokens } from '@wheelhouse/core/records';
import { memo, useEffect, useRef } from 'react';
import { count, duration, usd } from '../../data/format.ts';
import { bringToMiddle, keepInSight } from '../../parts/keep-in-sight.ts';
import { KindIcon } from '../../parts/kind-icon.tsx';
import { useRowHeight } from '../../parts/use-row-height.ts';
import type { SpanTree, TreeRow } from './span-tree.ts';

const headHeight = 28;
const columns =
  'grid grid-cols-[84px_minmax(140px,1fr)_minmax(100px,1fr)_96px_84px_76px] max-xl:grid-cols-[84px_minmax(120px,1fr)_minmax(80px,1fr)_76px] max-md:grid-cols-[76px_minmax(0,1fr)_68px]';
const heads = [
  { name: 'After', style: '' },
  { name: 'Span', style: '' },
  { name: 'What', style: 'max-md:hidden' },
  { name: 'Tokens', style: 'text-right max-xl:hidden' },
  { name: 'Cost', style: 'text-right max-xl:hidden' },
  { name: 'Took', style: 'text-right' },
];

type LogRowProps = {
  row: TreeRow;
  index: number;
  top: number;
  height: number;
  selected: boolean;
  found: boolean;
  onSelect: (id: string) => void;
};

const LogRow = memo(function LogRow({ row, index, top, height, selected, found, onSelect }: LogRowProps) {
  const { span } = row;
  if (span === null) return null;
  const failed = span.status === 'error';
  const what = failed
    ? (span.statusMessage ?? 'failed')
    : (span.model ?? span.responseModel ?? span.requestModel ?? '');
  const Text = found ? 'mark' : 'span';
  const cell = 'px-2';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and moves with the arrow keys.
    <div
      id={`log-${row.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={-1}
      onClick={() => onSelect(row.id)}
      className={`absolute left-0 w-full cursor-default items-center hover:bg-sunken aria-selected:bg-accent-bg ${columns}`}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" className={`${cell} mono text-text-3`}>
        {duration(String(Math.round(row.startNs)))}
      </span>
      <span role="gridcell" className={`${cell} flex min-w-0 items-center gap-1.5`}>
        <KindIcon kind={span.kind} />
        <Text className={`truncate ${failed ? 'text-bad' : ''}`}>{span.name}</Text>
        {failed && <span className="flex-none text-xs text-bad md:hidden">✕ error</span>}
      </span>
      <span role="gridcell" className={`${cell} truncate max-md:hidden ${failed ? 'text-bad' : 'text-text-2'}`}>
        {failed && '✕ '}
        {what}
      </span>
      <span role="gridcell" className={`${cell} mono text-right text-text-2 max-xl:hidden`}>
        {span.usage ? `${count(inputTokens(span.usage))} → ${count(outputTokens(span.usage))}` : ''}
      </span>
      <span role="gridcell" className={`${cell} mono text-right text-text-2 max-xl:hidden`}>
        {span.usage || span.costNanoUsd ? usd(span.costNanoUsd) : ''}
      </span>
      <span role="gridcell" className={`${cell} mono text-right text-text-2`}>
        {row.lengthNs === null ? 'running' : duration(String(row.lengthNs))}
      </span>
    </div>
  );
});

type LogViewProps = {
  tree: SpanTree;
  /** Indices of the rows, in order of start. */
  order: number[];
  selected: string | null;
  found: ReadonlySet<number>;
  onSelect: (id: string) => void;
};

/** What began when, line by line; only the lines in sight are in the page. */
export function LogView({ tree, order, selected, found, onSelect }: LogViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const arrived = useRef(false);
  const height = useRowHeight('--row-tree');
  const virtualizer = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is what makes old measures wrong.
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const at = selected === null ? -1 : order.findIndex((index) => tree.rows[index]?.id === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another span is chosen, not when rows move.
  useEffect(() => {
    if (at < 0) return;
    if (arrived.current) keepInSight(scroller.current, { index: at, height, head: headHeight });
    else bringToMiddle(scroller.current, { index: at, height });
    arrived.current = true;
  }, [selected]);
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Log"
      aria-rowcount={order.length + 1}
      aria-activedescendant={at < 0 ? undefined : `log-${selected}`}
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto bg-surface -outline-offset-2"
    >
      <div role="rowgroup" className="table-head sticky top-0 z-10">
        <div role="row" aria-rowindex={1} className={`h-7 items-center ${columns}`}>
          {heads.map(({ name, style }) => (
            <div role="columnheader" key={name} className={`px-2 ${style}`}>
              {name}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const index = order[item.index] ?? -1;
          const row = tree.rows[index];
          return row ? (
            <LogRow
              key={row.id}
              row={row}
              index={item.index}
              top={item.start}
              height={height}
              selected={row.id === selected}
              found={found.has(index)}
              onSelect={onSelect}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}
