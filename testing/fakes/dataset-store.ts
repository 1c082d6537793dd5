import type { DatasetStore } from '@wheelhouse/core/ports';
import {
  contentHash,
  type Dataset,
  type DatasetVersion,
  type Example,
  type ExampleId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Member = Pick<Example, 'id' | 'hash' | 'source'>;
type Entry = {
  project: ProjectId;
  dataset: Pick<Dataset, 'id' | 'name' | 'description' | 'createdAt'>;
  draft: Member[];
  frozen: { version: DatasetVersion; members: Member[] }[];
};

const hashOf = (members: Member[]) => contentHash(members.map((member) => [member.id, member.hash]));

function view({ dataset, draft, frozen }: Entry): Dataset {
  const head = frozen.at(-1);
  const changed = head ? head.version.hash !== hashOf(draft) : draft.length > 0;
  return { ...dataset, head: frozen.length, draftCount: draft.length, changed };
}

/** In memory, one array a version; give it the audit store that the test reads. */
export function fakeDatasetStore(audit: FakeAuditStore = fakeAuditStore()): DatasetStore {
  const entries: Entry[] = [];
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

  return {
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

    async addExamples(by, name, examples) {
      const entry = get(by.project, name);
      if (examples.length === 0) return view(entry);
      const draft = [...entry.draft, ...examples.map(({ id, hash, source }) => ({ id, hash, source }))];
      if (new Set(draft.map((member) => member.id)).size < draft.length)
        throw new WheelhouseError('conflict', `An example of the same id is already in the draft of \`${name}\`.`);
      entry.draft = draft;
      audit.record(by, { action: 'examples.add', subject: name, detail: { count: examples.length } });
      return view(entry);
    },

    async replaceExample(by, name, { id, hash }) {
      const entry = get(by.project, name);
      const index = draftIndex(entry, id);
      if (entry.draft[index]?.hash === hash) return view(entry);
      entry.draft = entry.draft.map((member, at) => (at === index ? { ...member, hash } : member));
      audit.record(by, { action: 'example.replace', subject: name, detail: { id, hash } });
      return view(entry);
    },

    async removeExample(by, name, id) {
      const entry = get(by.project, name);
      const index = draftIndex(entry, id);
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
      frozen.push({ version, members: draft });
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

    async members(project, name, version, { limit, offset }) {
      const entry = get(project, name);
      const members = version === null ? entry.draft : entry.frozen[version - 1]?.members;
      if (!members)
        throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
      return structuredClone(members.slice(offset, offset + limit));
    },
  };
}
