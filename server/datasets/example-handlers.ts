import type { Handlers, ParsedQuery } from '@wheelhouse/core/contract';
import { sortedTags } from '@wheelhouse/core/dataset';
import type { LiveFeed, SpanStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type ExampleId,
  type ExampleMember,
  type RowCondition,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { datasetBody, exampleBody } from './bodies.ts';
import { besideErasing, contentOf, findDataset, keepContents, keepRows, misfit, type RowDeps } from './keep-rows.ts';
import { placeOf } from './place.ts';
import { contentOfBody, prepareExamples } from './prepare-examples.ts';
import { pageOfRows, versionOf } from './read-examples.ts';

type ExampleDeps = RowDeps & { spans: Pick<SpanStore, 'span'>; feed: Pick<LiveFeed, 'publish'> };

type Served = 'listExamples' | 'addExamples' | 'labelExamples' | 'removeExamples' | 'replaceExample' | 'removeExample';

const schemaMismatch = (error: string) =>
  new WheelhouseError('schema_mismatch', `The example does not fit the schema of the dataset: ${error}.`);

async function findMembers(deps: RowDeps, by: Actor, given: { name: string; ids: string[] }): Promise<ExampleMember[]> {
  const wanted = [...new Set(given.ids)] as ExampleId[];
  const found = await deps.datasets.draftMembers(by.project, given.name, wanted);
  const there = new Set(found.map(({ id }) => id));
  const missing = wanted.find((id) => !there.has(id));
  if (missing === undefined) return found;
  throw new WheelhouseError('not_found', `The draft of \`${given.name}\` has no example \`${missing}\`.`, {
    hint: 'Frozen versions do not change; GET /api/v1/datasets/{name}/examples lists the draft.',
  });
}

/** What a request asks of rows. */
export function conditionOf(
  query: Pick<ParsedQuery<'listExamples'>, 'split' | 'tag' | 'text' | 'metadata'>,
): RowCondition {
  const { split, tag, text, metadata } = query;
  const colon = metadata?.indexOf(':') ?? -1;
  const of = metadata === undefined ? undefined : { [metadata.slice(0, colon)]: metadata.slice(colon + 1) };
  return { split, tag, text, metadata: of };
}

/** Rows of datasets: reads those of drafts and versions, changes those of drafts. */
export function createExampleHandlers(deps: ExampleDeps): Handlers<Served> {
  const { datasets } = deps;
  const announce = ({ project }: Actor, name: string) => deps.feed.publish({ type: 'datasets', project, name });

  return {
    async listExamples({ by, params: { name }, query }) {
      const after = placeOf(query.cursor);
      const version = versionOf(await findDataset(deps, by.project, name), query.version);
      const { data, next } = await pageOfRows(
        deps,
        { project: by.project, name, version },
        { condition: conditionOf(query), after, limit: query.limit },
      );
      return { data: data.map(exampleBody), next: next === null ? null : String(next) };
    },

    async addExamples({ by, params: { name }, body }) {
      const rows = () => prepareExamples(deps.spans, by.project, body.examples);
      const { dataset, ids, refused } = await keepRows(deps, by, { name, rows });
      const [first] = refused;
      if (first && body.examples.length === 1) throw schemaMismatch(first.error);
      announce(by, name);
      return { dataset: datasetBody(dataset), ids, refused };
    },

    async labelExamples({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      const members = await findMembers(deps, by, { name, ids: body.ids });
      const changes = members.map(({ id, hash, tags, split, weight }) => ({
        ...{ id, hash, split: body.split === undefined ? split : body.split, weight: body.weight ?? weight },
        tags: sortedTags([...tags, ...body.addTags]).filter((tag) => !body.removeTags.includes(tag)),
      }));
      const changed = await datasets.changeExamples(by, name, changes);
      announce(by, name);
      return datasetBody(changed);
    },

    async removeExamples({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      const changed = await datasets.removeExamples(by, name, body.ids as ExampleId[]);
      announce(by, name);
      return datasetBody(changed);
    },

    async replaceExample({ by, params: { name, exampleId }, body }) {
      const dataset = await findDataset(deps, by.project, name);
      const content = contentOfBody(body);
      const problem = misfit(deps.checker, dataset, content);
      if (problem !== null) throw schemaMismatch(problem);
      const hash = contentHash(content);
      const member = await besideErasing(deps, by.project, async (seen) => {
        const [before] = (await findMembers(deps, by, { name, ids: [exampleId] })) as [ExampleMember];
        await keepContents(deps, by.project, [{ hash, content }]);
        const labels = {
          tags: body.tags === undefined ? before.tags : sortedTags(body.tags),
          split: body.split === undefined ? before.split : body.split,
          weight: body.weight ?? before.weight,
        };
        await datasets.changeExamples(by, name, [{ id: before.id, hash, ...labels }], { seen });
        return { ...before, hash, ...labels };
      });
      announce(by, name);
      return exampleBody({ ...member, ...contentOf(content) });
    },

    async removeExample({ by, params: { name, exampleId } }) {
      await findDataset(deps, by.project, name);
      await datasets.removeExamples(by, name, [exampleId as ExampleId]);
      announce(by, name);
      return { removed: true };
    },
  };
}
