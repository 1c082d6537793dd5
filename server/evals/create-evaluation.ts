import type { ParsedBody } from '@wheelhouse/core/contract';
import {
  checkGate,
  createScorer,
  measureNamesOf,
  type NamedScorer,
  parseGate,
  scorerLabel,
  scorersMeant,
} from '@wheelhouse/core/eval';
import type {
  Clock,
  DatasetStore,
  EvaluationStore,
  ExampleStore,
  JobQueue,
  LiveFeed,
  Random,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  type Dataset,
  type DatasetVersion,
  type Evaluation,
  type Gate,
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  parseUsd,
  type Run,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type RouteTable, resolveTarget } from '@wheelhouse/core/route';
import { enqueueSeats } from './evaluation-queue.ts';
import { draft, filterOf, versionOrDraft } from './evaluation-rows.ts';
import { tell } from './live-event.ts';

export type CreateDeps = {
  evaluations: EvaluationStore;
  datasets: Pick<DatasetStore, 'get' | 'freeze' | 'versions' | 'members' | 'countMembers'>;
  examples: Pick<ExampleStore, 'get'>;
  jobs: Pick<JobQueue, 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  checker: SchemaChecker;
  /** What a model's name means at this moment. */
  routes(project: ProjectId): RouteTable;
};

export type NewEvaluationBody = ParsedBody<'createEvaluation'>;

function fresh<Prefix extends 'run' | 'ev'>({ clock, random }: CreateDeps, prefix: Prefix) {
  return newId(prefix, nanosToMs(clock.now()), random.bytes(idRandomBytes));
}

type NewRun = NewEvaluationBody['runs'][number];

/** An alias becomes the version that it points at now, so that moving it changes nothing about an evaluation. */
function fixRun(deps: CreateDeps, project: ProjectId, { ref, label }: NewRun, at: number): Run {
  const param = `runs.${at}`;
  if (ref === null) return { id: fresh(deps, 'run'), label: label ?? `run ${at + 1}`, ref, model: null, version: null };
  try {
    const { name, version } = resolveTarget(ref, deps.routes(project));
    const model = version && name !== null ? { model: name, version: version.number } : { model: ref, version: null };
    return { id: fresh(deps, 'run'), label: label ?? ref, ref, ...model };
  } catch (error) {
    if (!(error instanceof WheelhouseError)) throw error;
    throw new WheelhouseError(error.code, error.message, { hint: error.hint, param, cause: error });
  }
}

function fixRuns(deps: CreateDeps, project: ProjectId, { runs, place }: NewEvaluationBody): Run[] {
  const code = runs.findIndex(({ ref }) => ref === null);
  if (place === 'server' && code !== -1)
    throw new WheelhouseError('invalid_request', 'The server cannot run code that it does not have.', {
      param: `runs.${code}`,
      hint: 'Name a model in `ref`, or say `place: "client"` and hand in the cells.',
    });
  return runs.map((run, at) => fixRun(deps, project, run, at));
}

const noExamples = (name: string) =>
  new WheelhouseError('dataset_empty', `\`${name}\` has no examples.`, { param: 'dataset' });

async function findDataset(deps: Pick<CreateDeps, 'datasets'>, by: Actor, name: string): Promise<Dataset> {
  const dataset = await deps.datasets.get(by.project, name);
  if (!dataset)
    throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`, {
      param: 'dataset',
      hint: 'GET /api/v1/datasets lists them.',
    });
  return dataset;
}

/** The version that was named, else what the draft holds now, frozen when it differs from the head. */
async function fixVersion(
  deps: Pick<CreateDeps, 'datasets' | 'feed'>,
  by: Actor,
  dataset: Dataset,
  { wanted, freezes }: { wanted: number | string | undefined; freezes: boolean },
): Promise<Pick<DatasetVersion, 'number' | 'count'>> {
  const { name, aliases } = dataset;
  if (wanted === undefined && dataset.changed) {
    if (dataset.draftCount === 0) throw noExamples(name);
    if (!freezes) return { number: draft, count: dataset.draftCount };
    const frozen = await deps.datasets.freeze(by, name);
    deps.feed.publish({ type: 'datasets', project: by.project, name });
    return frozen;
  }
  const number = typeof wanted === 'string' ? aliases[wanted] : (wanted ?? dataset.head);
  if (number === 0) throw noExamples(name);
  const version = (await deps.datasets.versions(by.project, name)).find((one) => one.number === number);
  if (!version)
    throw new WheelhouseError('not_found', `\`${name}\` has no version ${wanted}.`, {
      param: 'version',
      hint: dataset.head === 0 ? 'Leave `version` out: the draft is frozen first.' : `Its newest is ${dataset.head}.`,
    });
  if (version.count === 0) throw noExamples(name);
  return version;
}

/** The frozen version of a dataset that somebody names, for whoever else reads its rows. */
export async function datasetVersionOf(
  deps: Pick<CreateDeps, 'datasets' | 'feed'>,
  by: Actor,
  {
    dataset: name,
    version: wanted,
    freezes,
  }: { dataset: string; version: number | string | undefined; freezes: boolean },
): Promise<{ dataset: string; version: number | null; count: number }> {
  const { number, count } = await fixVersion(deps, by, await findDataset(deps, by, name), { wanted, freezes });
  return { dataset: name, version: versionOrDraft(number), count };
}

/** The version that a judge's alias points at now. */
export const pinTo =
  (table: RouteTable) =>
  (ref: string): string => {
    const { name, version } = resolveTarget(ref, table);
    return version && name !== null ? `${name}@${version.number}` : ref;
  };

