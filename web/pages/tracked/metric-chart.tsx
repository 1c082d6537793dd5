import { useQuery } from '@tanstack/react-query';
import type { TrackedRunBody, TrackedSeriesBody } from '@wheelhouse/sdk';
import { type PointerEvent, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural, seconds } from '../../data/format.ts';
import { metricText, ticksBetween } from '../../data/tracked-values.ts';
import { type Over, trackedSeriesQuery } from '../../data/tracking-queries.ts';
import { ErrorText } from '../../parts/request-state.tsx';
import { useWidth } from '../../parts/use-width.ts';
import { lookOf } from '../overview/measures.ts';

const room = { height: 168, left: 58, right: 10, top: 8, bottom: 20 };
const innerHeight = room.height - room.top - room.bottom;
/** Until it is known how much there is. */
const usualWidth = 380;

type Point = TrackedSeriesBody['points'][number];
type Line = { name: string; points: Point[]; color: string; dash?: string | undefined };

const span = (values: number[]): [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
};

/** Seconds since the run began, so that runs of different days stand over each other. */
const secondsText = (value: number) => (value === 0 ? '0' : seconds(value));

const xOf = (over: Over, points: readonly Point[]) => {
  const first = points[0]?.timestampMs ?? 0;
  return (point: Point) => (over === 'step' ? point.step : (point.timestampMs - first) / 1000);
};

function nearest(points: readonly Point[], x: (point: Point) => number, at: number): Point | null {
  let best: Point | null = null;
  for (const point of points) if (best === null || Math.abs(x(point) - at) < Math.abs(x(best) - at)) best = point;
  return best;
}

function Readings({ lines, over, at }: { lines: Line[]; over: Over; at: number }) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-0 right-0 z-10 rounded-2 border border-line bg-raised px-2 py-1 text-xs shadow-[var(--shadow)]"
    >
      {lines.map((line) => {
        const x = xOf(over, line.points);
        const point = nearest(line.points, x, at);
        if (point === null) return null;
        return (
          <div key={line.name} className="flex items-center gap-1.5">
            <span className="h-0.5 w-2.5" style={{ background: line.color }} />
            <span className="max-w-32 truncate">
              {over === 'step' ? `step ${count(point.step)}` : secondsText(x(point))}
            </span>
            <span className="mono ml-auto pl-3">{metricText(point.value)}</span>
          </div>
        );
      })}
    </div>
  );
}

function Lines({ title, lines, over }: { title: string; lines: Line[]; over: Over }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const [at, setAt] = useState<number | null>(null);
  const placed = lines.map((line) => ({ ...line, x: xOf(over, line.points) }));
  const [lowX, highX] = span(placed.flatMap(({ points, x }) => points.map(x)));
  const [lowY, highY] = span(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const innerWidth = width - room.left - room.right;
  const x = (value: number) => room.left + ((value - lowX) / (highX - lowX)) * innerWidth;
  const y = (value: number) => room.top + (1 - (value - lowY) / (highY - lowY)) * innerHeight;
  const follow = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect) setAt(lowX + ((event.clientX - rect.left - room.left) / innerWidth) * (highX - lowX));
  };
  const said = lines.map(({ name, points }) => `${name}: ${metricText(points.at(-1)?.value ?? null)} at the end`);
  const xTicks = ticksBetween(lowX, highX, width > 420 ? 5 : 3).filter(
    (tick) => over === 'time' || Number.isInteger(tick),
  );
  return (
    <div ref={box} className="relative">
      <svg
        width={width}
        height={room.height}
        role="img"
        aria-label={`${title}. ${said.join('; ')}`}
        className="block max-w-full touch-pan-y select-none"
        onPointerMove={follow}
        onPointerLeave={() => setAt(null)}
      >
        {ticksBetween(lowY, highY, 3).map((tick) => (
          <g key={tick}>
            <line x1={room.left} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--border)" />
            <text x={room.left - 6} y={y(tick) + 3.5} textAnchor="end" className="chart-label">
              {metricText(tick)}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <text key={tick} x={x(tick)} y={room.height - 4} textAnchor="middle" className="chart-label">
            {over === 'step' ? count(tick) : secondsText(tick)}
          </text>
        ))}
        {at !== null && (
          <line x1={x(at)} x2={x(at)} y1={room.top} y2={room.height - room.bottom} stroke="var(--text-3)" />
        )}
        {placed.map(({ name, points, color, dash, x: place }) => (
          <g key={name}>
            <path
              d={points
                .map((p, i) => `${i === 0 ? 'M' : 'L'}${x(place(p)).toFixed(1)} ${y(p.value).toFixed(1)}`)
                .join('')}
              fill="none"
              stroke={color}
              strokeWidth="1.5"
              strokeDasharray={dash}
              strokeLinejoin="round"
            />
            {points.length < 3 &&
              points.map((p) => (
                <circle
                  key={`${p.step} ${p.timestampMs} ${p.value}`}
                  cx={x(place(p))}
                  cy={y(p.value)}
                  r={2.5}
                  fill={color}
                />
              ))}
          </g>
        ))}
      </svg>
      {at !== null && <Readings lines={lines} over={over} at={at} />}
    </div>
  );
}

