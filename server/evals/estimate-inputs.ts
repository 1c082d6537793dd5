import type { EvaluationEstimateBody } from '@wheelhouse/core/contract';
import type { Actor, Json, Run, RunId } from '@wheelhouse/core/records';
import { resolveTarget } from '@wheelhouse/core/route';
import { labelsOf, type NewEvaluationBody } from './create-evaluation.ts';
import { estimateCalls, type InputsDeps } from './estimate.ts';

type Ask = { refs: string[]; inputs: Json[]; repetitions: number; scorers: NewEvaluationBody['scorers'] };

const concurrency = 8;

/** What it would cost to ask versions about inputs that are in no dataset, as an evaluation of one would. */
export function createReplayEstimate(deps: InputsDeps) {
  function runOf(by: Actor, ref: string, at: number): Run {
    const { name, version } = resolveTarget(ref, deps.routes(by.project));
    return { id: `run_${at}` as RunId, label: ref, ref, model: name ?? ref, version: version?.number ?? null };
  }
  return async (by: Actor, { refs, inputs, repetitions, scorers }: Ask): Promise<EvaluationEstimateBody> => {
    const runs = refs.map((ref, at) => runOf(by, ref, at));
    return estimateCalls(deps, by.project, {
      ...{ runs, repetitions, concurrency, total: inputs.length * repetitions * runs.length },
      scorers: labelsOf(deps, by.project, { scorers, place: 'server' } as NewEvaluationBody),
      sample: inputs.map((input) => ({ input, expected: null, metadata: {} })),
    });
  };
}
