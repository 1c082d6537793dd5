import type { Handlers } from '@wheelhouse/core/contract';
import { createSchemaInference } from '@wheelhouse/core/dataset';
import type { DatasetStore, ExampleStore, LiveFeed } from '@wheelhouse/core/ports';
import {
  type Actor,
  type DatasetSchema,
  idRandomBytes,
  nanosToMs,
  newId,
  type SplitRule,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { datasetBody, exampleBody, versionBody } from './bodies.ts';
import { findDataset, type RowDeps } from './keep-rows.ts';
import { pagesOf, versionOf, withContents } from './read-examples.ts';
import { differencesOf } from './show-differences.ts';

type DatasetDeps = RowDeps & {
  datasets: DatasetStore;
  examples: Pick<ExampleStore, 'put' | 'get'>;
  feed: Pick<LiveFeed, 'publish'>;
};

type Served =
  | 'listDatasets'
  | 'createDataset'
  | 'getDataset'
  | 'changeDataset'
  | 'removeDataset'
  | 'inferDatasetSchema'
  | 'listDatasetLabels'
  | 'freezeDataset'
  | 'revertDataset'
  | 'diffDataset'
  | 'setDatasetAlias'
  | 'removeDatasetAlias';

/** Rows from which a schema is inferred. */
const inferredFrom = 5_000;

function checkSchema({ checker }: Pick<RowDeps, 'checker'>, schema: DatasetSchema): void {
  for (const part of ['input', 'expected', 'metadata'] as const) {
    const problem = schema[part] === null ? null : checker.checkSchema(schema[part]);
    if (problem !== null)
      throw new WheelhouseError('invalid_request', `The schema of \`${part}\` is no JSON Schema: ${problem}.`, {
        param: `schema.${part}`,
      });
  }
}

export function checkSplits({ by }: SplitRule): void {
  if (by !== 'input' && !/^(?:input|expected|metadata)\../.test(by))
    throw new WheelhouseError('invalid_request', `\`${by}\` names no part of a row.`, {
      param: 'by',
      hint: 'It takes `input`, or a path such as `metadata.customer` or `input.question`.',
    });
}

/** Datasets, their schemas, versions and names. */
export function createDatasetHandlers(deps: DatasetDeps): Handlers<Served> {
  const { datasets, clock, random } = deps;
  const announce = ({ project }: Actor, name: string) => deps.feed.publish({ type: 'datasets', project, name });

  return {
    async listDatasets({ by }) {
      return { data: (await datasets.list(by.project)).map(datasetBody), next: null };
    },

    async createDataset({ by, body }) {
      const id = newId('ds', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const created = await datasets.create(by, { id, ...body });
      announce(by, body.name);
      return { dataset: datasetBody(created), versions: [] };
    },

    async getDataset({ by, params: { name } }) {
      const found = await findDataset(deps, by.project, name);
      return { dataset: datasetBody(found), versions: (await datasets.versions(by.project, name)).map(versionBody) };
    },

    async changeDataset({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      if (body.schema) checkSchema(deps, body.schema as DatasetSchema);
      if (body.splits) checkSplits(body.splits);
      const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const changed = await datasets.change(by, name, said);
      announce(by, name);
      return datasetBody(changed);
    },

    async removeDataset({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      const removed = await datasets.remove(by, name);
      announce(by, name);
      return { removed };
    },

    async inferDatasetSchema({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      const parts = {
        ...{ input: createSchemaInference(), expected: createSchemaInference(), metadata: createSchemaInference() },
      };
      let rows = 0;
      for await (const page of pagesOf(deps, { project: by.project, name, version: null })) {
        for (const row of page) {
          if (row.erasedAt !== null) continue;
          rows++;
          parts.input.add(row.input);
          if (row.expected !== null) parts.expected.add(row.expected);
          parts.metadata.add(row.metadata);
        }
        if (rows >= inferredFrom) break;
      }
      const of = (part: keyof typeof parts) => (rows === 0 ? null : parts[part].schema());
      return { schema: { input: of('input'), expected: of('expected'), metadata: of('metadata') }, rows };
    },

    async listDatasetLabels({ by, params: { name }, query }) {
      const version = versionOf(await findDataset(deps, by.project, name), query.version);
      return datasets.countLabels(by.project, name, version);
    },

    async freezeDataset({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      const version = await datasets.freeze(by, name);
      announce(by, name);
      return versionBody(version);
    },

    async revertDataset({ by, params: { name }, body }) {
      versionOf(await findDataset(deps, by.project, name), body.version);
      const changed = await datasets.revert(by, name, body.version);
      announce(by, name);
      return datasetBody(changed);
    },

    async diffDataset({ by, params: { name }, query }) {
      const dataset = await findDataset(deps, by.project, name);
      const from = versionOf(dataset, query.from ?? (dataset.head === 0 ? undefined : dataset.head));
      const between = { from, to: versionOf(dataset, query.to) };
      const counts = await datasets.countDifferences(by.project, name, between);
      const page = await differencesOf(
        { ...deps, withContents: (read) => withContents(deps, by.project, read) },
        { project: by.project, name, ...between, limit: query.limit, cursor: query.cursor },
      );
      const side = (row: Parameters<typeof exampleBody>[0] | null) => (row === null ? null : exampleBody(row));
      const data = page.data.map(({ before, after, ...one }) => ({ ...one, before: side(before), after: side(after) }));
      return { counts, data, next: page.next };
    },

    async setDatasetAlias({ by, params: { name, alias }, body }) {
      versionOf(await findDataset(deps, by.project, name), body.version);
      if (!/^[a-z][a-z0-9._-]{0,99}$/.test(alias))
        throw new WheelhouseError('invalid_request', `\`${alias.slice(0, 100)}\` is no name for a version.`, {
          param: 'alias',
          hint: 'It starts with a letter and takes a-z 0-9 . _ -, at most 100 of them.',
        });
      const changed = await datasets.setAlias(by, name, alias, body.version);
      announce(by, name);
      return datasetBody(changed);
    },

    async removeDatasetAlias({ by, params: { name, alias } }) {
      await findDataset(deps, by.project, name);
      const changed = await datasets.removeAlias(by, name, alias);
      announce(by, name);
      return datasetBody(changed);
    },
  };
}