/** The points that the chart is made of, for whoever reads no picture. */
function Twin({ title, lines }: { title: string; lines: Line[] }) {
  const [open, setOpen] = useState(false);
  const rows = lines.flatMap((line) => line.points.map((point) => ({ name: line.name, ...point })));
  return (
    <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 px-3 text-xs leading-6 text-text-3">As a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section aria-label={`${title} as a table`} tabIndex={0} className="max-h-60 overflow-auto px-3 pb-2">
          <table className="w-full text-sm">
            <thead>
              <tr className="text-left text-text-3">
                {lines.length > 1 && <th className="font-medium">Run</th>}
                <th className="text-right font-medium">Step</th>
                <th className="text-right font-medium">Value</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, step, timestampMs, value }) => (
                <tr key={`${name} ${step} ${timestampMs} ${value}`}>
                  {lines.length > 1 && <td className="max-w-32 truncate">{name}</td>}
                  <td className="mono text-right">{count(step)}</td>
                  <td className="mono text-right">{metricText(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

type MetricChartProps = { metric: string; runs: Pick<TrackedRunBody, 'id' | 'name' | 'status'>[]; over: Over };

/** One metric of one run, or of several over each other. */
export function MetricChart({ metric, runs, over }: MetricChartProps) {
  const { client } = useData();
  const going = runs.some(({ status }) => status === 'RUNNING');
  const ids = runs.map(({ id }) => id);
  const query = useQuery(trackedSeriesQuery(client, { runs: ids, key: metric, over, going }));
  const lines = (query.data ?? []).flatMap((series): Line[] => {
    const at = ids.indexOf(series.runId);
    const [name, look] = [runs[at]?.name ?? series.runId, lookOf(at)];
    return series.points.length === 0 ? [] : [{ name, points: series.points, ...look }];
  });
  const all = (query.data ?? []).reduce((sum, series) => sum + series.count, 0);
  const shown = lines.reduce((sum, { points }) => sum + points.length, 0);
  return (
    <section aria-label={metric} className="card min-w-0 overflow-hidden">
      <h3 className="flex items-baseline gap-2 px-3 pt-2">
        <span className="mono min-w-0 truncate font-medium">{metric}</span>
        <span className="ml-auto text-xs whitespace-nowrap text-text-3">
          {shown < all ? `${count(shown)} of ${plural(all, 'point')}` : plural(all, 'point')}
        </span>
      </h3>
      <div className="px-1 pb-1">
        {query.error && <ErrorText error={query.error} />}
        {query.isPending && <p className="p-3 text-text-3">Loading …</p>}
        {query.data && lines.length === 0 && <p className="p-3 text-text-3">No number among its values.</p>}
        {lines.length > 0 && <Lines title={metric} lines={lines} over={over} />}
      </div>
      {lines.length > 0 && <Twin title={metric} lines={lines} />}
    </section>
  );
}

/** By what the charts of a page go. */
export function OverChoice({ over, onOver }: { over: Over; onOver: (over: Over) => void }) {
  return (
    <label className="ml-auto flex items-center gap-2 text-text-2">
      over
      <select
        className="field !w-auto"
        value={over}
        onChange={(event) => onOver(event.target.value === 'time' ? 'time' : 'step')}
      >
        <option value="step">steps</option>
        <option value="time">time</option>
      </select>
    </label>
  );
}
