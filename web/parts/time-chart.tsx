import { type PointerEvent, useId, useMemo, useRef, useState } from 'react';
import { useWidth } from './use-width.ts';

type Line = {
  name: string;
  color: string;
  dash?: string | undefined;
  /** It stands behind the others, as something to hold them against. */
  thin?: boolean | undefined;
  values: (number | null)[];
  /** What is said beside a value where the pointer is. */
  notes?: (string | null)[] | undefined;
  /** Where the truth may lie, drawn faintly behind; null where that is not known. */
  band?: ({ low: number; high: number } | null)[] | undefined;
};

const room = { left: 54, right: 8, top: 8, bottom: 18 };
const usualHeight = 132;
/** Until it is known how much there is. */
const usualWidth = 360;

/** Round steps from 0 to at least the highest value. */
export function ticksUpTo(highest: number, wanted = 3): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A path through the values that are there. */
function pathOf(values: (number | null)[], x: (i: number) => number, y: (value: number) => number): string {
  let path = '';
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    path += `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  return path;
}

/** The band around a line, a piece for each run of places where it is known. */
function bandOf(band: NonNullable<Line['band']>, x: (i: number) => number, y: (value: number) => number): string {
  let path = '';
  for (let from = 0; from < band.length; from++) {
    if (!band[from]) continue;
    let until = from;
    while (band[until + 1]) until++;
    const run = band
      .slice(from, until + 1)
      .map((one, i) => ({ at: x(from + i), ...(one as { low: number; high: number }) }));
    const upper = run.map(({ at, high }) => `${at.toFixed(1)} ${y(high).toFixed(1)}`);
    const lower = run.toReversed().map(({ at, low }) => `${at.toFixed(1)} ${y(low).toFixed(1)}`);
    path += `M${[...upper, ...lower].join('L')}Z`;
    from = until;
  }
  return path;
}

/** A column for each value, as wide as there is room. */
function columnsOf(values: (number | null)[], x: (i: number) => number, y: (value: number) => number): string {
  const wide = Math.max(1, Math.min(40, x(1) - x(0)) - 1);
  return values
    .map((value, i) =>
      value
        ? `M${(x(i) - wide / 2).toFixed(1)} ${y(0).toFixed(1)}V${y(value).toFixed(1)}h${wide.toFixed(1)}V${y(0).toFixed(1)}Z`
        : '',
    )
    .join('');
}

/** Values between gaps: no line shows them. */
const loneOf = (values: (number | null)[]): { at: number; value: number }[] =>
  values.flatMap((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [{ at, value }] : [],
  );

const clock = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const hourly = clock({ hour: '2-digit', minute: '2-digit' });
const daily = clock({ day: 'numeric', month: 'short' });
const exact = clock({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

type Times = { fromMs: number; stepMs: number; size: number };

export const timeText = ({ fromMs, stepMs }: Times, at: number): string => exact.format(fromMs + at * stepMs);

function TimeAxis({ times, x, height }: { times: Times; x: (i: number) => number; height: number }) {
  const long = times.stepMs * times.size > 36 * 3_600_000;
  const format = long ? daily : hourly;
  const marks = [0.02, 0.34, 0.66].map((share) => Math.round(share * (times.size - 1)));
  return [...new Set(marks)].map((at) => (
    <text key={at} x={x(at)} y={height - 4} className="chart-label">
      {format.format(times.fromMs + at * times.stepMs)}
    </text>
  ));
}

type TimeChartProps = {
  /** What a reader of screens hears of it. */
  label: string;
  lines: Line[];
  times: Times;
  text: (value: number) => string;
  /** The place that the pointer is at, in any chart of the page. */
  cursor: number | null;
  onCursor: (at: number | null) => void;
  onPick: (at: number) => void;
  height?: number;
  /** Columns instead of lines, of the first one. */
  columns?: boolean;
};

/** Lines over time, all from 0: own SVG, since there is little to it. */
export function TimeChart(props: TimeChartProps) {
  const { label, lines, times, text, cursor, onCursor, onPick, height = usualHeight, columns = false } = props;
  const innerHeight = height - room.top - room.bottom;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const innerWidth = width - room.left - room.right;
  const clip = useId();
  const [inside, setInside] = useState(false);
  const ticks = useMemo(() => {
    const values = lines.flatMap((line) => [...line.values, ...(line.band ?? []).map((one) => one?.high ?? 0)]);
    const highest = Math.max(0, ...values.map((value) => value ?? 0));
    return ticksUpTo(highest);
  }, [lines]);
  const top = ticks.at(-1) ?? 1;
  const x = (i: number) => room.left + (times.size <= 1 ? 0.5 : i / (times.size - 1)) * innerWidth;
  const y = (value: number) => room.top + (1 - value / top) * innerHeight;
  // biome-ignore lint/correctness/useExhaustiveDependencies: x and y follow from these.
  const paths = useMemo(() => lines.map((line) => pathOf(line.values, x, y)), [lines, times.size, top, width, height]);
  const atPointer = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (!rect) return null;
    const place = (event.clientX - rect.left - room.left) / innerWidth;
    return Math.max(0, Math.min(times.size - 1, Math.round(place * (times.size - 1))));
  };
  const seen = lines.flatMap((line) => {
    const value = cursor === null ? null : (line.values[cursor] ?? null);
    return value === null ? [] : [{ line, value }];
  });
  const isRight = cursor !== null && cursor > times.size / 2;
  return (
    <div ref={box} className="relative">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table below the chart has a link for each place. */}
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={label}
        className="block max-w-full cursor-pointer touch-pan-y select-none"
        onPointerMove={(event) => {
          setInside(true);
          onCursor(atPointer(event));
        }}
        onPointerLeave={() => {
          setInside(false);
          onCursor(null);
        }}
        onClick={(event) => {
          const at = atPointer(event as unknown as PointerEvent);
          if (at !== null) onPick(at);
        }}
      >
        <clipPath id={clip}>
          <rect x={room.left} y={0} width={innerWidth + room.right} height={height} />
        </clipPath>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={room.left} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--border)" />
            <text x={room.left - 6} y={y(tick) + 3.5} textAnchor="end" className="chart-label">
              {tick === 0 ? '0' : text(tick)}
            </text>
          </g>
        ))}
        <TimeAxis times={times} x={x} height={height} />
        {cursor !== null && (
          <line x1={x(cursor)} x2={x(cursor)} y1={room.top} y2={height - room.bottom} stroke="var(--text-3)" />
        )}
        <g clipPath={`url(#${clip})`}>
          {lines.map(
            (line) =>
              line.band && (
                <path key={line.name} d={bandOf(line.band, x, y)} fill={line.color} opacity={0.12} stroke="none" />
              ),
          )}
          {columns && <path d={columnsOf(lines[0]?.values ?? [], x, y)} fill={lines[0]?.color} />}
          {(columns ? [] : lines).map((line, i) => (
            <path
              key={line.name}
              d={paths[i]}
              fill="none"
              stroke={line.color}
              strokeWidth={line.thin ? 1 : 1.5}
              strokeDasharray={line.dash}
              strokeLinejoin="round"
              strokeLinecap="round"
            />
          ))}
          {(columns ? [] : lines).flatMap((line) =>
            loneOf(line.values).map(({ at, value }) => (
              <circle key={`${line.name} ${at}`} cx={x(at)} cy={y(value)} r={2} fill={line.color} />
            )),
          )}
          {seen.map(({ line, value }) => (
            <circle key={line.name} cx={x(cursor ?? 0)} cy={y(value)} r={2.5} fill={line.color} />
          ))}
        </g>
      </svg>
      {inside && cursor !== null && (
        <div
          aria-hidden="true"
          className="pointer-events-none absolute top-0 z-10 rounded-2 border border-line bg-raised px-2 py-1 text-xs shadow-[var(--shadow)]"
          style={isRight ? { left: room.left } : { right: 0 }}
        >
          <div className="text-text-2">{timeText(times, cursor)}</div>
          {seen.length === 0 && <div className="text-text-3">nothing</div>}
          {seen.slice(0, 8).map(({ line, value }) => (
            <div key={line.name} className="flex items-center gap-1.5">
              <span className="h-0.5 w-2.5" style={{ background: line.color }} />
              <span className="max-w-40 truncate">{line.name}</span>
              <span className="mono ml-auto pl-3">{text(value)}</span>
              {line.notes?.[cursor] && <span className="mono text-text-3">{line.notes[cursor]}</span>}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
