import type { ChangeOptions, DatasetStore, ExampleErasing, MemberFilter } from '@wheelhouse/core/ports';
import {
  contentHash,
  type Dataset,
  type DatasetJobProgress,
  type DatasetVersion,
  type DeletionId,
  type ExampleId,
  type ExampleMember,
  type Json,
  memberText,
  type ProjectId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Entry = {
  project: ProjectId;
  dataset: Omit<Dataset, 'head' | 'draftCount' | 'changed'>;
  draft: ExampleMember[];
  frozen: { version: DatasetVersion; members: ExampleMember[] }[];
  nextPlace: number;
};

/** How far jobs are that change drafts. */
export type JobMarks = { mark(id: string, from: number, progress: DatasetJobProgress): boolean };

const hashOf = (members: ExampleMember[]) =>
  contentHash(members.map((member) => JSON.parse(memberText(member)) as Json));

function view({ dataset, draft, frozen }: Entry): Dataset {
  const head = frozen.at(-1);
  const changed = head ? head.version.hash !== hashOf(draft) : draft.length > 0;
  return { ...dataset, aliases: { ...dataset.aliases }, head: frozen.length, draftCount: draft.length, changed };
}

const fits = (member: ExampleMember, { split, tag, ids }: MemberFilter = {}) =>
  (split == null || member.split === split) &&
  (tag == null || member.tags.includes(tag)) &&
  (ids === undefined || ids.includes(member.id));

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

type Find = {
  get(project: ProjectId, name: string): Entry;
  of(project: ProjectId, name: string, version: number | null): ExampleMember[];
};

function differencesBetween(before: ExampleMember[], after: ExampleMember[]) {
  const then = new Map(before.map((member) => [member.id, member]));
  const now = new Map(after.map((member) => [member.id, member]));
  const ids = [...new Set([...then.keys(), ...now.keys()])];
  return ids
    .flatMap((id) => {
      const [from, to] = [then.get(id) ?? null, now.get(id) ?? null];
      if (from && to && from.place === to.place && memberText(from) === memberText(to)) return [];
      const kind = from === null ? ('added' as const) : to === null ? ('removed' as const) : ('changed' as const);
      return [{ id, kind, before: from, after: to, place: to?.place ?? from?.place ?? 0 }];
    })
    .sort((a, b) => a.place - b.place);
}

type Reads =
  | 'versions'
  | 'members'
  | 'draftMembers'
  | 'countMembers'
  | 'countLabels'
  | 'differences'
  | 'countDifferences'
  | 'hasContents';

function fakeReads({ get, of }: Find): Pick<DatasetStore, Reads> {
  const counted = <T>(values: T[]) => {
    const counts = new Map<T, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const last = (value: T) => (value === null ? '\uffff' : String(value));
    return [...counts].sort(([a, m], [b, n]) => n - m || (last(a) < last(b) ? -1 : 1));
  };
  return {
    versions: async (project, name) =>
      get(project, name)
        .frozen.map(({ version }) => ({ ...version }))
        .reverse(),
    members: async (project, name, version, { limit, offset = 0, after = -1, where }) =>
      of(project, name, version)
        .filter((member) => member.place > after && fits(member, where))
        .slice(offset, offset + limit)
        .map((member) => ({ ...member })),
    draftMembers: async (project, name, ids) =>
      get(project, name)
        .draft.filter(({ id }) => ids.includes(id))
        .map((member) => ({ ...member })),
    async countMembers(project, name, version, where) {
      const members = of(project, name, version).filter((member) => fits(member, where));
      return { members: members.length, erased: members.filter(({ erasedAt }) => erasedAt !== null).length };
    },
    async countLabels(project, name, version) {
      const members = of(project, name, version);
      return {
        splits: counted(members.map(({ split }) => split)).map(([split, count]) => ({ split, count })),
        tags: counted(members.flatMap(({ tags }) => tags)).map(([tag, count]) => ({ tag, count })),
      };
    },
    differences: async (project, name, { from, to, limit, after = -1 }) =>
      differencesBetween(of(project, name, from), of(project, name, to))
        .filter(({ place }) => place > after)
        .slice(0, limit),
    async countDifferences(project, name, { from, to }) {
      const all = differencesBetween(of(project, name, from), of(project, name, to));
      const count = (kind: string) => all.filter((one) => one.kind === kind).length;
      return { added: count('added'), removed: count('removed'), changed: count('changed') };
    },
    hasContents: async (project, name, hashes) => {
      const living = get(project, name).draft.filter(({ erasedAt }) => erasedAt === null);
      return new Set(living.map(({ hash }) => hash).filter((hash) => hashes.includes(hash)));
    },
  };
}

function fakeVersions(
  { get, of }: Find,
  audit: FakeAuditStore,
): Pick<DatasetStore, 'freeze' | 'revert' | 'setAlias' | 'removeAlias'> {
  return {
    async freeze(by, name, madeFrom = []) {
      const entry = get(by.project, name);
      const { draft, frozen } = entry;
      if (draft.length === 0) throw new WheelhouseError('dataset_empty', `The draft of \`${name}\` has no examples.`);
      const hash = hashOf(draft);
      const head = frozen.at(-1)?.version;
      if (head?.hash === hash) return { ...head };
      const number = frozen.length + 1;
      const version = { number, hash, count: draft.length, madeFrom, createdAt: audit.now() };
      frozen.push({ version, members: draft.map((member) => ({ ...member })) });
      const detail = { version: number, hash, count: draft.length };
      audit.record(by, { action: 'dataset.freeze', subject: `${name}@${number}`, detail });
      return { ...version };
    },

    async revert(by, name, version) {
      const members = of(by.project, name, version).map((member) => ({ ...member }));
      const entry = get(by.project, name);
      entry.draft = members;
      audit.record(by, { action: 'dataset.revert', subject: name, detail: { version } });
      return view(entry);
    },

    async setAlias(by, name, alias, version) {
      of(by.project, name, version);
      const entry = get(by.project, name);
      entry.dataset = { ...entry.dataset, aliases: { ...entry.dataset.aliases, [alias]: version } };
      audit.record(by, { action: 'dataset.alias', subject: `${name}@${alias}`, detail: { version } });
      return view(entry);
    },

    async removeAlias(by, name, alias) {
      const entry = get(by.project, name);
      const { [alias]: gone, ...aliases } = entry.dataset.aliases;
      entry.dataset = { ...entry.dataset, aliases };
      if (gone !== undefined)
        audit.record(by, { action: 'dataset.alias', subject: `${name}@${alias}`, detail: { version: null } });
      return view(entry);
    },
  };
}

type DraftDeps = Pick<Find, 'get'> &
  Pick<Erasing, 'check' | 'doom' | 'spare'> & { audit: FakeAuditStore; jobs?: JobMarks };

function fakeDraft({
  get,
  check,
  doom,
  spare,
  audit,
  jobs,
}: DraftDeps): Pick<DatasetStore, 'addExamples' | 'changeExamples' | 'removeExamples'> {
  function checkOptions(project: ProjectId, { seen, job }: ChangeOptions = {}): void {
    check(project, seen);
    if (job && jobs && !jobs.mark(job.id, job.from, job.progress))
      throw new WheelhouseError('conflict', 'The job has ended, or another worker goes on with it.');
  }

  function draftOf(entry: Entry, ids: readonly ExampleId[]): ExampleMember[] {
    return ids.map((id) => {
      const member = entry.draft.find((one) => one.id === id);
      if (member) return member;
      throw new WheelhouseError('not_found', `The draft of \`${entry.dataset.name}\` has no example \`${id}\`.`);
    });
  }

  return {
    async addExamples(by, name, examples, options) {
      const entry = get(by.project, name);
      const known = new Set([...entry.draft, ...examples].map(({ id }) => id));
      if (known.size < entry.draft.length + examples.length)
        throw new WheelhouseError('conflict', `An example of the same id is already in the draft of \`${name}\`.`);
      checkOptions(by.project, options);
      if (examples.length === 0) return view(entry);
      const added = examples.map(({ id, hash, source, tags, split, weight }, i) => ({
        ...{ id, hash, source, tags: tags ?? [], split: split ?? null, weight: weight ?? 1, erasedAt: null },
        place: entry.nextPlace + i,
      }));
      entry.draft = [...entry.draft, ...added];
      entry.nextPlace += added.length;
      spare(
        by.project,
        examples.map(({ hash }) => hash),
      );
      audit.record(by, { action: 'examples.add', subject: name, detail: { count: examples.length } });
      return view(entry);
    },

    async changeExamples(by, name, changes, options) {
      const entry = get(by.project, name);
      const before = draftOf(
        entry,
        changes.map(({ id }) => id),
      );
      const erased = before.find(({ erasedAt }) => erasedAt !== null);
      if (erased) throw new WheelhouseError('conflict', `Example \`${erased.id}\` was erased.`);
      checkOptions(by.project, options);
      const changed = changes.filter((change, i) => memberText(before[i] as ExampleMember) !== memberText(change));
      for (const { id, hash, tags, split, weight } of changed) {
        const was = before.find((member) => member.id === id)?.hash ?? '';
        doom(by.project, [was]);
        spare(by.project, [hash]);
        entry.draft = entry.draft.map((member) =>
          member.id === id ? { ...member, hash, tags, split, weight } : member,
        );
        const detail = { id, before: { hash: was }, after: { hash } };
        if (changes.length === 1) audit.record(by, { action: 'example.replace', subject: name, detail });
      }
      if (changes.length > 1 && changed.length > 0)
        audit.record(by, { action: 'examples.change', subject: name, detail: { count: changed.length } });
      return view(entry);
    },

    async removeExamples(by, name, ids) {
      const entry = get(by.project, name);
      const different = [...new Set(ids)];
      const gone = draftOf(entry, different);
      doom(
        by.project,
        gone.map(({ hash }) => hash),
      );
      entry.draft = entry.draft.filter((member) => !gone.includes(member));
      const [only] = different;
      if (only !== undefined && different.length === 1)
        audit.record(by, { action: 'example.remove', subject: name, detail: { id: only } });
      else if (different.length > 1)
        audit.record(by, { action: 'examples.remove', subject: name, detail: { count: different.length } });
      return view(entry);
    },
  };
}

const empty = { input: null, expected: null, metadata: null };

/** In memory, one array a version; give it the audit store that the test reads, and the jobs that change drafts. */
export function fakeDatasetStore(audit: FakeAuditStore = fakeAuditStore(), jobs?: JobMarks): DatasetStore {
  const entries: Entry[] = [];
  const { check, doom, spare, ...erasing } = fakeErasing(entries, audit);
  const find = (project: ProjectId, name: string) =>
    entries.find((entry) => entry.project === project && entry.dataset.name === name);

  function get(project: ProjectId, name: string): Entry {
    const entry = find(project, name);
    if (!entry) throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`);
    return entry;
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
    ...fakeReads({ get, of }),
    ...fakeVersions({ get, of }, audit),
    ...fakeDraft({ get, check, doom, spare, audit, ...(jobs && { jobs }) }),

    async create(by, { id, name, description, source = '', licence = '', consent = '' }) {
      if (find(by.project, name)) throw new WheelhouseError('conflict', `A dataset is already called \`${name}\`.`);
      const said = { id, name, description, source, licence, consent, createdAt: audit.now() };
      const dataset = { ...said, schema: empty, splits: null, recipe: null, aliases: {} };
      const entry: Entry = { project: by.project, dataset, draft: [], frozen: [], nextPlace: 1 };
      entries.push(entry);
      audit.record(by, { action: 'dataset.create', subject: name, detail: { id } });
      return view(entry);
    },

    async change(by, name, change) {
      const entry = get(by.project, name);
      entry.dataset = { ...entry.dataset, ...change };
      const changed = Object.keys(change);
      if (changed.length > 0) audit.record(by, { action: 'dataset.change', subject: name, detail: { changed } });
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

    async remove(by, name) {
      const entry = find(by.project, name);
      if (!entry) return false;
      entries.splice(entries.indexOf(entry), 1);
      doom(
        by.project,
        [entry.draft, ...entry.frozen.map(({ members }) => members)].flat().map(({ hash }) => hash),
      );
      audit.record(by, { action: 'dataset.remove', subject: name, detail: { id: entry.dataset.id } });
      return true;
    },
  };
}
