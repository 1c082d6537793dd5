import { type KeyboardEvent, type PointerEvent, type RefObject, useMemo, useRef } from 'react';
import { duration, plural } from '../../data/format.ts';
import { densityOf } from './density.ts';
import type { SpanTree } from './span-tree.ts';
import { keepInside, type Range, type TimeScale, ticksOf, viewOf } from './time-scale.ts';
import type { Zoom } from './use-zoom.ts';

const buckets = 240;
const height = 24;
/** A shorter movement is a click. */
const dragPixels = 4;

const percent = (place: number) => `${place * 100}%`;
const inside = (place: number) => Math.max(0, Math.min(1, place));
const timeText = (ns: number) => duration(String(Math.round(ns)));

function Profile({ tree, scale }: { tree: SpanTree; scale: TimeScale }) {
  const { running, failed } = useMemo(() => densityOf(tree.rows, scale, buckets), [tree, scale]);
  const most = Math.max(1, ...running);
  const bars = running.map((n, i) => {
    const tall = Math.max(1.5, (height - 5) * Math.sqrt(n / most));
    return n === 0 ? '' : `M${i} ${height}v${-tall.toFixed(1)}h1v${tall.toFixed(1)}z`;
  });
  const errors = failed.map((one, i) => (one ? `M${i - 0.5} 0h2v3h-2z` : ''));
  return (
    <svg
      viewBox={`0 0 ${buckets} ${height}`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full"
      role="img"
      aria-label={`${plural(tree.rows.length, 'span')} over ${timeText(tree.lengthNs)}; how many run at a time`}
    >
      <path d={bars.join('')} fill="var(--text-3)" />
      <path d={errors.join('')} fill="var(--bad)" />
    </svg>
  );
}

type Edge = 'from' | 'to';
type Drag = { what: 'new' | 'window' | Edge; x: number; place: number; range: Range; moved: boolean };

/** The range that a drag has led to, `by` being how far along the strip. */
function dragged({ what, place, range }: Drag, options: { by: number; scale: TimeScale }): Range {
  const { by, scale } = options;
  const move = (ns: number, far: number) => scale.back(inside(scale.at(ns) + far));
  if (what === 'from') return { from: Math.min(move(range.from, by), range.to), to: range.to };
  if (what === 'to') return { from: range.from, to: Math.max(move(range.to, by), range.from) };
  if (what === 'new') {
    const [left, right] = [place, inside(place + by)].sort((a, b) => a - b);
    return { from: scale.back(left ?? 0), to: scale.back(right ?? 1) };
  }
  const kept = Math.max(-scale.at(range.from), Math.min(1 - scale.at(range.to), by));
  return { from: move(range.from, kept), to: move(range.to, kept) };
}

/** The keys' way to what dragging an edge does. */
function stepOf(key: string, width: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -width / 20,
    ArrowDown: -width / 20,
    ArrowRight: width / 20,
    ArrowUp: width / 20,
    PageDown: -width / 4,
    PageUp: width / 4,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  return steps[key] ?? null;
}

type StripProps = { tree: SpanTree; scale: TimeScale; zoom: Zoom };

function EdgeHandle({ edge, scale, zoom, onGrab }: Omit<StripProps, 'tree'> & { edge: Edge; onGrab: () => void }) {
  const { range } = zoom;
  const ns = range[edge];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event.key, range.to - range.from);
    if (step === null) return;
    event.preventDefault();
    const least = (range.to - range.from) / 100;
    const to = Math.max(0, Math.min(scale.lengthNs, ns + step));
    zoom.set(
      edge === 'from'
        ? { from: Math.min(to, range.to - least), to: range.to }
        : { from: range.from, to: Math.max(to, range.from + least) },
    );
  };
  return (
    <span
      role="slider"
      tabIndex={0}
      aria-label={edge === 'from' ? 'Zoom from' : 'Zoom to'}
      aria-valuemin={0}
      aria-valuemax={Math.round(scale.lengthNs / 1e6)}
      aria-valuenow={Math.round(ns / 1e6)}
      aria-valuetext={timeText(ns)}
      onKeyDown={onKeyDown}
      onPointerDown={onGrab}
      className={`edge absolute inset-y-0 w-2 cursor-ew-resize ${edge === 'from' ? '' : '-translate-x-full'} ${zoom.zoomed ? '' : 'opacity-0 focus-visible:opacity-100'}`}
      style={{ left: percent(scale.at(ns)) }}
      data-edge={edge}
    />
  );
}

