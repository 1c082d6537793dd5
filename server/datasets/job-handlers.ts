import type { Handlers } from '@wheelhouse/core/contract';
import { sortedTags } from '@wheelhouse/core/dataset';
import type { DatasetRuleStore } from '@wheelhouse/core/ports';
import {
  type DatasetJobKind,
  idRandomBytes,
  type JsonObject,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { jobBody } from './bodies.ts';
import { checkSplits } from './dataset-handlers.ts';
import { type JobDeps, startJob } from './dataset-worker.ts';
import { findDataset } from './keep-rows.ts';
import type { SynthesisParams } from './synthesis-job.ts';
import { filterOf, type TracesParams } from './traces-job.ts';

export type JobHandlerDeps = Omit<JobDeps, 'log'> & {
  datasetRules: DatasetRuleStore;
  /** A model as exactly as it can be named: `writer@3`. Throws when there is none of that name. */
  exactModel(project: ProjectId, name: string): string;
};

type Served =
  | 'splitDataset'
  | 'addTraces'
  | 'listDatasetRules'
  | 'createDatasetRule'
  | 'changeDatasetRule'
  | 'removeDatasetRule'
  | 'synthesizeExamples'
  | 'listDatasetJobs'
  | 'getDatasetJob'
  | 'cancelDatasetJob';

const noJob = (name: string, id: string) =>
  new WheelhouseError('not_found', `\`${name}\` has no job \`${id.slice(0, 80)}\`.`, {
    hint: `GET /api/v1/datasets/${name}/jobs lists them.`,
  });

const noRule = (name: string, id: string) =>
  new WheelhouseError('not_found', `\`${name}\` has no rule \`${id.slice(0, 80)}\`.`, {
    hint: `GET /api/v1/datasets/${name}/rules lists them.`,
  });

/** Long work on datasets, and rules that feed them: asked for here, done by the worker. */
export function createJobHandlers(deps: JobHandlerDeps): Handlers<Served> {
  const { datasetJobs, datasetRules, clock, random } = deps;
  const start = async (by: Parameters<typeof startJob>[1], dataset: string, kind: DatasetJobKind, params: object) =>
    jobBody(await startJob(deps, by, { dataset, kind, params: params as JsonObject }));

  async function find(project: ProjectId, name: string, id: string) {
    const job = await datasetJobs.get(project, id);
    if (!job || job.dataset !== name) throw noJob(name, id);
    return job;
  }

  return {
    async splitDataset({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      checkSplits(body);
      await deps.datasets.change(by, name, { splits: body });
      return start(by, name, 'split', body);
    },

    async addTraces({ by, params: { name }, body: { q, traceIds, tags, ...rest } }) {
      await findDataset(deps, by.project, name);
      if (q !== undefined) filterOf(q);
      const params: TracesParams = {
        ...{ ...rest, q: q ?? null, traceIds: traceIds ?? [], tags: sortedTags(tags), nowNs: clock.now().toString() },
      };
      return start(by, name, 'traces', params);
    },

    async listDatasetRules({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      return { data: await datasetRules.list(by.project, name) };
    },

    async createDatasetRule({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      filterOf(body.q);
      const id = newId('dr', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const rule = await datasetRules.create(by, name, { ...body, id, tags: sortedTags(body.tags) });
      deps.feed.publish({ type: 'datasets', project: by.project, name });
      return rule;
    },

    async changeDatasetRule({ by, params: { name, ruleId }, body: { paused } }) {
      await findDataset(deps, by.project, name);
      const rule = await datasetRules.pause(by, name, { id: ruleId, paused });
      if (rule === null) throw noRule(name, ruleId);
      deps.feed.publish({ type: 'datasets', project: by.project, name });
      return rule;
    },

    async removeDatasetRule({ by, params: { name, ruleId } }) {
      await findDataset(deps, by.project, name);
      const removed = await datasetRules.remove(by, name, ruleId);
      deps.feed.publish({ type: 'datasets', project: by.project, name });
      return { removed };
    },

    async synthesizeExamples({ by, params: { name }, body }) {
      const { draftCount } = await findDataset(deps, by.project, name);
      if (draftCount === 0)
        throw new WheelhouseError('dataset_empty', `\`${name}\` has no examples to make variants of.`);
      const params: SynthesisParams = {
        ...{ model: body.model, generator: deps.exactModel(by.project, body.model), instruction: body.instruction },
        ...{ count: body.count, split: body.split ?? null, tag: body.tag ?? null },
        capNanoUsd: BigInt(Math.round(body.capDollars * 1e9)).toString(),
      };
      return start(by, name, 'synthesis', params);
    },

    async listDatasetJobs({ by, params: { name }, query: { limit, cursor, kind } }) {
      await findDataset(deps, by.project, name);
      const page = { limit: limit + 1, ...(cursor !== undefined && { before: cursor }), ...(kind && { kind }) };
      const found = await datasetJobs.list(by.project, name, page);
      const data = found.slice(0, limit);
      return { data: data.map(jobBody), next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    getDatasetJob: async ({ by, params: { name, jobId } }) => jobBody(await find(by.project, name, jobId)),

    async cancelDatasetJob({ by, params: { name, jobId } }) {
      await find(by.project, name, jobId);
      const job = await datasetJobs.cancel(by, jobId);
      if (!job) throw noJob(name, jobId);
      deps.feed.publish({ type: 'datasets', project: by.project, name });
      return jobBody(job);
    },
  };
}
