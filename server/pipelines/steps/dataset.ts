import type { StepOutcome } from '@wheelhouse/core/watch';
import { type AtWork, isSince } from '../calls.ts';

type Work = AtWork<'dataset'>;

function made(work: Work, { version, rows }: { version: number; rows: number }): StepOutcome {
  const { dataset: name, least } = work.step;
  if (rows < least)
    return {
      kind: 'held_back',
      sentence: `${name} has ${rows} ${rows === 1 ? 'row' : 'rows'}, and ${least} are asked for.`,
    };
  return {
    kind: 'done',
    sentence: `${name} is at version ${version}, with ${rows} ${rows === 1 ? 'row' : 'rows'}.`,
    output: { dataset: { name, version, rows } },
  };
}

async function newest(work: Work): Promise<StepOutcome> {
  const { dataset, versions } = await work.call(work.by, 'getDataset', { params: { name: work.step.dataset } });
  const head = versions.find(({ number }) => number === dataset.head);
  return made(work, { version: dataset.head, rows: head?.count ?? 0 });
}

/** What people corrected, in the draft; what did not become a row, in words. */
async function takeCorrections({ call, by, step }: Work): Promise<string> {
  if (step.queue === null) return '';
  const body = { dataset: step.dataset };
  const { refused } = await call(by, 'addReviewedExamples', { params: { queue: step.queue }, body });
  const [first] = refused;
  if (first === undefined) return '';
  return ` ${refused.length} of ${step.queue} did not become rows; item ${first.item}: ${first.error}`;
}

async function freeze(work: Work): Promise<StepOutcome> {
  const { call, by, step } = work;
  const params = { name: step.dataset };
  const refused = await takeCorrections(work);
  const { dataset } = await call(by, 'getDataset', { params });
  const said = (outcome: StepOutcome) => ({ ...outcome, sentence: `${outcome.sentence}${refused}` });
  // Frozen before a kill, it is no longer changed.
  if (!dataset.changed) return said(await newest(work));
  if (dataset.draftCount < step.least) return said(made(work, { version: dataset.head, rows: dataset.draftCount }));
  const { number, count } = await call(by, 'freezeDataset', { params });
  return said(made(work, { version: number, rows: count }));
}

async function jobOf({ call, by, step, own }: Work): Promise<string> {
  const params = { name: step.dataset };
  if (!own.resumes && own.output.job !== undefined) return own.output.job;
  if (!own.resumes) {
    const { data } = await call(by, 'listDatasetJobs', { params, query: { kind: 'recipe', limit: 5 } });
    const found = data.find(({ requestedBy, requestedAt }) => requestedBy === by.actor && isSince(own, requestedAt));
    if (found) return found.id;
  }
  return (await call(by, 'runDatasetRecipe', { params })).id;
}

/** The next version of a dataset: of what is in its draft, or made again by its recipe. */
export async function workOnDataset(work: Work): Promise<StepOutcome> {
  if (work.step.from === 'draft') return freeze(work);
  const job = await jobOf(work);
  const { status, error, read, total } = await work.call(work.by, 'getDatasetJob', {
    params: { name: work.step.dataset, jobId: job },
  });
  const output = { job };
  if (status === 'completed') return newest(work);
  if (status === 'failed') return { kind: 'failed', again: true, sentence: error ?? 'Its job failed.', output };
  if (status === 'cancelled') return { kind: 'failed', again: false, sentence: 'Its job was cancelled.', output };
  const progress = total === null ? null : { done: read, total };
  return { kind: 'waits', sentence: `${work.step.dataset} is made by its recipe.`, output, progress };
}

export async function stopDataset({ call, by, step, own }: Work): Promise<void> {
  const { job } = own.output;
  if (job !== undefined) await call(by, 'cancelDatasetJob', { params: { name: step.dataset, jobId: job } });
}
