import type { DatasetStore, ExampleErasing } from '@wheelhouse/core/ports';
import {
  contentHash,
  type Dataset,
  type DatasetVersion,
  type DeletionId,
  type ExampleId,
  type ExampleMember,
  type ProjectId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Entry = {
  project: ProjectId;
  dataset: Pick<Dataset, 'id' | 'name' | 'description' | 'createdAt'>;
  draft: ExampleMember[];
  frozen: { version: DatasetVersion; members: ExampleMember[] }[];
};

const hashOf = (members: ExampleMember[]) => contentHash(members.map((member) => [member.id, member.hash]));

function view({ dataset, draft, frozen }: Entry): Dataset {
  const head = frozen.at(-1);
  const changed = head ? head.version.hash !== hashOf(draft) : draft.length > 0;
  return { ...dataset, head: frozen.length, draftCount: draft.length, changed };
}

type Erasing = ExampleErasing & {
  check(project: ProjectId, seen: bigint | undefined): void;
  doom(project: ProjectId, hashes: string[]): void;
  spare(project: ProjectId, hashes: string[]): void;
};

function fakeErasing(entries: Entry[], audit: FakeAuditStore): Erasing {
  const counts = new Map<ProjectId, bigint>();
  const noted = new Map<DeletionId, Set<TraceId>>();
  const doomedOf = new Map<ProjectId, Map<string, bigint>>();
  let number = 0n;
  const count = (project: ProjectId) => counts.set(project, (counts.get(project) ?? 0n) + 1n);
  const doomedIn = (project: ProjectId) => {
    const known = doomedOf.get(project) ?? new Map<string, bigint>();
    doomedOf.set(project, known);
    return known;
  };
  const membersIn = (entry: Entry) => [entry.draft, ...entry.frozen.map(({ members }) => members)].flat();
  const own = (project: ProjectId) => entries.filter((entry) => entry.project === project);
  function doom(project: ProjectId, hashes: string[]): void {
    for (const hash of hashes) {
      doomedIn(project).delete(hash);
      doomedIn(project).set(hash, ++number);
    }
  }
  return {
    doom,
    check(project, seen) {
      if (seen !== undefined && seen !== (counts.get(project) ?? 0n))
        throw new WheelhouseError('conflict', 'Contents of examples were erased meanwhile.');
    },
    spare(project, hashes) {
      for (const hash of hashes) doomedIn(project).delete(hash);
    },
    erasures: async (project) => counts.get(project) ?? 0n,
    expectContents: async (project, hashes) => doom(project, hashes),
    noteErasing: async (_project, deletion, traces) => {
      noted.set(deletion, new Set([...(noted.get(deletion) ?? []), ...traces]));
    },
    async eraseNoted(by, deletion) {
      count(by.project);
      const traces = noted.get(deletion) ?? new Set();
      noted.delete(deletion);
      let total = 0;
      for (const entry of own(by.project)) {
        const gone = membersIn(entry).filter(
          ({ source, erasedAt }) => erasedAt === null && source !== null && traces.has(source.traceId),
        );
        const at = audit.now();
        for (const member of gone) member.erasedAt = at;
        doom(
          by.project,
          gone.map(({ hash }) => hash),
        );
        const ids = new Set(gone.map(({ id }) => id));
        total += ids.size;
        if (ids.size > 0)
          audit.record(by, { action: 'examples.erase', subject: entry.dataset.name, detail: { count: ids.size } });
      }
      return total;
    },
    async doomed(project, limit) {
      const known = doomedIn(project);
      if (known.size === 0) return [];
      count(project);
      for (const { hash, erasedAt } of own(project).flatMap(membersIn)) if (erasedAt === null) known.delete(hash);
      return [...known].slice(0, limit).map(([hash, number]) => ({ hash, number }));
    },
    async forgetDoomed(project, gone) {
      for (const { hash, number } of gone) if (doomedIn(project).get(hash) === number) doomedIn(project).delete(hash);
    },
  };
}

/** In memory, one array a version; give it the audit store that the test reads. */
export function fakeDatasetStore(audit: FakeAuditStore = fakeAuditStore()): DatasetStore {
  const entries: Entry[] = [];
  const { check, doom, spare, ...erasing } = fakeErasing(entries, audit);
  const find = (project: ProjectId, name: string) =>
    entries.find((entry) => entry.project === project && entry.dataset.name === name);

  function get(project: ProjectId, name: string): Entry {
    const entry = find(project, name);
    if (!entry) throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`);
    return entry;
  }

  function draftIndex(entry: Entry, id: ExampleId): number {
    const index = entry.draft.findIndex((member) => member.id === id);
    if (index === -1)
      throw new WheelhouseError('not_found', `The draft of \`${entry.dataset.name}\` has no example \`${id}\`.`);
    return index;
  }

  function of(project: ProjectId, name: string, version: number | null): ExampleMember[] {
    const entry = get(project, name);
    const members = version === null ? entry.draft : entry.frozen[version - 1]?.members;
    if (!members)
      throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
    return members;
  }

  return {
    ...erasing,

    async create(by, { id, name, description }) {
      if (find(by.project, name)) throw new WheelhouseError('conflict', `A dataset is already called \`${name}\`.`);
      const dataset = { id, name, description, createdAt: audit.now() };
      const entry: Entry = { project: by.project, dataset, draft: [], frozen: [] };
      entries.push(entry);
      audit.record(by, { action: 'dataset.create', subject: name, detail: { id } });
      return view(entry);
    },

    async list(project) {
      const all = entries.filter((entry) => entry.project === project).map(view);
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async get(project, name) {
      const entry = find(project, name);
      return entry ? view(entry) : null;
    },

    async addExamples(by, name, examples, seen) {
      const entry = get(by.project, name);
      check(by.project, seen);
      if (examples.length === 0) return view(entry);
      const draft = [...entry.draft, ...examples.map(({ id, hash, source }) => ({ id, hash, source, erasedAt: null }))];
      if (new Set(draft.map((member) => member.id)).size < draft.length)
        throw new WheelhouseError('conflict', `An example of the same id is already in the draft of \`${name}\`.`);
      entry.draft = draft;
      spare(
        by.project,
        examples.map(({ hash }) => hash),
      );
      audit.record(by, { action: 'examples.add', subject: name, detail: { count: examples.length } });
      return view(entry);
    },

    async replaceExample(by, name, { id, hash }, seen) {
      const entry = get(by.project, name);
      check(by.project, seen);
      const index = draftIndex(entry, id);
      const before = entry.draft[index];
      if (before?.erasedAt) throw new WheelhouseError('conflict', `Example \`${id}\` was erased.`);
      if (before?.hash === hash) return view(entry);
      doom(by.project, [before?.hash ?? '']);
      spare(by.project, [hash]);
      entry.draft = entry.draft.map((member, at) => (at === index ? { ...member, hash } : member));
      const detail = { id, before: { hash: before?.hash ?? '' }, after: { hash } };
      audit.record(by, { action: 'example.replace', subject: name, detail });
      return view(entry);
    },

    async removeExample(by, name, id) {
      const entry = get(by.project, name);
      const index = draftIndex(entry, id);
      doom(by.project, [entry.draft[index]?.hash ?? '']);
      entry.draft = entry.draft.filter((_, at) => at !== index);
      audit.record(by, { action: 'example.remove', subject: name, detail: { id } });
      return view(entry);
    },

    async freeze(by, name) {
      const entry = get(by.project, name);
      const { draft, frozen } = entry;
      if (draft.length === 0) throw new WheelhouseError('dataset_empty', `The draft of \`${name}\` has no examples.`);
      const hash = hashOf(draft);
      const head = frozen.at(-1)?.version;
      if (head?.hash === hash) return { ...head };
      const number = frozen.length + 1;
      const version = { number, hash, count: draft.length, createdAt: audit.now() };
      frozen.push({ version, members: structuredClone(draft) });
      audit.record(by, {
        action: 'dataset.freeze',
        subject: `${name}@${number}`,
        detail: { version: number, hash, count: draft.length },
      });
      return { ...version };
    },

    versions: async (project, name) =>
      get(project, name)
        .frozen.map(({ version }) => ({ ...version }))
        .reverse(),

    members: async (project, name, version, { limit, offset }) =>
      structuredClone(of(project, name, version).slice(offset, offset + limit)),

    erasedMembers: async (project, name, version) =>
      of(project, name, version).filter(({ erasedAt }) => erasedAt !== null).length,
  };
}
