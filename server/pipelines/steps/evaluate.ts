import type { EvaluationBody, RequestBody } from '@wheelhouse/core/contract';
import { budgetSpent, leftFor, madeBefore, type StepOutcome } from '@wheelhouse/core/watch';
import { type AtWork, dollarsOf, isSince } from '../calls.ts';

type Work = AtWork<'evaluate'>;

const capOf = ({ run, at }: Work): string | null => {
  const left = leftFor(run, at);
  return left === null ? null : dollarsOf(left);
};

async function create(work: Work): Promise<string> {
  const { call, by, run, at, step } = work;
  const { dataset, version } = madeBefore(run, at);
  const { model } = run.definition;
  const own = step.dataset !== null && step.dataset !== dataset?.name ? { dataset: step.dataset } : null;
  const made = dataset === undefined ? {} : { dataset: dataset.name, version: dataset.version };
  const { scorers, gates, rows, repetitions, concurrency } = step;
  const body = {
    ...{ name: `${run.pipeline}, run ${run.number}, ${step.name}`, scorers, gates, rows, repetitions, concurrency },
    ...(own ?? made),
    runs: [{ ref: `${model}@${run.baseline}` }, { ref: `${model}@${version}` }],
    cap: capOf(work),
    metadata: { pipeline: run.pipeline, pipelineRun: run.id, step: step.name },
  };
  return (await call(by, 'createEvaluation', { body: body as RequestBody<'createEvaluation'> })).id;
}

const isOwn = ({ run, step }: Work, { metadata }: EvaluationBody): boolean =>
  metadata.pipelineRun === run.id && metadata.step === step.name;

/** What the step started, before a kill as well; null: nothing. */
async function find(work: Work): Promise<string | null> {
  const { call, by, run, own } = work;
  if (own.output.evaluation !== undefined) return own.output.evaluation;
  let cursor: string | undefined;
  do {
    const page = await call(by, 'listEvaluations', {
      query: { model: run.definition.model, limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    });
    const found = page.data.find((evaluation) => isOwn(work, evaluation));
    if (found) return found.id;
    const oldest = page.data.at(-1);
    cursor = oldest !== undefined && isSince(own, oldest.createdAt) ? (page.next ?? undefined) : undefined;
  } while (cursor !== undefined);
  return null;
}

/** A gate that does not hold says no; so does one that the rows do not settle. */
function judged({
  gateResults,
  results,
}: EvaluationBody): Pick<StepOutcome, 'sentence'> & { kind: 'done' | 'held_back' } {
  const open = gateResults.filter(({ state }) => state !== 'held');
  if (open.length > 0)
    return {
      kind: 'held_back',
      sentence: `Gate not passed: ${open.map(({ text, sentence }) => `${text}: ${sentence}`).join(' ')}`,
    };
  if (gateResults.length > 0)
    return { kind: 'done', sentence: `Gates passed: ${gateResults.map(({ text }) => text).join('; ')}.` };
  return { kind: 'done', sentence: results.map(({ sentence }) => sentence).join(' ') || 'It was evaluated.' };
}

/** The candidate against the version that the alias was at, on frozen rows. */
export async function workOnEvaluation(work: Work): Promise<StepOutcome> {
  const { call, by, run, at, own } = work;
  const known = await find(work);
  if (known === null && leftFor(run, at) === 0n) return { kind: 'held_back', sentence: budgetSpent(run) };
  const id = known ?? (await create(work));
  const params = { evaluationId: id };
  let evaluation = await call(by, 'getEvaluation', { params });
  const isStill = evaluation.status === 'failed' || evaluation.status === 'stopped';
  // What is queued for the first time may have been killed before it was put into the line.
  const isForgotten = own.output.evaluation === undefined && known !== null && evaluation.status === 'queued';
  if (isForgotten) await call(by, 'stopEvaluation', { params });
  if (isForgotten || (isStill && own.resumes))
    evaluation = await call(by, 'resumeEvaluation', { params, body: { cap: capOf(work) } });
  const { status, done, total, costNanoUsd, error } = evaluation;
  const seen = { output: { evaluation: id }, costNanoUsd: costNanoUsd ?? '0' };
  if (status === 'completed') return { ...judged(evaluation), ...seen };
  if (status === 'failed') return { kind: 'failed', again: true, ...seen, sentence: error ?? 'The evaluation failed.' };
  if (status === 'stopped')
    return { kind: 'failed', again: false, ...seen, sentence: error ?? 'The evaluation was stopped.' };
  return { kind: 'waits', ...seen, sentence: `${done} of ${total} answers are there.`, progress: { done, total } };
}

export async function stopEvaluation({ call, by, own }: Work): Promise<void> {
  const { evaluation } = own.output;
  if (evaluation !== undefined) await call(by, 'stopEvaluation', { params: { evaluationId: evaluation } });
}
