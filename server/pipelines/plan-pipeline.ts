import type { PlannedPipelineBody } from '@wheelhouse/core/contract';
import { type Caller, type PipelineDefinition, type PipelineStep, WheelhouseError } from '@wheelhouse/core/records';
import { fixVersions } from './begin-run.ts';
import type { Call } from './calls.ts';

type Planned = PlannedPipelineBody['steps'][number];
type Said = { sentence: string; problem?: string | null };

/** What is known at a step, of the model and of what the steps before it would make. */
type Place = {
  call: Call;
  by: Caller;
  definition: PipelineDefinition;
  baseline: number | null;
  /** As steps name it: `bot@3`, or what is published on the way. */
  candidate: string;
  /** What the newest step `dataset` before it makes. */
  dataset: string | null;
};

const rows = (count: number) => (count === 1 ? '1 row' : `${count} rows`);
const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;

async function planDataset({ call, by }: Place, step: Extract<PipelineStep, { do: 'dataset' }>): Promise<Said> {
  const { dataset } = await call(by, 'getDataset', { params: { name: step.dataset } });
  if (step.from === 'recipe') return { sentence: `Makes ${step.dataset} again by its recipe.` };
  const corrected =
    step.queue === null
      ? ''
      : `, after what people corrected in ${step.queue} (${(await call(by, 'getReviewQueue', { params: { queue: step.queue } })).items.done} items are done)`;
  return {
    sentence: `Freezes the draft of ${step.dataset}, which has ${rows(dataset.draftCount)} now${corrected}.`,
    problem:
      dataset.draftCount < step.least ? `It has ${rows(dataset.draftCount)}, and ${step.least} are asked for.` : null,
  };
}

function planOptimization(
  { definition, baseline, dataset }: Place,
  step: Extract<PipelineStep, { do: 'optimize' }>,
): Said {
  const { dollars, calls, minutes } = step.budget as { dollars?: string; calls?: number; minutes?: number };
  const bounds = [
    ...(dollars === undefined ? [] : [`$${Number(dollars)}`]),
    ...(calls === undefined ? [] : [`${calls} calls`]),
    ...(minutes === undefined ? [] : [`${minutes} minutes`]),
  ].join(' and ');
  const from = `${definition.model}@${baseline ?? definition.alias}`;
  const { name } = step.optimizer as { name: string };
  return { sentence: `Searches from ${from} by ${name} on ${step.dataset ?? dataset}, for ${bounds} at most.` };
}

async function planEvaluation(place: Place, step: Extract<PipelineStep, { do: 'evaluate' }>): Promise<Said> {
  const { call, by, definition, baseline, candidate } = place;
  const name = step.dataset ?? place.dataset ?? '';
  const isMade = name === place.dataset;
  const { dataset, versions } = await call(by, 'getDataset', { params: { name } });
  const head = versions.find(({ number }) => number === dataset.head);
  const what = isMade || head === undefined ? name : `${name} version ${head.number} (${rows(head.count)})`;
  const gates = step.gates.length === 0 ? '' : `; it goes on if ${step.gates.join(' and ')}`;
  return {
    sentence: `Asks ${definition.model}@${baseline ?? definition.alias} and ${candidate} about ${what}${gates}.`,
    problem: isMade || head !== undefined || dataset.draftCount > 0 ? null : `${name} has no rows yet.`,
  };
}

function planRelease({ definition, candidate }: Place, step: Extract<PipelineStep, { do: 'release' }>): Said {
  const first = step.steps?.[0]?.share ?? step.share;
  const last = step.steps?.at(-1)?.share ?? first;
  const { allocation = null } = step;
  const moves =
    allocation && `, moving between ${percent(allocation.floor)} and ${percent(allocation.ceiling)} by how it does`;
  const grows = moves ?? (last === first ? '' : `, growing to ${percent(last)}`);
  const end = step.promotesItself ? 'promotes it by itself when nothing is worse' : 'waits for somebody to promote it';
  return {
    sentence: `Gives ${candidate} ${percent(first)} of ${definition.model}@${definition.alias}${grows}, and ${end}.`,
  };
}

async function planStep(place: Place, step: PipelineStep): Promise<Said> {
  switch (step.do) {
    case 'dataset':
      return planDataset(place, step);
    case 'optimize':
      return planOptimization(place, step);
    case 'publish':
      return {
        sentence: `Publishes what was found as the next version of ${place.definition.model}${step.alias === null ? '' : `, and leads ${step.alias} to it`}.`,
      };
    case 'evaluate':
      return planEvaluation(place, step);
    case 'approve':
      return {
        sentence: `Asks one of the ${step.role}s for a yes${step.note === '' ? '' : `: “${step.note}”`}; without one in ${step.hours} hours it ends.`,
      };
    case 'release':
      return planRelease(place, step);
  }
}

/** What a run would do that began now, step by step; nothing is started. */
export async function planSteps(
  { call, by }: Pick<Place, 'call' | 'by'>,
  definition: PipelineDefinition,
): Promise<Pick<PlannedPipelineBody, 'baseline' | 'steps'>> {
  const begun = await fixVersions(call, by, { definition }).catch((error: unknown) => {
    if (error instanceof WheelhouseError && error.status < 500) return `${error.message} ${error.hint}`.trim();
    throw error;
  });
  const { baseline, candidate: version } = typeof begun === 'string' ? { baseline: null, candidate: null } : begun;
  const named = version ?? definition.candidate;
  const candidate = named === null ? 'what was published' : `${definition.model}@${named}`;
  const steps: Planned[] = [];
  let dataset: string | null = null;
  for (const step of definition.steps) {
    const place = { call, by, definition, baseline, candidate, dataset };
    const { sentence, problem = null } = await planStep(place, step);
    steps.push({ name: step.name, do: step.do, sentence, problem });
    if (step.do === 'dataset') dataset = step.dataset;
  }
  const [first] = steps;
  // A run that does not begin does nothing of the rest.
  if (typeof begun === 'string' && first) first.problem = begun;
  return { baseline, steps };
}

/** @throws WheelhouseError `invalid_request` */
export function knownOf(text: string | undefined): string | null | undefined {
  if (text === undefined || text === 'none') return text === undefined ? undefined : null;
  if (!Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new WheelhouseError('invalid_request', `\`${text}\` is no time.`, {
    ...{ param: 'known', hint: 'Send the `changedAt` of the pipeline, or `none`.' },
  });
}