/** Each scorer once; what cannot be used is refused before anything is called. Of a client's own, only the names are known. */
export function labelsOf(
  { checker, routes }: Pick<CreateDeps, 'checker' | 'routes'>,
  project: ProjectId,
  { scorers, place }: NewEvaluationBody,
): string[] {
  const pin = pinTo(routes(project));
  const labels = scorers.flatMap((scorer, at) => {
    if (typeof scorer === 'object' && 'own' in scorer) {
      if (place === 'client') return [scorer.own];
      throw new WheelhouseError('invalid_request', 'The server cannot run a scorer that it does not have.', {
        param: `scorers.${at}`,
        hint: 'Name one of its own, or say `place: "client"` and hand in what yours says with the cells.',
      });
    }
    return scorersMeant(scorer as string | NamedScorer).map((one) => {
      const label = scorerLabel(one, pin);
      createScorer(label, { checker });
      return label;
    });
  });
  return [...new Set(labels)];
}

export function gatesOf(gates: NewEvaluationBody['gates'], scorers: readonly string[], candidates: number): Gate[] {
  const measures = measureNamesOf(scorers);
  return gates.map((gate) => {
    const read = typeof gate === 'string' ? parseGate(gate, measures) : checkGate(gate, measures);
    if (read.than === 'baseline' && candidates === 0)
      throw new WheelhouseError('invalid_request', 'A gate against the baseline needs a baseline.', {
        param: 'gates',
        hint: 'Name the baseline as the first of `runs`, and what is compared with it after it.',
      });
    return read;
  });
}

const membersAtOnce = 2_000;

/** How many rows there are to ask about, and how many have lost their content. */
async function countRows(
  { datasets }: Pick<CreateDeps, 'datasets'>,
  project: ProjectId,
  of: Pick<Evaluation, 'dataset' | 'datasetVersion' | 'rows'>,
): Promise<{ living: number; erased: number }> {
  const { dataset, datasetVersion } = of;
  const where = filterOf(of);
  const { members, erased } = await datasets.countMembers(project, dataset, versionOrDraft(datasetVersion), where);
  const first = Math.min(of.rows.first ?? members, members);
  if (first === members || erased === 0) return { living: first - Math.min(erased, first), erased };
  let gone = 0;
  for (let [after, left] = [0, first]; left > 0; ) {
    const page = await datasets.members(project, dataset, versionOrDraft(datasetVersion), {
      ...{ after, where, limit: Math.min(left, membersAtOnce) },
    });
    gone += page.filter(({ erasedAt }) => erasedAt !== null).length;
    left = page.length === 0 ? 0 : left - page.length;
    after = page.at(-1)?.place ?? after;
  }
  return { living: first - gone, erased: gone };
}

function noneLeft({ dataset, rows }: Pick<Evaluation, 'dataset' | 'rows'>, erased: number): WheelhouseError {
  if (erased > 0)
    return new WheelhouseError('dataset_empty', `Every example of \`${dataset}\` was erased with its trace.`, {
      param: 'dataset',
      hint: 'Add examples whose traces are there.',
    });
  const said = [rows.split && `split \`${rows.split}\``, rows.tag && `tag \`${rows.tag}\``]
    .filter(Boolean)
    .join(' and ');
  return new WheelhouseError('dataset_empty', `No example of \`${dataset}\` has ${said}.`, { param: 'rows' });
}

/** What is asked for, checked and fixed: versions for aliases, the frozen dataset, how many rows. */
export type Planned = Omit<Evaluation, keyof Started> & { erased: number };
type Started = Pick<
  Evaluation,
  | 'status'
  | 'error'
  | 'turn'
  | 'done'
  | 'failed'
  | 'cached'
  | 'costNanoUsd'
  | 'estimateNanoUsd'
  | 'summaries'
  | 'results'
  | 'gateResults'
  | 'createdAt'
  | 'startedAt'
  | 'finishedAt'
>;

/** @param options.freezes false: a changed draft is only looked at, and stands in the place of the version */
export async function planEvaluation(
  deps: CreateDeps,
  by: Actor,
  body: NewEvaluationBody,
  { freezes }: { freezes: boolean } = { freezes: true },
): Promise<Planned> {
  const { project } = by;
  const dataset = await findDataset(deps, by, body.dataset);
  const runs = fixRuns(deps, project, body);
  const scorers = labelsOf(deps, project, body);
  const gates = gatesOf(body.gates, scorers, runs.length - 1);
  const version = await fixVersion(deps, by, dataset, { wanted: body.version, freezes });
  const { rows, repetitions, concurrency, rollout, place, name } = body;
  const source = { dataset: dataset.name, datasetVersion: version.number, rows };
  const { living, erased } = await countRows(deps, project, source);
  if (living === 0) throw noneLeft(source, erased);
  return {
    ...{ id: fresh(deps, 'ev'), name, datasetId: dataset.id, ...source, runs, scorers, gates, repetitions },
    ...{ concurrency, rollout, place, metadata: body.metadata as Evaluation['metadata'] },
    ...{ total: living * repetitions * runs.length, erased },
    capNanoUsd: body.cap === null ? null : parseUsd(body.cap),
  };
}

export async function createEvaluation(
  deps: CreateDeps,
  by: Actor,
  planned: Planned & Pick<Evaluation, 'estimateNanoUsd'>,
): Promise<Evaluation> {
  const { project } = by;
  const created = await deps.evaluations.create(by, planned);
  if (created.place === 'server')
    try {
      await enqueueSeats(deps.jobs, project, created);
    } catch (error) {
      const reason = 'It could not be queued; resume it.';
      await deps.evaluations.end(created.id, created.turn, { status: 'failed', reason });
      throw error;
    }
  tell(deps.feed, project, created);
  return created;
}
