import type { DatasetHealthBody, Handlers } from '@wheelhouse/core/contract';
import { type Actor, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { datasetBody, jobBody } from './bodies.ts';
import { type JobDeps, startJob } from './dataset-worker.ts';
import type { HealthParams } from './health-job.ts';
import { findDataset } from './keep-rows.ts';
import { versionOf } from './read-examples.ts';

type Served = 'checkDataset' | 'getDatasetHealth' | 'setDatasetRecipe' | 'runDatasetRecipe';

/** What is made out of a dataset: reports on its health, and others by recipes. */
export function createDeriveHandlers(deps: Omit<JobDeps, 'log'>): Handlers<Served> {
  const { datasetJobs } = deps;
  const start = async (by: Actor, dataset: string, kind: 'health' | 'recipe', params: object) =>
    jobBody(await startJob(deps, by, { dataset, kind, params: params as JsonObject }));

  return {
    async checkDataset({ by, params: { name }, body: { version, near } }) {
      const dataset = await findDataset(deps, by.project, name);
      const params: HealthParams = { version: versionOf(dataset, version), near };
      return start(by, name, 'health', params);
    },

    async getDatasetHealth({ by, params: { name }, query }) {
      const wanted = versionOf(await findDataset(deps, by.project, name), query.version);
      const found = await datasetJobs.list(by.project, name, { limit: 50, kind: 'health' });
      const done = found.find(({ status, params }) => status === 'completed' && params.version === wanted);
      if (!done?.result || done.finishedAt === null)
        throw new WheelhouseError('not_found', `The health of \`${name}\` was not looked at.`, {
          hint: `POST /api/v1/datasets/${name}/health looks at it.`,
        });
      const report = done.result as unknown as Omit<DatasetHealthBody, 'jobId' | 'checkedAt'>;
      return { ...report, jobId: done.id, checkedAt: done.finishedAt };
    },

    async setDatasetRecipe({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      if (body.from === name)
        throw new WheelhouseError('invalid_request', 'A dataset is not made from itself.', { param: 'from' });
      await findDataset(deps, by.project, body.from);
      const changed = await deps.datasets.change(by, name, { recipe: body });
      deps.feed.publish({ type: 'datasets', project: by.project, name });
      return datasetBody(changed);
    },

    async runDatasetRecipe({ by, params: { name } }) {
      const { recipe } = await findDataset(deps, by.project, name);
      if (recipe === null)
        throw new WheelhouseError('conflict', `\`${name}\` has no recipe.`, {
          hint: `PUT /api/v1/datasets/${name}/recipe says how it is made.`,
        });
      const source = await findDataset(deps, by.project, recipe.from);
      const version = versionOf(source, recipe.version ?? source.head);
      if (version === null || version < 1)
        throw new WheelhouseError('dataset_empty', `\`${recipe.from}\` has no version yet; freeze it first.`);
      return start(by, name, 'recipe', { ...recipe, version });
    },
  };
}
