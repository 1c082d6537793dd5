import { Link } from '@tanstack/react-router';
import type { OptimizationCandidateBody } from '@wheelhouse/sdk';
import { nameOf, useView } from './view.ts';

/** A candidate by its number; it is looked at beside the page. */
export function CandidateLink({ candidate }: { candidate: OptimizationCandidateBody | undefined }) {
  const { view } = useView();
  if (candidate === undefined) return <span className="text-text-3">?</span>;
  const current = view.candidate === candidate.id ? 'true' : undefined;
  return (
    <Link
      to="."
      search={(old: object) => ({ ...old, candidate: candidate.id }) as never}
      aria-current={current}
      activeProps={{ 'aria-current': current }}
      className={`link whitespace-nowrap underline ${current ? 'font-semibold' : ''}`}
    >
      {nameOf(candidate.n)}
    </Link>
  );
}
