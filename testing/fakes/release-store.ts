import type { ModelStore, ReleaseStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type JsonObject,
  type Model,
  type ProjectId,
  type Release,
  type ReleaseEvent,
  type ReleaseState,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Entry = { project: ProjectId; release: Release; events: ReleaseEvent[]; claimed?: boolean };
type Place = { model: string; alias: string };

/** Aliases say what is on its way to them, and stop it when they are moved. */
function withReleases(
  inner: ModelStore,
  { shown, stop }: { shown(project: ProjectId, model: Model): Model; stop(by: Actor, place: Place): void },
): ModelStore {
  return {
    ...inner,
    async get(project, name) {
      const model = await inner.get(project, name);
      return model && shown(project, model);
    },
    list: async (project, filter) => (await inner.list(project, filter)).map((model) => shown(project, model)),
    snapshot: async (project) =>
      (await inner.snapshot(project)).map(({ model, versions }) => ({ model: shown(project, model), versions })),
    async moveAlias(by, model, alias, version, message) {
      const at = (await inner.get(by.project, model))?.aliases.find((one) => one.alias === alias)?.version;
      if (at !== version) stop(by, { model, alias });
      return inner.moveAlias(by, model, alias, version, message);
    },
    async rollBackAlias(by, model, alias) {
      const moved = await inner.rollBackAlias(by, model, alias);
      stop(by, { model, alias });
      return moved;
    },
    async removeAlias(by, model, alias) {
      await inner.removeAlias(by, model, alias);
      stop(by, { model, alias });
    },
  };
}

type Kept = {
  entries: readonly Entry[];
  find(project: ProjectId, id: string): Entry | undefined;
  note(entry: Entry, by: string, kind: ReleaseEvent['kind'], detail: object): void;
  now(): string;
};

/** What becomes of calls that failed; a claim is for good here. */
const fakeDrafts = ({ entries, find, note, now }: Kept): Pick<ReleaseStore, 'claimDrafts' | 'drafted'> => ({
  async claimDrafts() {
    const owing = entries.filter(
      ({ release, claimed }) =>
        release.state === 'rolled_back' && release.examples !== null && release.drafts === null && !claimed,
    );
    for (const entry of owing) entry.claimed = true;
    return owing.map(({ project, release }) => ({ project, release: structuredClone(release) }));
  },
  async drafted(project, id, drafts) {
    const entry = find(project, id);
    if (!entry || entry.release.drafts !== null) return;
    entry.release = { ...entry.release, drafts: { ...drafts, at: now() } };
    note(entry, `release ${id}`, 'examples', drafts);
  },
});

const runningIn = (entries: readonly Entry[]) =>
  entries
    .filter(({ release }) => release.state === 'running')
    .map(({ project, release }) => ({ project, release: structuredClone(release) }));
const splitOf = ({ id, candidate, share, sticky, shadow }: Release) => ({
  ...{ id, candidate, share, sticky },
  ...(shadow === null ? {} : { isShadow: true as const }),
});
const missing = (id: string) => new WheelhouseError('not_found', `There is no release \`${id}\`.`);

/** Over models, whose aliases then say what is on its way to them, and stop it when they are moved. */
export function fakeReleaseStore(
  audit: FakeAuditStore,
  inner: ModelStore,
): { releases: ReleaseStore; models: ModelStore } {
  const entries: Entry[] = [];
  let count = 0;
  const find = (project: ProjectId, id: string) =>
    entries.find((one) => one.project === project && one.release.id === id);
  const runningOf = (project: ProjectId, { model, alias }: Place) =>
    entries.find(
      ({ project: own, release }) =>
        own === project && release.state === 'running' && release.model === model && release.alias === alias,
    );
  const note = (entry: Entry, by: string, kind: ReleaseEvent['kind'], detail: object) =>
    entry.events.unshift({ id: String(++count), at: audit.now(), by, kind, detail: detail as JsonObject });

  function close(entry: Entry, by: string, state: Exclude<ReleaseState, 'running'>, reason: string): void {
    const { release } = entry;
    const [share, revision] = [state === 'promoted' ? 1 : 0, release.revision + 1];
    entry.release = { ...release, state, share, revision, endedBy: by, endedAt: audit.now(), reason };
    note(entry, by, state, { reason });
  }
  function stop(by: Actor, place: Place): void {
    const entry = runningOf(by.project, place);
    if (entry) close(entry, by.actor, 'stopped', 'The alias was moved.');
  }

  function shown(project: ProjectId, model: Model): Model {
    const aliases = model.aliases.map((alias) => {
      const entry = runningOf(project, { model: model.name, alias: alias.alias });
      if (!entry) return alias;
      return { ...alias, release: splitOf(entry.release) };
    });
    return { ...model, aliases };
  }

  async function finish(entry: Entry, by: Actor, as: 'promoted' | 'rolled_back', reason: string): Promise<void> {
    const { state, model, alias, incumbent, candidate, id } = entry.release;
    close(entry, by.actor, as, reason);
    if (as === 'promoted') await inner.moveAlias(by, model, alias, candidate);
    else if (state === 'promoted') await inner.moveAlias(by, model, alias, incumbent);
    const action = as === 'promoted' ? 'release.promote' : 'release.rollback';
    audit.record(by, {
      ...{ action, subject: `${model}@${alias}` },
      detail: { release: id, incumbent, candidate, reason },
    });
  }

  const releases: ReleaseStore = {
    async start(by, { follows, ...given }) {
      const { model: name, alias, candidate, id, share } = given;
      const model = await inner.get(by.project, name);
      const incumbent = model?.aliases.find((one) => one.alias === alias)?.version;
      if (model === null || incumbent === undefined || candidate > model.latest)
        throw new WheelhouseError('not_found', `There is no \`${name}@${alias}\`, or no version ${candidate} of it.`);
      const running = runningOf(by.project, { model: name, alias });
      const followed = follows === undefined ? undefined : find(by.project, follows);
      const isFollowed = followed === running && followed?.release.candidate === candidate;
      if (followed && !(isFollowed && followed.release.shadow !== null))
        throw new WheelhouseError('conflict', `\`${follows}\` does not listen any more.`);
      if (incumbent === candidate || (running && !isFollowed))
        throw new WheelhouseError('conflict', 'It is there already, or another release of it runs.');
      if (followed) close(followed, by.actor, 'stopped', `It goes on as ${id}, which answers callers.`);
      const release: Release = {
        ...structuredClone(given),
        ...{ incumbent, state: 'running', verdict: null, revision: 1, startedBy: by.actor, startedAt: audit.now() },
        ...{ endedBy: null, endedAt: null, reason: null, drafts: null },
      };
      const entry: Entry = { project: by.project, release, events: [] };
      entries.unshift(entry);
      note(entry, by.actor, 'started', { incumbent, candidate, share });
      const detail = { release: id, incumbent, candidate, share };
      audit.record(by, { action: 'release.start', subject: `${name}@${alias}`, detail });
      return structuredClone(release);
    },
    get: async (project, id) => structuredClone(find(project, id)?.release ?? null),
    async list(project, { limit, before, model, state }) {
      const own = entries.filter((one) => one.project === project).map(({ release }) => release);
      return structuredClone(own.slice(own.findIndex(({ id }) => id === before) + 1))
        .filter((one) => (model === undefined || one.model === model) && (state === undefined || one.state === state))
        .slice(0, limit);
    },
    events: async (project, id) => structuredClone(find(project, id)?.events ?? []),
    running: async () => runningIn(entries),
    ...fakeDrafts({ entries, find, note, now: audit.now }),
    async look(project, id, { revision, isNews, ends, evidence, verdict, share, shareReason, seenUntil }) {
      const entry = find(project, id);
      if (entry?.release.state !== 'running' || entry.release.revision !== revision) return false;
      const before = entry.release.share;
      const written = structuredClone({ evidence, verdict, share, seenUntil });
      entry.release = { ...entry.release, ...written, revision: revision + 1 };
      const by = { project, actor: `release ${id}` };
      const { verdict: kind, sentence, rails } = verdict;
      if (isNews) note(entry, by.actor, 'verdict', { verdict: kind, sentence, rails });
      if (share !== before) {
        const detail = { before: { share: before }, after: { share } };
        note(entry, by.actor, 'share', { ...detail, reason: shareReason });
        const subject = `${entry.release.model}@${entry.release.alias}`;
        audit.record(by, { action: 'release.share', subject, detail: { release: id, ...detail } });
      }
      if (ends !== null) await finish(entry, by, ends, verdict.sentence);
      return true;
    },
    async end(by, id, { as, reason }) {
      const entry = find(by.project, id);
      if (!entry) throw missing(id);
      const { state, model, alias, candidate } = entry.release;
      const at = (await inner.get(by.project, model))?.aliases.find((one) => one.alias === alias)?.version;
      const isUndone = state === 'promoted' && as === 'rolled_back' && at === candidate;
      if (state !== 'running' && !isUndone)
        throw new WheelhouseError('conflict', 'It ended before, or was moved since.');
      await finish(entry, by, as, reason);
      return structuredClone(entry.release);
    },
  };

  return { releases, models: withReleases(inner, { shown, stop }) };
}
