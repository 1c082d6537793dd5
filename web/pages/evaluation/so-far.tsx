import { useQuery } from '@tanstack/react-query';
import type { EvaluationBody, RunBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { soFarQuery } from '../../data/evaluation-queries.ts';
import { hasInterval, unitOf } from '../../data/measures.ts';
import { VerdictPill } from '../../parts/verdict.tsx';
import { Interval } from './interval.tsx';

type SoFarProps = { evaluation: EvaluationBody; candidate: RunBody; measure: string };

/** What can be said before all is answered: by an interval that holds whenever one looks, so that looking does no harm. */
export function SoFar({ evaluation, candidate, measure }: SoFarProps) {
  const { client } = useData();
  const { data } = useQuery(
    soFarQuery(client, evaluation.id, { measure, isUnderWay: evaluation.status === 'running' }),
  );
  const result = data?.results.find(({ runId }) => runId === candidate.id);
  if (!result || result.pairs === 0) return null;
  const unit = unitOf(measure);
  return (
    <section aria-label="So far" className="flex flex-none flex-col gap-1 border-b border-line bg-surface p-4">
      <h2 className="truncate text-xs font-medium text-text-2">{measure}, so far</h2>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {hasInterval(result) && (
          <span className="text-2xl font-semibold whitespace-nowrap">{unit.difference(result.difference)}</span>
        )}
        {hasInterval(result) && <Interval result={result} width={160} />}
        <VerdictPill result={result} />
      </div>
      <p className="text-text-2">{result.sentence}</p>
      {hasInterval(result) && (
        <p className="text-xs text-text-3">
          This interval holds whenever you look, so you may stop as soon as it is clear. Rows are asked in the order of
          the dataset: if that is sorted, the first are not like the last.
        </p>
      )}
    </section>
  );
}
