type ScoreAxesProps = {
  /** Of the whole chart, in pixels, as `room` is. */
  width: number;
  room: { height: number; left: number; right: number };
  x: (value: number) => number;
  y: (share: number) => number;
  xTicks: readonly number[];
  /** Shares between 0 and 1. */
  yTicks: readonly number[];
  text: (value: number) => string;
  /** What stands along the lower edge. */
  name: string;
};

/** The grid of a chart of scores, or other shares, against what they take. */
export function ScoreAxes({ width, room, x, y, xTicks, yTicks, text, name }: ScoreAxesProps) {
  return (
    <>
      {yTicks.map((tick) => (
        <g key={tick}>
          <line x1={room.left} x2={width - room.right} y1={y(tick)} y2={y(tick)} stroke="var(--border)" />
          <text x={room.left - 6} y={y(tick) + 3.5} textAnchor="end" className="chart-label">
            {Math.round(tick * 100)} %
          </text>
        </g>
      ))}
      {xTicks.map((tick, i) => (
        <text
          key={tick}
          x={x(tick)}
          y={room.height - 18}
          textAnchor={i === xTicks.length - 1 ? 'end' : 'middle'}
          className="chart-label"
        >
          {tick === 0 ? '0' : text(tick)}
        </text>
      ))}
      <text x={width - room.right} y={room.height - 4} textAnchor="end" className="chart-label">
        {name}
      </text>
    </>
  );
}
