import { type PointerEvent, useRef, useState } from 'react';
import { count } from '../../data/format.ts';
import { percent, type ShareDecision } from '../../data/release-words.ts';
import { ScoreAxes } from '../../parts/score-axes.tsx';
import { ticksUpTo } from '../../parts/time-chart.tsx';
import { useWidth } from '../../parts/use-width.ts';

const room = { height: 180, left: 54, right: 14, top: 10, bottom: 34 };
/** Until it is known how much there is. */
const usualWidth = 640;

type ShareChartProps = {
  /** What a reader of screens hears of it. */
  label: string;
  /** Where it began. */
  start: number;
  shares: readonly ShareDecision[];
  allocation: { floor: number; ceiling: number };
  /** What of the new version had been seen at the last look. */
  seen: number;
  /** Of what the chart counts along. */
  unit: string;
};

/** The share, a step for each decision, by how much of the new version had been seen. */
export function ShareChart({ label, start, shares, allocation, seen, unit }: ShareChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const [at, setAt] = useState<number | null>(null);
  const end = Math.max(1, seen, shares.at(-1)?.calls ?? 0);
  const xTicks = ticksUpTo(end, width > 420 ? 5 : 2);
  const most = xTicks.at(-1) ?? 1;
  const x = (calls: number) => room.left + (calls / most) * (width - room.left - room.right);
  const y = (share: number) => room.top + (1 - share) * (room.height - room.top - room.bottom);
  const steps = [{ calls: 0, share: start }, ...shares];
  const path = steps.map(({ calls, share }, i) =>
    i === 0 ? `M${x(calls).toFixed(1)} ${y(share).toFixed(1)}` : `H${x(calls).toFixed(1)}V${y(share).toFixed(1)}`,
  );
  const follow = (event: PointerEvent) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    const near = shares.map(({ calls }) => Math.abs(x(calls) - (event.clientX - left)));
    setAt(near.length === 0 ? null : near.indexOf(Math.min(...near)));
  };
  const shown = at === null ? undefined : shares[at];
  const ends = [
    { share: allocation.ceiling, name: 'at most', below: allocation.ceiling > 0.9 },
    { share: allocation.floor, name: 'at least', below: allocation.floor > 0.1 },
  ];
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
        <ScoreAxes {...{ width, room, x, y, xTicks }} yTicks={[0, 0.5, 1]} text={count} name={`${unit} →`} />
        {ends.map(({ share, name, below }) => (
          <g key={name}>
            <line
              x1={room.left}
              x2={width - room.right}
              y1={y(share)}
              y2={y(share)}
              stroke="var(--text-3)"
              strokeDasharray="2 3"
            />
            <text x={width - room.right} y={y(share) + (below ? 12 : -4)} textAnchor="end" className="graph-label">
              {name} {percent(share)}
            </text>
          </g>
        ))}
        <path d={`${path.join('')}H${x(end).toFixed(1)}`} fill="none" stroke="var(--var-b)" strokeWidth="1.75" />
        {shares.map(({ calls, share }, i) => (
          <rect
            key={calls}
            x={x(calls) - (i === at ? 4 : 2.5)}
            y={y(share) - (i === at ? 4 : 2.5)}
            width={i === at ? 8 : 5}
            height={i === at ? 8 : 5}
            fill="var(--var-b)"
          />
        ))}
      </svg>
      {shown && (
        <div
          aria-hidden="true"
          className={`pointer-events-none absolute top-8 z-10 rounded-2 border border-line bg-raised px-2 py-1 text-xs shadow-[var(--shadow)] ${x(shown.calls) > width / 2 ? 'left-16' : 'right-4'}`}
        >
          <div className="text-text-2">
            {count(shown.calls)} {unit}
          </div>
          <div>
            <span className="mono">{percent(shown.share)}</span>
            {shown.rail !== null && `, by ${shown.rail}`}
          </div>
        </div>
      )}
    </div>
  );
}
