import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight } from 'lucide-react';
import { type CSSProperties, memo, useEffect, useMemo, useRef } from 'react';
import { count, duration, plural } from '../../data/format.ts';
import { keepInSight } from '../../parts/keep-in-sight.ts';
import { KindIcon, kindColor } from '../../parts/kind-icon.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useRowHeight } from '../../parts/use-row-height.ts';
import type { SpanTree, TreeRow } from './span-tree.ts';

const deepest = 12;
const indent = 12;
const buckets = 240;

type BarProps = { row: TreeRow; totalNs: number; nowNs: number };

function Bar({ row, totalNs, nowNs }: BarProps) {
  if (!row.span) return null;
  const failed = row.span.status === 'error';
  const color = failed ? 'var(--bad)' : kindColor(row.span.kind);
  const length = row.lengthNs ?? Math.max(0, nowNs - row.startNs);
  const left = Math.min(100, (row.startNs / totalNs) * 100);
  const width = `max(2px, ${(length / totalNs) * 100}%)`;
  const style = { left: `min(${left}%, calc(100% - 2px))`, width };
  return row.lengthNs === null ? (
    <span className="hatched absolute h-3 rounded-[2px]" style={{ ...style, '--hatch': color } as CSSProperties} />
  ) : (
    <span className="absolute h-3 rounded-[2px] opacity-90" style={{ ...style, background: color }} />
  );
}

type RowProps = {
  row: TreeRow;
  top: number;
  height: number;
  folded: boolean;
  selected: boolean;
  totalNs: number;
  nowNs: number;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
};

const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { row, top, height, folded, selected, totalNs, nowNs, onSelect, onFold } = props;
  const { span } = row;
  const failed = span?.status === 'error';
  const hasChildren = row.below > 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and moves with the arrow keys.
    <div
      id={`span-${row.id}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={hasChildren ? !folded : undefined}
      onClick={() => (span ? onSelect(row.id) : onFold(row.id))}
      className="absolute left-0 grid w-full cursor-default grid-cols-[minmax(150px,38%)_minmax(0,1fr)_68px] items-center hover:bg-sunken aria-selected:bg-accent-bg"
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span
        className="flex h-full min-w-0 items-center gap-1.5"
        style={{ paddingLeft: Math.min(row.depth, deepest) * indent }}
      >
        {hasChildren ? (
          <span
            aria-hidden="true"
            className="flex size-6 flex-none items-center justify-center text-text-3"
            onClick={(event) => {
              event.stopPropagation();
              onFold(row.id);
            }}
          >
            <ChevronRight size={13} style={{ transform: folded ? 'none' : 'rotate(90deg)' }} />
          </span>
        ) : (
          <span className="w-6 flex-none" />
        )}
        {span ? <KindIcon kind={span.kind} /> : null}
        <span className={`truncate ${failed ? 'text-bad' : span ? '' : 'text-text-3 italic'}`}>
          {span ? span.name : 'parent not reported yet'}
        </span>
        {failed && <span className="flex-none text-xs text-bad">✕ error</span>}
        {folded && <span className="flex-none text-xs text-text-3">+{count(row.below)}</span>}
      </span>
      <span className="relative h-3" aria-hidden="true">
        <Bar row={row} totalNs={totalNs} nowNs={nowNs} />
      </span>
      <span className="mono pr-2 text-right text-xs text-text-2">
        {row.lengthNs === null ? (span ? 'running' : '') : duration(String(row.lengthNs))}
      </span>
    </div>
  );
});

/** How many spans start when: finds the busy and the empty stretches of a long trace. */
function Density({ tree }: { tree: SpanTree }) {
  const path = useMemo(() => {
    const counts = new Float64Array(buckets);
    for (const row of tree.rows) {
      const at = Math.min(buckets - 1, Math.floor((row.startNs / tree.lengthNs) * buckets));
      if (row.span) counts[at] = (counts[at] ?? 0) + 1;
    }
    const most = Math.max(...counts);
    return Array.from(counts, (n, i) =>
      n === 0 ? '' : `M${i + 0.5} 24v${(-22 * Math.sqrt(n / most)).toFixed(1)}`,
    ).join('');
  }, [tree]);
  return (
    <svg
      viewBox={`0 0 ${buckets} 24`}
      preserveAspectRatio="none"
      className="h-6 w-full flex-none border-b border-line bg-sunken"
      role="img"
      aria-label={`When spans start: ${plural(tree.rows.length, 'span')} over ${duration(String(tree.lengthNs))}`}
    >
      <path d={path} stroke="var(--k-llm)" strokeWidth="0.8" fill="none" />
    </svg>
  );
}

type WaterfallProps = {
  tree: SpanTree;
  visible: number[];
  folded: ReadonlySet<string>;
  selected: string | null;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
};

/** Every span on one time axis; only the rows in sight are in the page. */
export function Waterfall({ tree, visible, folded, selected, onSelect, onFold }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight('--row-tree');
  const now = useNow(tree.running);
  const nowNs = tree.running ? Number(now - tree.startNs) : 0;
  const totalNs = Math.max(tree.lengthNs, nowNs);
  const virtualizer = useVirtualizer({
    count: visible.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  });
  const position = useMemo(() => new Map(visible.map((at, i) => [tree.rows[at]?.id, i])), [visible, tree]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is what makes old measures wrong.
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const at = selected === null ? undefined : position.get(selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another span is chosen, not when rows move.
  useEffect(() => {
    if (at !== undefined) keepInSight(scroller.current, { index: at, height });
  }, [selected]);
  return (
    <>
      {tree.rows.length > 20 && <Density tree={tree} />}
      <div
        ref={scroller}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        aria-activedescendant={at === undefined ? undefined : `span-${selected}`}
        className="min-h-0 flex-1 overflow-auto bg-surface -outline-offset-2"
      >
        <div role="none" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = tree.rows[visible[item.index] ?? -1];
            return row ? (
              <WaterfallRow
                key={row.id}
                row={row}
                top={item.start}
                height={height}
                folded={folded.has(row.id)}
                selected={row.id === selected}
                totalNs={totalNs}
                nowNs={row.lengthNs === null ? nowNs : 0}
                onSelect={onSelect}
                onFold={onFold}
              />
            ) : null;
          })}
        </div>
      </div>
    </>
  );
}