/** The whole trace at a glance, and the part of it in sight: drag across to zoom, drag the part or its edges to move. */
export function TimeStrip({ tree, scale, zoom }: StripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const { range, zoomed } = zoom;
  const placeOf = (x: number) => {
    const box = strip.current?.getBoundingClientRect();
    return box ? inside((x - box.left) / box.width) : 0;
  };
  const begin = (event: PointerEvent, edge: Edge | null) => {
    if (event.button !== 0) return;
    const place = placeOf(event.clientX);
    const ns = scale.back(place);
    const within = zoomed && ns >= range.from && ns <= range.to;
    drag.current = { what: edge ?? (within ? 'window' : 'new'), x: event.clientX, place, range, moved: false };
    strip.current?.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (!now) return;
    now.moved ||= Math.abs(event.clientX - now.x) >= dragPixels;
    if (now.moved) zoom.set(dragged(now, { by: placeOf(event.clientX) - placeOf(now.x), scale }));
  };
  const end = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = null;
    if (!now || now.moved || now.what !== 'new' || !zoomed) return;
    const half = (range.to - range.from) / 2;
    const centre = scale.back(placeOf(event.clientX));
    zoom.set(keepInside({ from: centre - half, to: centre + half }, scale.lengthNs));
  };
  const grabbed = useRef<Edge | null>(null);
  const grab = (edge: Edge) => () => {
    grabbed.current = edge;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the two edges inside are sliders that keys move.
    <div
      ref={strip}
      className="relative touch-none overflow-hidden bg-sunken"
      style={{ height }}
      title="Drag to zoom, double-click for the whole trace"
      onPointerDown={(event) => {
        begin(event, grabbed.current);
        grabbed.current = null;
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={() => {
        drag.current = null;
      }}
      onDoubleClick={() => zoom.set(null)}
    >
      <Profile tree={tree} scale={scale} />
      {zoomed && (
        <>
          <span className="veil absolute inset-y-0 left-0" style={{ width: percent(scale.at(range.from)) }} />
          <span className="veil absolute inset-y-0 right-0" style={{ width: percent(1 - scale.at(range.to)) }} />
        </>
      )}
      {(['from', 'to'] as const).map((edge) => (
        <EdgeHandle key={edge} edge={edge} scale={scale} zoom={zoom} onGrab={grab(edge)} />
      ))}
    </div>
  );
}

/** Ticks whose labels would touch are left out; so are those in a stretch that is cut. */
function shownTicks(range: Range, at: (ns: number) => number, scale: TimeScale): number[] {
  let last = -1;
  return ticksOf(range, 5).filter((ns) => {
    const place = at(ns);
    if (place - last < 0.12 || place > 0.87 || scale.cut.some(({ from, to }) => ns > from && ns < to)) return false;
    last = place;
    return true;
  });
}

const units = [
  { ns: 1e9, name: 's' },
  { ns: 1e6, name: 'ms' },
  { ns: 1e3, name: 'µs' },
  { ns: 1, name: 'ns' },
];

/** All ticks of an axis in one unit: that of the largest. */
function tickText(ns: number, largest: number): string {
  const unit = units.find((one) => one.ns <= largest) ?? { ns: 1, name: 'ns' };
  return ns === 0 ? '0' : `${Number((ns / unit.ns).toPrecision(6))} ${unit.name}`;
}

/** Times of what is in sight, over the bars. */
export function Axis({ scale, range }: { scale: TimeScale; range: Range }) {
  const { at } = viewOf(scale, range);
  return (
    <div className="mono relative h-5 overflow-hidden text-xs leading-5 text-text-3" aria-hidden="true">
      {shownTicks(range, at, scale).map((ns) => (
        <span
          key={ns}
          className="absolute border-l border-line pl-1 whitespace-nowrap"
          style={{ left: percent(at(ns)) }}
        >
          {tickText(ns, range.to)}
        </span>
      ))}
    </div>
  );
}

/** Behind the bars: a line for each tick, and hatching where idle time is cut. `bars` is the box the bars stand in. */
export function Grid({
  scale,
  range,
  bars,
  lines,
}: {
  scale: TimeScale;
  range: Range;
  bars: RefObject<HTMLDivElement | null>;
  /** Where names stand over the bars, lines would cross them out. */
  lines: boolean;
}) {
  const { at } = viewOf(scale, range);
  return (
    <div ref={bars} className="relative h-full overflow-hidden" aria-hidden="true">
      {(lines ? shownTicks(range, at, scale) : []).map((ns) => (
        <span key={ns} className="tick absolute inset-y-0 border-l border-line" style={{ left: percent(at(ns)) }} />
      ))}
      {scale.cut.map((gap) => (
        <span
          key={gap.from}
          className="cut-gap absolute inset-y-0"
          style={{ left: percent(at(gap.from)), width: percent(at(gap.to) - at(gap.from)) }}
        />
      ))}
    </div>
  );
}
