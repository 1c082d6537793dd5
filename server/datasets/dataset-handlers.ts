import type { DatasetBody, DatasetVersionBody, ExampleBody, Handlers } from '@wheelhouse/core/contract';
import type { Clock, DatasetStore, ExampleStore, LiveFeed, Random, SpanStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type Dataset,
  type DatasetVersion,
  type ExampleContent,
  type ExampleId,
  type ExampleMember,
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
  examples: Pick<ExampleStore, 'put' | 'get'>;
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

const nothing: ExampleContent = { input: null, expected: null, metadata: {} };

const exampleBody = (
  { id, hash, source, erasedAt }: ExampleMember,
  { input, expected, metadata }: ExampleContent,
): ExampleBody => ({
  id,
  hash,
  input,
  expected,
  metadata,
  source,
  erasedAt,
});

async function findDataset(deps: DatasetDeps, project: ProjectId, name: string): Promise<Dataset> {
  const found = await deps.datasets.get(project, name);
  if (!found)
    throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`, {
      hint: 'GET /api/v1/datasets lists them.',
    });
  return found;
}

async function findDraftMember(deps: DatasetDeps, by: Actor, name: string, id: string): Promise<ExampleMember> {
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

/**
 * Stores contents and gives the hash of each, so that membership never points at nothing. They are announced before, so
 * that what a kill leaves behind is found and removed.
 */
async function keepContents(
  deps: DatasetDeps,
  project: ProjectId,
  contents: readonly ExampleContent[],
): Promise<string[]> {
  const hashed = contents.map((content) => ({ hash: contentHash(content), content }));
  const different = [...new Map(hashed.map((one) => [one.hash, one])).values()];
  await deps.datasets.expectContents(
    project,
    different.map(({ hash }) => hash),
  );
  await deps.examples.put(project, different);
  return hashed.map(({ hash }) => hash);
}

/** A change that stands on spans and contents is made anew when contents were erased while it was being made. */
async function besideErasing<T>(
  { datasets }: DatasetDeps,
  project: ProjectId,
  change: (seen: bigint) => Promise<T>,
): Promise<T> {
  for (;;) {
    const seen = await datasets.erasures(project);
    try {
      return await change(seen);
    } catch (error) {
      const refused = error instanceof WheelhouseError && error.code === 'conflict';
      if (!refused || (await datasets.erasures(project)) === seen) throw error;
    }
  }
}

async function withContents(
  deps: DatasetDeps,
  project: ProjectId,
  read: () => Promise<ExampleMember[]>,
): Promise<ExampleBody[]> {
  const contentsOf = (members: ExampleMember[]) => {
    const living = members.filter(({ erasedAt }) => erasedAt === null);
    return deps.examples.get(project, [...new Set(living.map(({ hash }) => hash))]);
  };
  let members = await read();
  const contents = await contentsOf(members);
  // Between the two, some may have been erased.
  if (members.some(({ hash, erasedAt }) => erasedAt === null && !contents.has(hash))) members = await read();
  return members.map((member) => {
    const content = member.erasedAt === null ? contents.get(member.hash) : nothing;
    if (!content) throw new WheelhouseError('internal', `The content of example ${member.id} is missing.`);
    return exampleBody(member, content);
  });
}

/** Builds datasets from rows and from spans, and freezes them. */
export function createDatasetHandlers(deps: DatasetDeps): Handlers<Served> {
  const { datasets, clock, random } = deps;
  const announce = ({ project }: Actor, name: string) => deps.feed.publish({ type: 'datasets', project, name });

  return {
    async listDatasets({ by }) {
      return { data: (await datasets.list(by.project)).map(datasetBody), next: null };
    },

    async createDataset({ by, body: { name, description } }) {
      const id = newId('ds', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const created = await datasets.create(by, { id, name, description });
      announce(by, name);
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
      const page = { limit: limit + 1, offset };
      const examples = await withContents(deps, by.project, () =>
        datasets.members(by.project, name, version ?? null, page),
      );
      return offsetPage(examples, { offset, limit });
    },

    async addExamples({ by, params: { name }, body }) {
      await findDataset(deps, by.project, name);
      const added = await besideErasing(deps, by.project, async (seen) => {
        const prepared = await prepareExamples(deps.spans, by.project, body.examples);
        const hashes = await keepContents(
          deps,
          by.project,
          prepared.map(({ content }) => content),
        );
        const ids = newIds(deps, prepared.length);
        const members = prepared.map(({ source }, i) => ({
          id: ids[i] as ExampleId,
          hash: hashes[i] as string,
          source,
        }));
        return { changed: await datasets.addExamples(by, name, members, seen), ids };
      });
      announce(by, name);
      return { dataset: datasetBody(added.changed), ids: added.ids };
    },

    async replaceExample({ by, params: { name, exampleId }, body }) {
      await findDataset(deps, by.project, name);
      const content = contentOf(body);
      const member = await besideErasing(deps, by.project, async (seen) => {
        const before = await findDraftMember(deps, by, name, exampleId);
        const [hash] = (await keepContents(deps, by.project, [content])) as [string];
        await datasets.replaceExample(by, name, { id: before.id, hash }, seen);
        return { ...before, hash };
      });
      announce(by, name);
      return exampleBody(member, content);
    },

    async removeExample({ by, params: { name, exampleId } }) {
      await findDataset(deps, by.project, name);
      await datasets.removeExample(by, name, exampleId as ExampleId);
      announce(by, name);
      return { removed: true };
    },

    async freezeDataset({ by, params: { name } }) {
      await findDataset(deps, by.project, name);
      const version = await datasets.freeze(by, name);
      announce(by, name);
      return versionBody(version);
    },
  };
}
