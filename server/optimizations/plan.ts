import type { ParsedBody } from '@wheelhouse/core/contract';
import { createScorer, type NamedScorer } from '@wheelhouse/core/eval';
import {
  labelsOf,
  type OptimizerName,
  optimizerOfData,
  type ReadRow,
  type SplitRows,
  type Subject,
  splitRows,
  subjectOfVersion,
} from '@wheelhouse/core/optimize';
import {
  type Actor,
  type JsonObject,
  type Optimization,
  type OptimizationBudget,
  type OptimizationSetup,
  type ProjectId,
  parseUsd,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { resolveTarget } from '@wheelhouse/core/route';
import type { HandlerDeps, SourceDeps } from './deps.ts';

const membersAtOnce = 1_000;

/** All rows of a version of a dataset, or of its draft, but those whose content was erased. */
async function readRows(
  { datasets, examples }: Pick<SourceDeps, 'datasets' | 'examples'>,
  project: ProjectId,
  { dataset, version }: { dataset: string; version: number | null },
): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for (let after = 0; ; ) {
    const members = await datasets.members(project, dataset, version, { after, limit: membersAtOnce });
    const contents = await examples.get(project, [...new Set(members.map(({ hash }) => hash))]);
    for (const { hash, split } of members) {
      const content = contents.get(hash);
      // Of what was erased, also just now, nothing is left to learn from.
      if (content) rows.push({ ...content, split });
    }
    const last = members.at(-1);
    if (!last || members.length < membersAtOnce) return rows;
    after = last.place;
  }
}

/** What is optimized, on which rows. */
export type Sources = { subject: Subject; rows: SplitRows; read: ReadRow[] };

/** @throws WheelhouseError `not_found`, `invalid_request` */
export async function readSources(
  deps: SourceDeps,
  project: ProjectId,
  {
    registered,
    model,
    dataset,
    version,
  }: {
    registered: { name: string; version: number };
    model: string | undefined;
    dataset: string;
    version: number | null;
  },
): Promise<Sources> {
  const { name, version: number } = registered;
  const found = (await deps.models.versions(project, name)).find((one) => one.number === number);
  if (!found) throw new WheelhouseError('not_found', `There is no \`${name}@${number}\`.`, { param: 'program' });
  const subject = subjectOfVersion({ name, version: found }, { model, checker: deps.checker });
  const read = await readRows(deps, project, { dataset, version });
  return { subject, rows: splitRows(read, { signature: subject.signature }), read };
}

export const budgetOf = ({
  dollars,
  calls,
  minutes,
}: ParsedBody<'createOptimization'>['budget']): OptimizationBudget => ({
  costNanoUsd: dollars === undefined ? null : String(parseUsd(dollars)),
  calls: calls ?? null,
  minutes: minutes ?? null,
});

/** As the compiler takes it. */
export const compilersBudget = ({ costNanoUsd, calls, minutes }: OptimizationBudget) => ({
  ...(costNanoUsd === null ? {} : { costNanoUsd: BigInt(costNanoUsd) }),
  ...(calls === null ? {} : { calls }),
  ...(minutes === null ? {} : { minutes }),
});

export type Planned = OptimizationSetup & Pick<Optimization, 'budget' | 'madeFrom'>;

/** An alias becomes the version that it points at now, so that moving it changes nothing about an optimization. */
function registeredOf({ routes }: Pick<HandlerDeps, 'routes'>, project: ProjectId, ref: string) {
  const { name, version } = resolveTarget(ref, routes(project));
  if (version && name !== null) return { name, version: version.number };
  throw new WheelhouseError('invalid_request', `\`${ref.slice(0, 80)}\` is no registered program or prompt.`, {
    ...{ param: 'program', hint: 'Name one as `name@alias`; a base model has nothing to tune.' },
  });
}

/**
 * What is asked for, checked and fixed: versions for aliases, the frozen dataset, every option.
 * @param options.freezes false: a changed draft is only looked at
 */
export async function planOptimization(
  deps: HandlerDeps,
  by: Actor,
  body: ParsedBody<'createOptimization'>,
  { freezes }: { freezes: boolean },
): Promise<{ planned: Planned; sources: Sources }> {
  const { project } = by;
  const registered = registeredOf(deps, project, body.program);
  for (const [param, ref] of [
    ['model', body.model],
    ['proposer', body.proposer],
  ] as const)
    if (ref !== undefined)
      try {
        resolveTarget(ref, deps.routes(project));
      } catch (error) {
        if (!(error instanceof WheelhouseError)) throw error;
        throw new WheelhouseError(error.code, error.message, { hint: error.hint, param, cause: error });
      }
  const pin = (ref: string) => {
    const { name, version } = resolveTarget(ref, deps.routes(project));
    return version && name !== null ? `${name}@${version.number}` : ref;
  };
  const scorers = labelsOf(body.scorers as (string | NamedScorer)[], pin);
  for (const label of scorers) createScorer(label, deps);
  const { dataset, version } = await deps.datasetVersion(by, { dataset: body.dataset, version: body.version, freezes });
  const sources = await readSources(deps, project, { registered, model: body.model, dataset, version });
  if (sources.rows.train.length === 0)
    throw new WheelhouseError('dataset_empty', `No example of \`${dataset}\` is there to train on.`, {
      ...{ param: 'dataset', hint: 'Rows of the splits `validation` and `test` are kept for choosing and comparing.' },
    });
  const { name, ...options } = body.optimizer;
  const optimizer = optimizerOfData(name satisfies OptimizerName, options as JsonObject);
  const madeFrom = [...sources.subject.madeFrom, ...(version === null ? [] : [`dataset:${dataset}@${version}`])];
  return {
    planned: {
      ...{ name: body.name || registered.name, place: 'server', registered, madeFrom },
      ...{ program: `${registered.name}@${registered.version}`, model: sources.subject.model },
      ...{ proposer: body.proposer ?? null, dataset, datasetVersion: version, scorers },
      optimizer: { name: optimizer.name, options: optimizer.options },
      ...{ seed: body.seed, concurrency: body.concurrency, budget: budgetOf(body.budget) },
    },
    sources,
  };
}
