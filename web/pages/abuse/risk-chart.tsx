import type { AbusePolicyBody, AbuseUserDetailBody } from '@wheelhouse/sdk';
import { useRef } from 'react';
import { oneInText, rungLooks } from '../../data/abuse-words.ts';
import { plural } from '../../data/format.ts';
import { useWidth } from '../../parts/use-width.ts';

type Calls = AbuseUserDetailBody['calls'];
const room = { left: 8, right: 92, top: 8, bottom: 8 };
const height = 140;
const rungs = ['log', 'throttle', 'challenge', 'block'] as const;

type RiskChartProps = {
  calls: Calls;
  policy: AbusePolicyBody['policy'];
  /** What was before led to what is in force. */
  isHeld: boolean;
};

/** The risk after each call, one after another, with the rungs that it comes to; pale where that was undone or is over. */
export function RiskChart({ calls, policy, isHeld }: RiskChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || 480;
  const ordered = calls.toReversed().map((call) => ({ ...call, counts: call.counts || isHeld }));
  const highest = Math.log10(policy.block.oneIn) + 1;
  const inner = Math.max(40, width - room.left - room.right);
  const x = (i: number) => room.left + (ordered.length < 2 ? inner / 2 : (i / (ordered.length - 1)) * inner);
  const y = (oneIn: number) =>
    height -
    room.bottom -
    (Math.min(highest, Math.log10(Math.max(1, oneIn))) / highest) * (height - room.top - room.bottom);
  const path = (isCounted: boolean) =>
    ordered
      .flatMap(({ oneIn, counts }, i) => (counts === isCounted ? [`${x(i).toFixed(1)} ${y(oneIn).toFixed(1)}`] : []))
      .map((point, i) => `${i === 0 ? 'M' : 'L'}${point}`)
      .join('');
  const last = ordered.at(-1);
  const newest = last?.counts ? last.oneIn : 1;
  const top = Math.max(1, ...calls.map(({ oneIn }) => oneIn));
  const said = `Risk over ${plural(calls.length, 'call')}: at most ${oneInText(top)}, now ${oneInText(newest)}`;
  return (
    <div ref={box} className="w-full min-w-0">
      <svg role="img" aria-label={said} width={width} height={height} className="block">
        <title>{said}</title>
        {rungs.map((rung) => (
          <g key={rung}>
            <line
              x1={room.left}
              x2={room.left + inner}
              y1={y(policy[rung].oneIn)}
              y2={y(policy[rung].oneIn)}
              className="stroke-line"
            />
            <text x={room.left + inner + 6} y={y(policy[rung].oneIn) + 4} className="fill-text-2 text-xs">
              {rungLooks[rung].text}
            </text>
          </g>
        ))}
        <path
          d={path(false)}
          fill="none"
          className="stroke-text-2 opacity-35"
          strokeWidth={1.5}
          strokeDasharray="3 3"
        />
        <path d={path(true)} fill="none" className="stroke-text-2" strokeWidth={1.5} />
        {ordered.map(({ traceId, oneIn, speaks, counts }, i) =>
          Object.keys(speaks).length === 0 ? null : (
            <circle
              key={traceId}
              cx={x(i)}
              cy={y(oneIn)}
              r={2.5}
              className={counts ? 'fill-bad' : 'fill-bad opacity-35'}
            />
          ),
        )}
      </svg>
    </div>
  );
}
