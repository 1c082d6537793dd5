import type { PlannedPipelineBody } from '@wheelhouse/sdk';
import { dateTime } from '../../../data/format.ts';
import { triggerText } from '../../../data/pipeline-words.ts';
import { ErrorText } from '../../../parts/request-state.tsx';

type PlanViewProps = { plan: PlannedPipelineBody | undefined; error: Error | null };

/** What a run would do that began now. */
export function PlanView({ plan, error }: PlanViewProps) {
  return (
    <section aria-labelledby="plan" className="card p-3">
      <h2 id="plan" className="mb-2 font-semibold">
        What it would do now
      </h2>
      {error !== null && <ErrorText error={error} />}
      {error === null && plan === undefined && <p className="text-text-3">Write its model and a step.</p>}
      {error === null && plan && (
        <>
          <p className="mb-2 text-sm text-text-2">
            Starts {[...plan.definition.triggers.map(triggerText), 'by hand'].join(', ')}
            {plan.nextAt !== null && `; next at ${dateTime(plan.nextAt)}`}.
          </p>
          <ol aria-label="What each step would do" className="flex flex-col gap-2">
            {plan.steps.map(({ name, sentence, problem }, i) => (
              <li key={name} className="flex gap-2">
                <span className="mono text-text-3">{i + 1}</span>
                <div className="min-w-0">
                  <p className="break-words">{sentence}</p>
                  {problem !== null && <p className="text-sm break-words text-warn">▲ {problem}</p>}
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
