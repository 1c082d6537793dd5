import { contentHash, type Json } from '@wheelhouse/core/records';
import { WheelhouseApiError } from '@wheelhouse/sdk';
import { UsageError } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { type CarryDeps, number, type Outcome } from './carried.ts';
import type { DraftDataset, DraftModel, Problem } from './draft.ts';
import type { Plan } from './make-plan.ts';
import { sendEvents } from './send-events.ts';
import { sendResults } from './send-results.ts';
import { sendRows } from './send-rows.ts';

export type Carried = { outcomes: Outcome[]; problems: Problem[]; refOf(model: DraftModel): string };

export type CarryOptions = {
  licence: string;
  /** The base model of prompts that name none. */
  model: string | null;
  /** Whether aliases move although callers may fail. */
  breaking: boolean;
};

/** null: there is none. */
const orNull = (error: unknown): null => {
  if (error instanceof WheelhouseApiError && error.status === 404) return null;
  throw error;
};

/** A dataset of the same name that is from elsewhere is not added to. */
async function checkNames({ client }: CarryDeps, datasets: readonly DraftDataset[]): Promise<Set<string>> {
  const { data } = await client.call('listDatasets', {});
  const there = new Map(data.map((one) => [one.name, one.source]));
  const other = datasets.find(({ name, source }) => there.has(name) && there.get(name) !== source);
  if (other)
    throw new UsageError(
      `There is a dataset \`${other.name}\` already that is not from ${other.source}.`,
      'Put something before the names of all that is made: --prefix old-',
    );
  return new Set(there.keys());
}

/** @returns what of it could not be kept */
async function createDataset({ client }: CarryDeps, draft: DraftDataset, { licence }: CarryOptions): Promise<string> {
  const { name, description, source, schema } = draft;
  await client.call('createDataset', { body: { name, description: description.slice(0, 2000), source, licence } });
  if (schema === null) return '';
  try {
    await client.call('changeDataset', { params: { name }, body: { schema: { ...schema, metadata: null } } });
    return '';
  } catch (error) {
    if (!(error instanceof WheelhouseApiError) || error.status >= 500) throw error;
    return `, its schema cannot be used: ${error.message}`;
  }
}

/** A version that says the same is taken again. */
async function publishModel({ client }: CarryDeps, model: DraftModel): Promise<{ version: number; isNew: boolean }> {
  const { name, definition, description, variables } = model;
  const wanted = contentHash(definition);
  const known = await client.call('getModel', { params: { name } }).catch(orNull);
  const same = known?.versions.find((version) => contentHash(version.definition as Json) === wanted);
  if (same) return { version: same.number, isNew: false };
  // Any values may fill it in; what is inferred would ask for texts.
  const properties = Object.fromEntries(variables.map((variable) => [variable, {}]));
  const signature = { input: { type: 'object', properties } };
  const version = { definition: definition as never, signature, message: 'Brought over' };
  if (known)
    return { version: (await client.call('createVersion', { params: { name }, body: version })).number, isNew: true };
  const { model: made } = await client.call('createModel', { body: { name, description, version } });
  return { version: made.latest, isNew: true };
}

const promptsAtOnce = 500;

async function sendPrompts(
  { client }: CarryDeps,
  { prompts }: Plan,
  { model, breaking }: CarryOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // Versions get their numbers in the order in which they come.
  const ordered = prompts.toSorted((a, b) => Number(a.version) - Number(b.version));
  for (let at = 0; at < ordered.length; at += promptsAtOnce) {
    const before = new Map(
      (await client.call('listModels', { query: { limit: 500 } })).data.map((one) => [one.name, one.latest]),
    );
    const body = {
      breaking,
      prompts: ordered.slice(at, at + promptsAtOnce),
      ...(model === null ? {} : { baseModel: model }),
    };
    const { data } = await client.call('importLangfusePrompts', { body });
    for (const { from, model: name, version, aliases, problem } of data) {
      const isNew = version !== null && version > (before.get(name) ?? 0);
      const labels = aliases.length === 0 ? '' : ` (${aliases.join(', ')})`;
      const why = problem === null ? '' : `: ${problem}`;
      const said = version === null ? `version ${from.version} is not taken${why}` : `@${version}${labels}${why}`;
      outcomes.push({ what: 'prompt', name, said, isNew });
    }
  }
  return outcomes;
}

/** Makes what the plan says, and nothing that is there already: doing it again goes on where it was cut off. */
export async function carryOut(plan: Plan, deps: CarryDeps, options: CarryOptions): Promise<Carried> {
  const { client, terminal } = deps;
  const there = await checkNames(deps, plan.datasets);
  const outcomes: Outcome[] = [];
  const problems: Problem[] = [];
  const tell = (outcome: Outcome) => outcomes.push(outcome);
  for (const dataset of plan.datasets) {
    const { name } = dataset;
    const isNew = !there.has(name);
    const lost = isNew ? await createDataset(deps, dataset, options) : '';
    const { added, skipped, refused, problems: found } = await sendRows(plan, name, deps);
    problems.push(...found);
    const { number: version } = await client.call('freezeDataset', { params: { name } }).catch((error: unknown) => {
      if (error instanceof WheelhouseApiError && error.code === 'dataset_empty') return { number: 0 };
      throw error;
    });
    const parts = [`@${version}`, `${number(added)} rows added`];
    if (skipped > 0) parts.push(`${number(skipped)} were there already`);
    if (refused > 0) parts.push(`${number(refused)} refused`);
    tell({ what: 'dataset', name, said: `${parts.join(', ')}${lost}`, isNew: added > 0 });
  }
  const versions = new Map<DraftModel, number>();
  for (const model of plan.models) {
    const { version, isNew } = await publishModel(deps, model);
    versions.set(model, version);
    tell({ what: 'model', name: model.name, said: `@${version}`, isNew });
  }
  for (const outcome of await sendPrompts(deps, plan, options)) tell(outcome);
  const progress = createProgress(terminal, () => performance.now());
  if (plan.events.length > 0) tell(await sendEvents(plan.events, deps, { progress, problems }));
  for (const evaluation of plan.evaluations)
    for (const outcome of await sendResults(evaluation, plan, { ...deps, progress })) tell(outcome);
  progress.end();
  return { outcomes, problems, refOf: (model) => `${model.name}@${versions.get(model) ?? 1}` };
}
