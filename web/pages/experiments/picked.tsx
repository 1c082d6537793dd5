import { Link } from '@tanstack/react-router';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { plural } from '../../data/format.ts';
import { comparedRuns, whyNot } from './picked-runs.ts';

/** What is picked, and the way to its comparison. */
export function Picked({ picked, onClear }: { picked: readonly EvaluationBody[]; onClear: () => void }) {
  if (picked.length === 0) return null;
  const problem = whyNot(picked);
  return (
    <section
      aria-label="Picked to compare"
      className="flex flex-none flex-wrap items-center gap-3 border-b border-line bg-accent-bg px-4 py-2"
    >
      <span role="status">
        {plural(picked.length, 'evaluation')} picked, {plural(picked.flatMap(({ runs }) => runs).length, 'run')}
        {problem !== null && <span className="text-text-2">. {problem}</span>}
      </span>
      <span className="ml-auto flex gap-2">
        {problem === null && (
          <Link to="/experiments/compare" search={comparedRuns(picked)} className="btn btn-primary">
            Compare
          </Link>
        )}
        <button type="button" className="btn" onClick={onClear}>
          Clear
        </button>
      </span>
    </section>
  );
}
