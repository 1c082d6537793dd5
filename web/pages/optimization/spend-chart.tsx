import type { OptimizationBody } from '@wheelhouse/sdk';
import { type PointerEvent, useRef, useState } from 'react';
import { count, dollars, plural, seconds } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { ScoreAxes } from '../../parts/score-axes.tsx';
import { ticksUpTo } from '../../parts/time-chart.tsx';
import { useWidth } from '../../parts/use-width.ts';
import { nameOf } from './view.ts';

type Point = OptimizationBody['points'][number];
export type SpendAxis = 'calls' | 'cost' | 'minutes';

const room = { height: 220, left: 52, right: 12, top: 12, bottom: 34 };
/** Until it is known how much there is. */
const usualWidth = 640;
const share = unitOf('score').value;

const axes: Record<SpendAxis, { of: (point: Point) => number | null; text: (value: number) => string; name: string }> =
  {
    calls: { of: ({ calls }) => calls, text: count, name: 'calls →' },
    cost: {
      of: ({ costNanoUsd }) => (costNanoUsd === null ? null : Number(costNanoUsd) / 1e9),
      text: dollars,
      name: 'cost →',
    },
    minutes: { of: ({ minutes }) => minutes * 60, text: seconds, name: 'time →' },
  };

export const spendText = (by: SpendAxis, point: Point): string => {
  const value = axes[by].of(point);
  return value === null ? '?' : axes[by].text(value);
};

type Placed = Point & { x: number };

function Reading({ point, by, n }: { point: Placed; by: SpendAxis; n: number | undefined }) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-0 right-0 z-10 rounded-2 border border-line bg-raised px-2 py-1 text-xs shadow-[var(--shadow)]"
    >
      <div className="text-text-2">
        {n === undefined ? '' : `${nameOf(n)}, `}
        {axes[by].text(point.x)}
      </div>
      <div className="mono">
        {share(point.score)}, best {share(point.best)}
      </div>
    </div>
  );
}

type SpendChartProps = { optimization: OptimizationBody; by: SpendAxis };

/** Each score where it was paid for, the best so far as a line, and the program as it was as the line to beat. */
export function SpendChart({ optimization, by }: SpendChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const [at, setAt] = useState<number | null>(null);
  const { score, points, candidates } = optimization;
  const placed = points.flatMap((point): Placed[] => {
    const x = axes[by].of(point);
    return x === null ? [] : [{ ...point, x }];
  });
  const xTicks = ticksUpTo(Math.max(0, ...placed.map((point) => point.x)), width > 420 ? 5 : 2);
  const most = xTicks.at(-1) ?? 1;
  const all = [...placed.map((point) => point.score), ...(score.start === null ? [] : [score.start])];
  const low = Math.max(0, Math.floor(Math.min(...all, 1) * 10) / 10);
  const high = Math.min(1, Math.max(low + 0.1, Math.ceil(Math.max(...all, 0) * 10) / 10));
  const x = (value: number) => room.left + (value / (most || 1)) * (width - room.left - room.right);
  const y = (value: number) =>
    room.top + (1 - (value - low) / (high - low || 1)) * (room.height - room.top - room.bottom);
  const steps = placed.map((point, i) =>
    i === 0 ? `M${x(point.x)} ${y(point.best)}` : `H${x(point.x).toFixed(1)}V${y(point.best).toFixed(1)}`,
  );
  const dots = placed.map((point) => `M${x(point.x).toFixed(1)} ${y(point.score).toFixed(1)}h0`);
  const last = placed.at(-1);
  const follow = (event: PointerEvent) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    const near = placed.map((point) => Math.abs(x(point.x) - (event.clientX - left)));
    setAt(near.length === 0 ? null : near.indexOf(Math.min(...near)));
  };
  const seen = at === null ? undefined : placed[at];
  const said = [
    `Score against ${by === 'minutes' ? 'time' : by}`,
    ...(score.start === null ? [] : [`${share(score.start)} as it was`]),
    ...(last === undefined ? [] : [`best ${share(last.best)} after ${axes[by].text(last.x)}`]),
    `${plural(placed.length, 'score')}`,
  ];
  return (
    <div ref={box} className="relative">
      <svg
        width={width}
        height={room.height}
        role="img"
        aria-label={said.join('. ')}
        className="block max-w-full touch-pan-y select-none"
        onPointerMove={follow}
        onPointerLeave={() => setAt(null)}
      >
        <ScoreAxes
          {...{ width, room, x, y, xTicks }}
          yTicks={[low, (low + high) / 2, high]}
          text={axes[by].text}
          name={axes[by].name}
        />
        {score.start !== null && (
          <>
            <line
              x1={room.left}
              x2={width - room.right}
              y1={y(score.start)}
              y2={y(score.start)}
              stroke="var(--var-a)"
              strokeWidth="1.5"
              strokeDasharray="4 4"
            />
            <text
              x={width - room.right}
              y={y(score.start) + (score.start - low > (high - low) * 0.12 ? 14 : -6)}
              textAnchor="end"
              className="graph-label"
            >
              ● as it was, {share(score.start)}
            </text>
          </>
        )}
        <path d={dots.join('')} stroke="var(--text-3)" strokeWidth="4" strokeLinecap="round" fill="none" />
        <path d={steps.join('')} stroke="var(--var-b)" strokeWidth="1.5" fill="none" />
        {seen && <circle cx={x(seen.x)} cy={y(seen.score)} r={4} fill="var(--var-b)" />}
      </svg>
      {seen && <Reading point={seen} by={by} n={candidates.find(({ id }) => id === seen.candidateId)?.n} />}
    </div>
  );
}
