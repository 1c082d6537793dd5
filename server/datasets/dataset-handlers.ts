import type { DatasetBody, DatasetVersionBody, ExampleBody, Handlers } from '@wheelhouse/core/contract';
import type { Clock, DatasetStore, ExampleStore, LiveFeed, Random, SpanStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type Dataset,
  type DatasetVersion,
  type Example,
  type ExampleContent,
  type ExampleId,
  idRandomBytes,
  nanosToMs,
  newId,
  offsetOf,
  offsetPage,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { contentOf, prepareExamples } from './prepare-examples.ts';

type DatasetDeps = {
  datasets: DatasetStore;
  examples: ExampleStore;
  spans: Pick<SpanStore, 'span'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
};

type Served =
  | 'listDatasets'
  | 'createDataset'
  | 'getDataset'
  | 'listExamples'
  | 'addExamples'
  | 'replaceExample'
  | 'removeExample'
  | 'freezeDataset';

type Member = Pick<Example, 'id' | 'hash' | 'source'>;

const membersAtOnce = 1000;

const datasetBody = ({ id, name, description, head, draftCount, changed, createdAt }: Dataset): DatasetBody => ({
  id,
  name,
  description,
  head,
  draftCount,
  changed,
  createdAt,
});

const versionBody = ({ number, hash, count, createdAt }: DatasetVersion): DatasetVersionBody => ({
  number,
  hash,
  count,
  createdAt,
});

const exampleBody = ({ id, hash, source }: Member, { input, expected, metadata }: ExampleContent): ExampleBody => ({
  id,
  hash,
  input,
  expected,
  metadata,
  source,
});

async function findDataset(deps: DatasetDeps, project: ProjectId, name: string): Promise<Dataset> {
  const found = await deps.datasets.get(project, name);
  if (!found)
    throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`, {
      hint: 'GET /api/v1/datasets lists them.',
    });
  return found;
}

async function findDraftMember(deps: DatasetDeps, by: Actor, name: string, id: string): Promise<Member> {
  for (let offset = 0; ; offset += membersAtOnce) {
    const members = await deps.datasets.members(by.project, name, null, { limit: membersAtOnce, offset });
    const found = members.find((member) => member.id === id);
    if (found) return found;
    if (members.length < membersAtOnce)
      throw new WheelhouseError('not_found', `The draft of \`${name}\` has no example \`${id}\`.`, {
        hint: 'Frozen versions do not change; GET /api/v1/datasets/{name}/examples lists the draft.',
      });
  }
}

/** 40 random bits within one millisecond: rare enough for one id, not for ten thousand. */
function newIds({ clock, random }: DatasetDeps, count: number): ExampleId[] {
  const nowMs = nanosToMs(clock.now());
  const ids = new Set<ExampleId>();
  while (ids.size < count) ids.add(newId('ex', nowMs, random.bytes(idRandomBytes)));
  return [...ids];
}

/** Stores contents and gives the hash of each, so that membership never points at nothing. */
async function keepContents(
  deps: DatasetDeps,
  project: ProjectId,
  contents: readonly ExampleContent[],
): Promise<string[]> {
  const hashed = contents.map((content) => ({ hash: contentHash(content), content }));
  await deps.examples.put(project, [...new Map(hashed.map((one) => [one.hash, one])).values()]);
  return hashed.map(({ hash }) => hash);
}

async function withContents(deps: DatasetDeps, project: ProjectId, members: readonly Member[]): Promise<ExampleBody[]> {
  const contents = await deps.examples.get(project, [...new Set(members.map(({ hash }) => hash))]);
  return members.map((member) => {
    const content = contents.get(member.hash);
    if (!content) throw new WheelhouseError('internal', `The content of example ${member.id} is missing.`);
    return exampleBody(member, content);
  });
}

/** Builds datasets from rows and from spans, and freezes them. */
export function createDatasetHandlers(deps: DatasetDeps): Handlers<Served> {
  const { datasets, clock, random } = deps;
  const announce = (name: string) => deps.feed.publish({ type: 'datasets', name });

  return {
    async listDatasets({ by }) {
      return { data: (await datasets.list(by.project)).map(datasetBody), next: null };
    },

    async createDataset({ by, body: { name, description } }) {
      const id = newId('ds', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const created = await datasets.create(by, { id, name, description });
      announce(name);
      return { dataset: datasetBody(created), versions: [] };
    },

    async getDataset({ by, params: { name } }) {
      const found = await findDataset(deps, by.project, name);
      return { dataset: datasetBody(found), versions: (await datasets.versions(by.project, name)).map(versionBody) };
    },

    async listExamples({ by, params: { name }, query: { version, cursor, limit } }) {
      const offset = offsetOf(cursor);
      const { head } = await findDataset(deps, by.project, name);
      if (version !== undefined && version > head)
        throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, {
          param: 'version',
          hint: head === 0 ? 'It was never frozen; leave `version` out to read the draft.' : `Its newest is ${head}.`,
        });
      const members = await datasets.members(by.project, name, version ?? null, { limit: limit + 1, offset });
      const page = offsetPage(members, { offset, limit });
      return { data: await withContents(deps, by.project, page.data), next: page.next };
    },

    async addExamples({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      const prepared = await prepareExamples(deps.spans, by.project, body.examples);
      const hashes = await keepContents(
        deps,
        by.project,
        prepared.map(({ content }) => content),
      );
      const ids = newIds(deps, prepared.length);
      const members = prepared.map(({ source }, i) => ({ id: ids[i] as ExampleId, hash: hashes[i] as string, source }));
      const changed = await datasets.addExamples(by, name, members);
      announce(name);
      return { dataset: datasetBody(changed), ids };
    },

    async replaceExample({ by, params: { name, exampleId }, body }) {
      await findDataset(deps, by.project, name);
      const { id, source } = await findDraftMember(deps, by, name, exampleId);
      const content = contentOf(body);
      const [hash] = (await keepContents(deps, by.project, [content])) as [string];
      await datasets.replaceExample(by, name, { id, hash });
      announce(name);
      return exampleBody({ id, hash, source }, content);
    },

    async removeExample({ by, params: { name, exampleId } }) {
      await findDataset(deps, by.project, name);
      await datasets.removeExample(by, name, exampleId as ExampleId);
      announce(name);
      return { removed: true };
    },

    async freezeDataset({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      const version = await datasets.freeze(by, name);
      announce(name);
      return versionBody(version);
    },
  };
}
