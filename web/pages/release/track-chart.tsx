import type { ReleaseDetailBody } from '@wheelhouse/sdk';
import { type PointerEvent, useRef, useState } from 'react';
import { count, dateTime } from '../../data/format.ts';
import { type RailReading, railChange, railInterval } from '../../data/release-words.ts';
import { ticksUpTo } from '../../parts/time-chart.tsx';
import { useWidth } from '../../parts/use-width.ts';

export type Look = ReleaseDetailBody['track'][number]['rails'][number] & { at: string };

const room = { height: 220, left: 66, right: 14, top: 12, bottom: 34 };
/** Until it is known how much there is. */
const usualWidth = 640;
/** Early intervals are wide: at least, and at most, so many smallest losses are shown. */
const reach = { least: 2.5, most: 8 };

/** How far the picture goes on either side: what the later half of the looks needs. */
function reachOf(looks: readonly Look[], effect: number): number {
  const later = looks.slice(Math.floor(looks.length / 2));
  const ends = later.flatMap(({ interval: { low, high }, difference }) =>
    [low, high, difference].flatMap((end) => (end === null ? [] : [Math.abs(end) * 1.1])),
  );
  return Math.min(reach.most * effect, Math.max(reach.least * effect, ...ends));
}

type TrackChartProps = {
  /** What a reader of screens hears of it. */
  label: string;
  rail: RailReading;
  looks: readonly Look[];
};

/** The difference and its interval at each look, by how many values had come. */
export function TrackChart({ label, rail, looks }: TrackChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const [at, setAt] = useState<number | null>(null);
  const far = reachOf(looks, rail.effect);
  const xTicks = ticksUpTo(Math.max(1, ...looks.map((look) => look.count)), width > 420 ? 5 : 2);
  const most = xTicks.at(-1) ?? 1;
  const x = (value: number) => room.left + (value / most) * (width - room.left - room.right);
  const y = (value: number) => {
    const inside = Math.max(-far, Math.min(far, value));
    return room.top + (1 - (inside + far) / (2 * far)) * (room.height - room.top - room.bottom);
  };
  const place = (value: number, look: Look) => `${x(look.count).toFixed(1)} ${y(value).toFixed(1)}`;
  const upper = looks.map((look) => place(look.interval.high ?? far, look));
  const lower = looks.map((look) => place(look.interval.low ?? -far, look));
  const middle = looks.flatMap((look) => (look.difference === null ? [] : [place(look.difference, look)]));
  const loss = rail.better === 'higher' ? -rail.effect : rail.effect;
  const color = { broken: 'var(--bad)', held: 'var(--good)', open: 'var(--var-b)', too_few: 'var(--var-b)' }[
    rail.state
  ];
  const lines = [
    { value: 0, name: 'no difference', stroke: 'var(--text-3)', dash: '4 4' },
    { value: loss, name: 'smallest loss that matters', stroke: 'var(--bad)', dash: '2 3' },
  ];
  const follow = (event: PointerEvent) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    const near = looks.map((look) => Math.abs(x(look.count) - (event.clientX - left)));
    setAt(near.indexOf(Math.min(...near)));
  };
  const seen = at === null ? undefined : looks[at];
  const last = looks.at(-1);
  return (
    <div ref={box} className="relative">
      <svg
        width={width}
        height={room.height}
        role="img"
        aria-label={label}
        className="block max-w-full touch-pan-y select-none"
        onPointerMove={follow}
        onPointerLeave={() => setAt(null)}
      >
        {[-far, 0, far].map((tick) => (
          <text key={tick} x={room.left - 6} y={y(tick) + 3.5} textAnchor="end" className="chart-label">
            {tick === 0 ? '0' : railChange(tick, rail)}
          </text>
        ))}
        {xTicks.map((tick, i) => (
          <text
            key={tick}
            x={x(tick)}
            y={room.height - 18}
            textAnchor={i === xTicks.length - 1 ? 'end' : 'middle'}
            className="chart-label"
          >
            {count(tick)}
          </text>
        ))}
        <text x={width - room.right} y={room.height - 4} textAnchor="end" className="chart-label">
          values →
        </text>
        <path d={`M${upper.join('L')}L${lower.toReversed().join('L')}Z`} fill={color} opacity="0.14" />
        <path d={`M${upper.join('L')}M${lower.join('L')}`} fill="none" stroke={color} opacity="0.55" />
        {lines.map(({ value, name, stroke, dash }) => (
          <g key={name}>
            <line
              x1={room.left}
              x2={width - room.right}
              y1={y(value)}
              y2={y(value)}
              stroke={stroke}
              strokeDasharray={dash}
            />
            <text
              x={room.left + 4}
              y={y(value) + (value < 0 || (value === 0 && loss > 0) ? 13 : -5)}
              className="graph-label"
            >
              {name}
            </text>
          </g>
        ))}
        {middle.length > 0 && <path d={`M${middle.join('L')}`} fill="none" stroke={color} strokeWidth="1.75" />}
        {last && (
          <line
            x1={x(last.count)}
            x2={x(last.count)}
            y1={y(last.interval.high ?? far)}
            y2={y(last.interval.low ?? -far)}
            stroke={color}
            strokeWidth="1.5"
          />
        )}
        {last?.difference != null && <circle cx={x(last.count)} cy={y(last.difference)} r={3} fill={color} />}
        {seen && (
          <line
            x1={x(seen.count)}
            x2={x(seen.count)}
            y1={room.top}
            y2={room.height - room.bottom}
            stroke="var(--text-3)"
          />
        )}
      </svg>
      {seen && (
        <div
          aria-hidden="true"
          className="pointer-events-none absolute top-0 right-2 z-10 rounded-2 border border-line bg-raised px-2 py-1 text-xs shadow-[var(--shadow)]"
        >
          <div className="text-text-2">
            {count(seen.count)} values, {dateTime(seen.at)}
          </div>
          <div className="mono">
            {railChange(seen.difference, rail)}, {railInterval({ interval: seen.interval, unit: rail.unit })}
          </div>
        </div>
      )}
    </div>
  );
}
