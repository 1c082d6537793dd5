import { Link } from '@tanstack/react-router';
import type { RunBody } from '@wheelhouse/sdk';
import { useView } from './view.tsx';

function RunName({ side, run }: { side: 'A' | 'B'; run: RunBody }) {
  const text = `${side === 'A' ? '● A' : '■ B'} ${run.label}`;
  const color = side === 'A' ? 'text-va' : 'text-vb';
  if (run.version === null || run.model === null) return <span className={color}>{text}</span>;
  const named = run.label.endsWith(`@${run.version}`) ? '' : ` (v${run.version})`;
  return (
    <Link
      to="/models/$name"
      params={{ name: run.model }}
      search={{ version: run.version }}
      className={`${color} hover:underline`}
    >
      {text}
      {named}
    </Link>
  );
}

/** Which of the candidates stands beside the baseline. */
function Picker({ runs, candidate }: { runs: RunBody[]; candidate: RunBody }) {
  const { go } = useView();
  return (
    <span className="inline-flex items-center gap-1 text-vb">
      <span aria-hidden="true">■ B</span>
      <select
        aria-label="B, the run beside the baseline"
        className="field !w-auto max-w-60"
        value={candidate.id}
        onChange={(event) => go({ run: event.target.value, row: undefined, rep: undefined }, 'push')}
      >
        {runs.slice(1).map((run) => (
          <option key={run.id} value={run.id}>
            {run.label}
          </option>
        ))}
      </select>
    </span>
  );
}

/** The baseline, and who stands beside it. */
export function RunNames({ runs, candidate }: { runs: RunBody[]; candidate: RunBody | null }) {
  const [baseline] = runs;
  return (
    <>
      {baseline && <RunName side="A" run={baseline} />}
      {candidate && <span className="text-text-3">vs</span>}
      {candidate && runs.length === 2 && <RunName side="B" run={candidate} />}
      {candidate && runs.length > 2 && <Picker runs={runs} candidate={candidate} />}
    </>
  );
}
