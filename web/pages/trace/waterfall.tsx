import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight } from 'lucide-react';
import { type CSSProperties, memo, type RefObject, useEffect, useMemo, useRef } from 'react';
import { count, duration } from '../../data/format.ts';
import { bringToMiddle, keepInSight } from '../../parts/keep-in-sight.ts';
import { KindIcon, kindColor } from '../../parts/kind-icon.tsx';
import { useNarrow, useRowHeight } from '../../parts/use-row-height.ts';
import type { SpanTree, TreeRow } from './span-tree.ts';
import { type TimeScale, viewOf, zoomBy } from './time-scale.ts';
import { Axis, Grid, TimeStrip } from './time-strip.tsx';
import type { Zoom } from './use-zoom.ts';

const deepest = 12;
const indent = 12;
/** Fewer spans are seen at a glance anyway. */
const stripFrom = 5;
const narrowHeight = 44;
/** How much one step of a wheel zooms. */
const wheelPower = 0.002;

/** Name, bar, length; on narrow screens the bar goes under the name. */
const columns = 'grid grid-cols-[minmax(150px,38%)_minmax(0,1fr)_68px] items-center';
const narrowColumns = 'grid grid-cols-[minmax(0,1fr)_68px] grid-rows-[26px_14px]';

type View = ReturnType<typeof viewOf>;

const percent = (place: number) => `${place * 100}%`;

function Bar({ row, view, nowNs }: { row: TreeRow; view: View; nowNs: number }) {
  if (!row.span) return null;
  const failed = row.span.status === 'error';
  const color = failed ? 'var(--bad)' : kindColor(row.span.kind);
  const left = view.at(row.startNs);
  const right = view.at(row.startNs + (row.lengthNs ?? Math.max(0, nowNs - row.startNs)));
  // Out of sight: which way it lies.
  if (right < 0) return <span className="absolute left-0 -top-1 text-xs leading-5 text-text-3">‹</span>;
  if (left > 1) return <span className="absolute right-0 -top-1 text-xs leading-5 text-text-3">›</span>;
  const from = Math.max(0, left);
  const style = {
    left: `min(${percent(from)}, calc(100% - 2px))`,
    width: `max(2px, ${percent(Math.min(1, right) - from)})`,
    '--bar': color,
  } as CSSProperties;
  const first =
    row.span.firstTokenNs === null ? null : Number(BigInt(row.span.firstTokenNs) - BigInt(row.span.startNs));
  return (
    <>
      <span
        className="bar absolute h-3 rounded-[2px]"
        data-running={row.lengthNs === null || undefined}
        style={style}
      />
      {first !== null && (
        <span className="first-token absolute h-3" style={{ left: percent(view.at(row.startNs + first)) }} />
      )}
    </>
  );
}

type RowProps = {
  row: TreeRow;
  top: number;
  height: number;
  narrow: boolean;
  folded: boolean;
  selected: boolean;
  found: boolean;
  view: View;
  nowNs: number;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
  onFit: (row: TreeRow) => void;
};

