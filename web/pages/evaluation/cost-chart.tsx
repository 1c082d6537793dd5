import { useRef } from 'react';
import { frontier, unitOf } from '../../data/measures.ts';
import { ScoreAxes } from '../../parts/score-axes.tsx';
import { ticksUpTo } from '../../parts/time-chart.tsx';
import { useWidth } from '../../parts/use-width.ts';

export type Spot = {
  id: string;
  label: string;
  x: number;
  y: number;
  low: number;
  high: number;
  side: 'A' | 'B' | null;
};

const room = { height: 240, left: 52, right: 16, top: 12, bottom: 34 };
/** Until it is known how much there is. */
const usualWidth = 520;
const colors = { A: 'var(--var-a)', B: 'var(--var-b)' };

function Mark({ x, y, side }: { x: number; y: number; side: Spot['side'] }) {
  if (side === 'B') return <rect x={x - 4.5} y={y - 4.5} width={9} height={9} fill={colors.B} />;
  return <circle cx={x} cy={y} r={5} fill={side === 'A' ? colors.A : 'var(--text-3)'} />;
}

type CostChartProps = { spots: Spot[]; by: 'cost' | 'latency'; measure: string };

/** Quality against what it takes: up and to the left is better. The table beside it has the numbers. */
export function CostChart({ spots, by, measure }: CostChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || usualWidth;
  const [xUnit, yUnit] = [unitOf(by), unitOf(measure)];
  const xTicks = ticksUpTo(Math.max(...spots.map(({ x }) => x)), width > 420 ? 4 : 2);
  const top = xTicks.at(-1) ?? 1;
  const least = Math.max(0, Math.floor(Math.min(...spots.map(({ low }) => low)) * 10) / 10);
  const most = Math.min(1, Math.ceil(Math.max(...spots.map(({ high }) => high)) * 10) / 10);
  const x = (value: number) => room.left + (value / (top || 1)) * (width - room.left - room.right);
  const y = (value: number) =>
    room.top + (1 - (value - least) / (most - least || 1)) * (room.height - room.top - room.bottom);
  const best = frontier(spots);
  const said = spots.map((spot) => `${spot.label}: ${yUnit.value(spot.y)} at ${xUnit.value(spot.x)}`).join('; ');
  return (
    <div ref={box}>
      <svg
        width={width}
        height={room.height}
        role="img"
        aria-label={`${measure} against ${by}. ${said}`}
        className="block max-w-full"
      >
        <ScoreAxes
          {...{ width, room, x, y, xTicks }}
          yTicks={[least, (least + most) / 2, most]}
          text={xUnit.value}
          name={by === 'cost' ? 'cost of a call →' : 'mean latency →'}
        />
        <path
          d={best.map((spot, i) => `${i === 0 ? 'M' : 'L'}${x(spot.x)} ${y(spot.y)}`).join('')}
          fill="none"
          stroke="var(--border-strong)"
          strokeDasharray="3 3"
        />
        {spots.map((spot) => {
          const isRight = x(spot.x) > width * 0.65;
          return (
            <g key={spot.id}>
              <line
                x1={x(spot.x)}
                x2={x(spot.x)}
                y1={y(spot.low)}
                y2={y(spot.high)}
                stroke={spot.side ? colors[spot.side] : 'var(--text-3)'}
                strokeWidth="1.5"
                opacity="0.6"
              />
              <Mark x={x(spot.x)} y={y(spot.y)} side={spot.side} />
              <text
                x={x(spot.x) + (isRight ? -9 : 9)}
                y={y(spot.y) - 6}
                textAnchor={isRight ? 'end' : 'start'}
                className="graph-label"
              >
                {spot.label.length > 28 ? `${spot.label.slice(0, 27)}…` : spot.label}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
