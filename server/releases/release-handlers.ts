import {
  type Handlers,
  type ParsedBody,
  pageBelow,
  type ReleaseBody,
  type ReleaseRouteId,
} from '@wheelhouse/core/contract';
import { diffVersions } from '@wheelhouse/core/model';
import type { Clock, LiveFeed, ModelStore, Random, ReleaseStore, ReleaseTelemetry } from '@wheelhouse/core/ports';
import {
  type Caller,
  idRandomBytes,
  type ModelVersion,
  nanosToMs,
  newId,
  type ProjectId,
  type Release,
  type ReleaseRail,
  type ReleaseStep,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { defaultRails, memoryJson, memoryOf, newMemory, trackOf } from '@wheelhouse/core/watch';

type Move = { name: string; alias: string; version: number };

export type ReleaseDeps = {
  releases: ReleaseStore;
  telemetry: ReleaseTelemetry;
  models: Pick<ModelStore, 'get' | 'versions'>;
  /** By the rules of aliases: throws where somebody may not, or a gate does not hold. */
  aliases: {
    mayMove(by: Caller, move: Move): Promise<void>;
    mayWithdraw(by: Caller, alias: string): Promise<void>;
  };
  hasDataset(project: ProjectId, name: string): Promise<boolean>;
  /** Throws when a version cannot be called. */
  checkCallable(project: ProjectId, ref: string): void;
  feed: Pick<LiveFeed, 'publish'>;
  changed(): Promise<void>;
  clock: Clock;
  random: Random;
};

type NewRelease = ParsedBody<'startRelease'>;

/** What is usual is what the incumbent did in this time. */
const historyNs = 7n * 86_400_000_000_000n;

const invalid = (param: string, message: string) => new WheelhouseError('invalid_request', message, { param });

/** Evidence is what verdicts go on with; their numbers are in the verdict. */
const releaseBody = ({ evidence: _, revision: __, ...release }: Release): ReleaseBody => release;

function stepsOf({ steps, share }: NewRelease): ReleaseStep[] {
  if (steps === undefined) return [{ share, after: 0 }];
  if (steps[0]?.after !== 0) throw invalid('steps', 'The first step begins at once: its `after` is 0.');
  for (const [i, step] of steps.entries()) {
    const before = steps[i - 1];
    if (before && (step.after <= before.after || step.share <= before.share))
      throw invalid('steps', `Step ${i + 1} has to come after, and be more than, the one before it.`);
  }
  return steps;
}

function checkRails(rails: readonly ReleaseRail[]): void {
  const names = new Set<string>();
  for (const rail of rails) {
    if (names.has(rail.name)) throw invalid('rails', `Two rails have the name \`${rail.name}\`.`);
    names.add(rail.name);
    if (rail.kind === 'quality' && rail.low >= rail.high)
      throw invalid('rails', `\`${rail.name}\` has no range: its lowest score is not below its highest.`);
    if (rail.kind === 'latency' && BigInt(rail.slowNs) <= 0n)
      throw invalid('rails', `\`${rail.name}\` calls every call slow.`);
    if (rail.kind === 'cost' && BigInt(rail.capNanoUsd) <= 0n) throw invalid('rails', `\`${rail.name}\` has no range.`);
  }
}

function versionAt(versions: readonly ModelVersion[], model: string, number: number): ModelVersion {
  const found = versions.find((one) => one.number === number);
  if (found) return found;
  throw new WheelhouseError('not_found', `\`${model}\` has no version ${number}.`, { param: 'candidate' });
}

type Planned = { incumbent: number; steps: ReleaseStep[]; rails: ReleaseRail[]; without: string[]; breaking: string[] };

async function planOf(deps: ReleaseDeps, project: ProjectId, body: NewRelease): Promise<Planned> {
  const { model: name, alias, candidate } = body;
  const model = await deps.models.get(project, name);
  const incumbent = model?.aliases.find((one) => one.alias === alias)?.version;
  if (incumbent === undefined)
    throw new WheelhouseError('not_found', `There is no \`${name}@${alias}\` that a version could take over.`, {
      hint: 'Move the alias to its first version without a release.',
    });
  const versions = await deps.models.versions(project, name);
  const [from, to] = [versionAt(versions, name, incumbent), versionAt(versions, name, candidate)];
  const breaking = diffVersions(from, to).changes.filter((change) => change.breaking);
  const steps = stepsOf(body);
  const fromNs = deps.clock.now() - historyNs;
  const usual =
    body.rails === undefined
      ? defaultRails(await deps.telemetry.history(project, { model: name, alias, version: incumbent, fromNs }))
      : { rails: body.rails, without: [] };
  checkRails(usual.rails);
  return { incumbent, steps, ...usual, breaking: breaking.map(({ text }) => text) };
}

async function start(deps: ReleaseDeps, by: Caller, body: NewRelease): Promise<Release> {
  const { model, alias, candidate, sticky, risks, minimum, promotesItself, examples, message } = body;
  await deps.aliases.mayMove(by, { name: model, alias, version: candidate });
  const { steps, rails, breaking } = await planOf(deps, by.project, body);
  // Calls that do not fit leave no trace, so that no rail would notice them.
  if (breaking.length > 0)
    throw new WheelhouseError('conflict', `Callers of \`${model}@${alias}\` may fail: ${breaking.join('; ')}.`, {
      hint: 'Publish a version that takes what callers send, or move them to another alias.',
    });
  if (examples !== null && !(await deps.hasDataset(by.project, examples.dataset)))
    throw new WheelhouseError('not_found', `There is no dataset \`${examples.dataset}\`.`, {
      ...{ param: 'examples.dataset', hint: 'Create it, so that calls that fail have a place to go to.' },
    });
  deps.checkCallable(by.project, `${model}@${candidate}`);
  const plan = { sticky, steps, rails, risks, minimum, promotesItself, examples };
  const id = newId('rel', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
  const nowMs = nanosToMs(await deps.telemetry.now());
  return deps.releases.start(by, {
    ...{ ...plan, id, model, alias, candidate, message, share: steps[0]?.share ?? 0 },
    ...{ evidence: memoryJson(newMemory(plan)), seenUntil: new Date(nowMs).toISOString() },
  });
}

/** Starts, shows and ends releases; {@link watchReleases} sees to them in between. */
export function createReleaseHandlers(deps: ReleaseDeps): Handlers<ReleaseRouteId> {
  const { releases } = deps;

  async function releaseOf(project: ProjectId, id: string): Promise<Release> {
    const release = await releases.get(project, id);
    if (release) return release;
    throw new WheelhouseError('not_found', `There is no release \`${id}\`.`, {
      hint: 'GET /api/v1/releases lists them.',
    });
  }

  async function announced(project: ProjectId, release: Release): Promise<ReleaseBody> {
    await deps.changed();
    deps.feed.publish({ type: 'models', project, name: release.model });
    deps.feed.publish({ type: 'releases', project, id: release.id, model: release.model });
    return releaseBody(release);
  }

  return {
    listReleases: ({ by, query: { model, state, ...page } }) =>
      pageBelow(
        page,
        (ask) =>
          releases.list(by.project, {
            ...ask,
            ...(model === undefined ? {} : { model }),
            ...(state === undefined ? {} : { state }),
          }),
        releaseBody,
      ),
    startRelease: async ({ by, body }) => announced(by.project, await start(deps, by, body)),
    planRelease: async ({ by, body }) => ({
      ...(await planOf(deps, by.project, body)),
      candidate: body.candidate,
    }),
    async getRelease({ by, params }) {
      const release = await releaseOf(by.project, params.releaseId);
      const track = trackOf(memoryOf(release.evidence).evidence).map(({ calls, ...point }) => ({
        ...{ ...point, calls: { incumbent: calls.a, candidate: calls.b } },
      }));
      return { release: releaseBody(release), events: await releases.events(by.project, release.id), track };
    },
    async promoteRelease({ by, params, body }) {
      const { id, model: name, alias, candidate } = await releaseOf(by.project, params.releaseId);
      await deps.aliases.mayMove(by, { name, alias, version: candidate });
      const reason = body.reason === '' ? 'Somebody promoted it.' : body.reason;
      return announced(by.project, await releases.end(by, id, { as: 'promoted', reason }));
    },
    async rollBackRelease({ by, params, body }) {
      const { id, alias } = await releaseOf(by.project, params.releaseId);
      await deps.aliases.mayWithdraw(by, alias);
      const reason = body.reason === '' ? 'Somebody rolled it back.' : body.reason;
      return announced(by.project, await releases.end(by, id, { as: 'rolled_back', reason }));
    },
  };
}
