import { Link } from '@tanstack/react-router';
import type { ReleaseBody } from '@wheelhouse/sdk';
import { count } from '../../data/format.ts';
import {
  callsBehind,
  type RailReading,
  railChange,
  railInterval,
  railMeasure,
  railState,
  railValue,
} from '../../data/release-words.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';

const tones = {
  too_few: { tone: 'mute', glyph: '…' },
  open: { tone: 'mute', glyph: '?' },
  held: { tone: 'good', glyph: '✓' },
  broken: { tone: 'bad', glyph: '✕' },
} as const;

const width = 128;
/** So many smallest losses are shown on either side. */
const reachOfEffect = 4;

/** The interval of the difference against none, and against the smallest loss that matters. */
function RailBar({ rail }: { rail: RailReading }) {
  const { interval, difference, effect, better, state } = rail;
  const reach = effect * reachOfEffect;
  const x = (value: number) => {
    const inside = Math.max(-reach, Math.min(reach, value));
    return width / 2 + (inside / reach) * (width / 2 - 3);
  };
  const loss = better === 'higher' ? -effect : effect;
  const stroke = { broken: 'var(--bad)', held: 'var(--good)', open: 'var(--text-3)', too_few: 'var(--text-3)' }[state];
  const [from, to] = [x(interval.low ?? -reach), x(interval.high ?? reach)];
  return (
    <svg viewBox={`0 0 ${width} 16`} width={width} height={16} className="flex-none" aria-hidden="true">
      <line x1={x(0)} x2={x(0)} y1="0" y2="16" stroke="var(--border-strong)" strokeDasharray="2 2" />
      <line x1={x(loss)} x2={x(loss)} y1="0" y2="16" stroke="var(--bad)" strokeDasharray="1 2" />
      <line x1={from} x2={to} y1="8" y2="8" stroke={stroke} strokeWidth="2" />
      {interval.low !== null && <line x1={from} x2={from} y1="5" y2="11" stroke={stroke} strokeWidth="1.5" />}
      {interval.high !== null && <line x1={to} x2={to} y1="5" y2="11" stroke={stroke} strokeWidth="1.5" />}
      {difference !== null && <rect x={x(difference) - 1.5} y="3" width="3" height="10" fill={stroke} />}
    </svg>
  );
}

function Arm({ release, arm, rail }: { release: ReleaseBody; arm: 'incumbent' | 'candidate'; rail: RailReading }) {
  const { mean, count: seen } = rail[arm];
  const rule = release.rails.find(({ name }) => name === rail.name);
  const behind = callsBehind(release, arm, rule) ?? callsBehind(release, arm);
  return (
    <span className="mono inline-flex items-baseline gap-2 whitespace-nowrap">
      {seen > 0 && behind !== null ? (
        <Link to="/traces" search={{ q: behind }} className="link" title={`Traces of v${release[arm]} behind this`}>
          {railValue(mean, rail)}
        </Link>
      ) : (
        railValue(mean, rail)
      )}
      <span className="text-xs text-text-3">n {count(seen)}</span>
    </span>
  );
}

type RailTableProps = {
  release: ReleaseBody;
  verdict: NonNullable<ReleaseBody['verdict']>;
  picked: string | undefined;
  onPick: (rail: string) => void;
};

/** Every rail: both versions, the difference with its interval, and whether it holds. */
export function RailTable({ release, verdict: { rails }, picked, onPick }: RailTableProps) {
  const { incumbent, candidate, minimum } = release;
  if (rails.length === 0) return null;
  return (
    <div className="bg-surface">
      <DataTable
        label="Rails"
        heads={['Rail', `● v${incumbent}`, `■ v${candidate}`, 'Change', 'Interval', 'Verdict']}
        right={[1, 2, 3]}
        rows={rails.map((rail) => ({
          key: rail.name,
          cells: [
            <button
              key="rail"
              type="button"
              aria-pressed={rail.name === picked}
              className="min-h-6 text-left aria-pressed:font-semibold aria-pressed:shadow-[inset_0_-2px_0_var(--ink)]"
              title={`${rail.name} over time`}
              onClick={() => onPick(rail.name)}
            >
              {rail.name}
              <span className="block text-xs font-normal text-text-3">{railMeasure(rail)}</span>
            </button>,
            <Arm key="a" release={release} arm="incumbent" rail={rail} />,
            <Arm key="b" release={release} arm="candidate" rail={rail} />,
            <span key="change" className="mono whitespace-nowrap">
              {rail.difference === null ? '–' : railChange(rail.difference, rail)}
            </span>,
            <span key="interval" className="flex flex-wrap items-center gap-x-2">
              <RailBar rail={rail} />
              <span className="mono whitespace-nowrap text-text-2">{railInterval(rail)}</span>
            </span>,
            <Pill key="state" tone={tones[rail.state].tone}>
              {tones[rail.state].glyph} {railState(rail, minimum)}
            </Pill>,
          ],
        }))}
      />
      <p className="border-b border-line px-4 py-2 text-xs text-text-3">
        The interval holds at any time one looks, so watching does not cheat. The dotted red line is the smallest loss
        that matters; what ends short of it holds. The figures lead to the calls that are worse than usual.
      </p>
    </div>
  );
}