function Name({ row, folded, found, onFold }: Pick<RowProps, 'row' | 'folded' | 'found' | 'onFold'>) {
  const { span } = row;
  const failed = span?.status === 'error';
  const Text = found ? 'mark' : 'span';
  return (
    <span
      className="flex h-full min-w-0 items-center gap-1.5"
      style={{ paddingLeft: Math.min(row.depth, deepest) * indent }}
    >
      {row.below > 0 ? (
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
      {row.depth > deepest && (
        <span className="mono flex-none text-xs text-text-3" title={`${row.depth} levels deep`}>
          {row.depth}
        </span>
      )}
      {span ? <KindIcon kind={span.kind} /> : null}
      <Text className={`truncate ${failed ? 'text-bad' : span ? '' : 'text-text-3 italic'}`}>
        {span ? span.name : 'parent not reported yet'}
      </Text>
      {failed && <span className="flex-none text-xs text-bad">✕ error</span>}
      {folded && <span className="flex-none text-xs text-text-3">+{count(row.below)}</span>}
    </span>
  );
}

const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { row, top, height, narrow, folded, selected, view, nowNs, onSelect, onFold, onFit } = props;
  const { span } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and moves with the arrow keys.
    <div
      id={`span-${row.id}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={row.below > 0 ? !folded : undefined}
      onClick={() => (span ? onSelect(row.id) : onFold(row.id))}
      onDoubleClick={() => span && onFit(row)}
      className={`absolute left-0 w-full cursor-default hover:bg-sunken aria-selected:bg-accent-bg ${narrow ? narrowColumns : columns}`}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <Name {...props} />
      <span className={`relative h-3 ${narrow ? 'order-last col-span-2 mx-2' : ''}`} aria-hidden="true">
        <Bar row={row} view={view} nowNs={nowNs} />
      </span>
      <span className="mono pr-2 text-right text-xs leading-6 text-text-2">
        {row.lengthNs === null ? (span ? 'running' : '') : duration(String(row.lengthNs))}
      </span>
    </div>
  );
});

/** Ctrl and the wheel, or two fingers apart, zoom at the pointer; sideways moves along. */
function useWheel(
  scroller: RefObject<HTMLElement | null>,
  options: { zoom: Zoom; view: View; lengthNs: number; bars: RefObject<HTMLElement | null> },
) {
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      const { zoom, view, lengthNs, bars } = latest.current;
      const box = bars.current?.getBoundingClientRect();
      if (!box) return;
      const { range } = zoom;
      const width = range.to - range.from;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const around = view.back(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
        const factor = Math.exp(event.deltaY * wheelPower);
        zoom.set(zoomBy(range, { around, factor, lengthNs }));
      } else if (zoom.zoomed && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const by = (event.deltaX / box.width) * width;
        zoom.set({ from: range.from + by, to: range.to + by });
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [scroller]);
}

type WaterfallProps = {
  tree: SpanTree;
  visible: number[];
  folded: ReadonlySet<string>;
  selected: string | null;
  /** Rows that what the reader looks for is in. */
  found: ReadonlySet<number>;
  scale: TimeScale;
  zoom: Zoom;
  nowNs: number;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
  onFit: (row: TreeRow) => void;
};

/** Every span on one time axis; only the rows in sight are in the page. */
export function Waterfall(props: WaterfallProps) {
  const { tree, visible, folded, selected, found, scale, zoom, nowNs, onSelect, onFold, onFit } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const bars = useRef<HTMLDivElement>(null);
  const arrived = useRef(false);
  const narrow = useNarrow();
  const wide = useRowHeight('--row-tree');
  const height = narrow ? Math.max(narrowHeight, wide) : wide;
  const { from, to } = zoom.range;
  const view = useMemo(() => viewOf(scale, { from, to }), [scale, from, to]);
  useWheel(scroller, { zoom, view, lengthNs: scale.lengthNs, bars });
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
    if (at === undefined) return;
    (arrived.current ? keepInSight : bringToMiddle)(scroller.current, { index: at, height });
    arrived.current = true;
  }, [selected]);
  const frame = narrow ? 'px-2' : columns;
  const blank = narrow ? null : <span />;
  return (
    <>
      <div className="flex-none overflow-hidden border-b border-line [scrollbar-gutter:stable]">
        {tree.rows.length >= stripFrom && (
          <div className={frame}>
            {blank}
            <TimeStrip tree={tree} scale={scale} zoom={zoom} />
          </div>
        )}
        <div className={frame}>
          {blank}
          <Axis scale={scale} range={zoom.range} />
        </div>
      </div>
      <div
        ref={scroller}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        aria-activedescendant={at === undefined ? undefined : `span-${selected}`}
        className="min-h-0 flex-1 overflow-auto bg-surface -outline-offset-2 [scrollbar-gutter:stable]"
      >
        <div role="none" className="relative" style={{ height: virtualizer.getTotalSize(), minHeight: '100%' }}>
          <div role="none" className={`pointer-events-none absolute inset-0 !items-stretch ${frame}`}>
            {blank}
            <Grid scale={scale} range={zoom.range} bars={bars} lines={!narrow} />
          </div>
          {virtualizer.getVirtualItems().map((item) => {
            const index = visible[item.index] ?? -1;
            const row = tree.rows[index];
            return row ? (
              <WaterfallRow
                key={row.id}
                row={row}
                top={item.start}
                height={height}
                narrow={narrow}
                folded={folded.has(row.id)}
                selected={row.id === selected}
                found={found.has(index)}
                view={view}
                nowNs={row.lengthNs === null ? nowNs : 0}
                onSelect={onSelect}
                onFold={onFold}
                onFit={onFit}
              />
            ) : null;
          })}
        </div>
      </div>
    </>
  );
}
