import type { RequestBody } from '@wheelhouse/core/contract';
import type { PipelineOutput } from '@wheelhouse/core/records';
import { budgetSpent, leftFor, madeBefore, type StepOutcome } from '@wheelhouse/core/watch';
import { type AtWork, dollarsOf, isSince } from '../calls.ts';

type Work = AtWork<'optimize'>;

/** Tells the optimization of a step from all others. */
const markOf = ({ run, step }: Work): string => `${run.pipeline}, run ${run.number}, ${step.name}`;

/** The budget of the step, and no more than the run has left. */
function budgetOf({ run, at, step }: Work): RequestBody<'createOptimization'>['budget'] {
  const left = leftFor(run, at);
  const budget = step.budget as RequestBody<'createOptimization'>['budget'];
  if (left === null) return budget;
  const own = budget.dollars === undefined ? null : Number(budget.dollars);
  return own !== null && own * 1e9 <= Number(left) ? budget : { ...budget, dollars: dollarsOf(left) };
}

async function create(work: Work): Promise<string> {
  const { call, by, run, at, step } = work;
  const { dataset } = madeBefore(run, at);
  const own = step.dataset !== null && step.dataset !== dataset?.name ? { dataset: step.dataset } : null;
  const made = dataset === undefined ? {} : { dataset: dataset.name, version: dataset.version };
  const { scorers, optimizer, seed, concurrency, model, proposer } = step;
  const body = {
    ...{
      name: markOf(work),
      program: `${run.definition.model}@${run.baseline}`,
      scorers,
      optimizer,
      seed,
      concurrency,
    },
    ...(model === null ? {} : { model }),
    ...(proposer === null ? {} : { proposer }),
    ...(own ?? made),
    budget: budgetOf(work),
  };
  return (await call(by, 'createOptimization', { body: body as RequestBody<'createOptimization'> })).id;
}

/** What the step started, before a kill as well; null: nothing. */
async function find(work: Work): Promise<string | null> {
  const { call, by, run, own } = work;
  if (own.output.optimization !== undefined) return own.output.optimization;
  let cursor: string | undefined;
  do {
    const page = await call(by, 'listOptimizations', {
      query: { program: run.definition.model, limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    });
    const found = page.data.find(({ name }) => name === markOf(work));
    if (found) return found.id;
    const oldest = page.data.at(-1);
    cursor = oldest !== undefined && isSince(own, oldest.createdAt) ? (page.next ?? undefined) : undefined;
  } while (cursor !== undefined);
  return null;
}

/** A search for a better program, by the version that the alias was at. */
export async function workOnOptimization(work: Work): Promise<StepOutcome> {
  const { call, by, run, at, own } = work;
  const known = await find(work);
  if (known === null && leftFor(run, at) === 0n) return { kind: 'held_back', sentence: budgetSpent(run) };
  const id = known ?? (await create(work));
  const params = { optimizationId: id };
  let optimization = await call(by, 'getOptimization', { params });
  const isStill = optimization.state === 'failed' || optimization.state === 'stopped';
  // What is queued for the first time may have been killed before it was put into the line.
  const isForgotten = own.output.optimization === undefined && known !== null && optimization.state === 'queued';
  if (isForgotten) await call(by, 'stopOptimization', { params });
  if (isForgotten || (isStill && own.resumes))
    optimization = await call(by, 'resumeOptimization', { params, body: { budget: budgetOf(work) } });
  const { state, share, etaSeconds, spend, report, error } = optimization;
  const seen: { output: PipelineOutput; costNanoUsd: string } = {
    output: { optimization: id },
    costNanoUsd: spend.costNanoUsd ?? '0',
  };
  if (state === 'queued' || state === 'running') {
    const progress = { done: Math.round(share * 100), total: 100 };
    return {
      kind: 'waits',
      ...seen,
      sentence: `It searches; ${progress.done} % of its budget is used.`,
      progress,
      etaSeconds,
    };
  }
  if (state === 'failed')
    return { kind: 'failed', again: true, ...seen, sentence: error ?? 'The optimization failed.' };
  if (state === 'stopped') return { kind: 'failed', again: false, ...seen, sentence: 'The optimization was stopped.' };
  if (report?.verdict === 'gain') return { kind: 'done', ...seen, sentence: report.sentence };
  return { kind: 'held_back', ...seen, sentence: report?.sentence ?? 'Nothing was found that is known to be better.' };
}

export async function stopOptimization({ call, by, own }: Work): Promise<void> {
  const { optimization } = own.output;
  if (optimization !== undefined) await call(by, 'stopOptimization', { params: { optimizationId: optimization } });
}
