import {
  type Handlers,
  type ParsedBody,
  pageBelow,
  type ReleaseBody,
  type ReleaseRouteId,
} from '@wheelhouse/core/contract';
import { breakingChanges, checkCallers, type FindVersion } from '@wheelhouse/core/model';
import type { Clock, LiveFeed, ModelStore, Random, ReleaseStore, ReleaseTelemetry } from '@wheelhouse/core/ports';
import {
  allocationProblem,
  type Caller,
  idRandomBytes,
  type ModelVersion,
  nanosPerMs,
  nanosToMs,
  newId,
  type ProjectId,
  type Release,
  type ReleaseRail,
  type ReleaseStep,
  WheelhouseError,
} from '@wheelhouse/core/records';
import {
  decidedNext,
  defaultRails,
  historyDays,
  memoryJson,
  memoryOf,
  newMemory,
  shareDecisions,
  sinceOf,
  trackOf,
  watchesQuality,
} from '@wheelhouse/core/watch';
import { checkOutside, checkShadow } from './check-shadow.ts';
import { type CompareAnswersDeps, compareAnswers } from './compare-answers.ts';

type Move = { name: string; alias: string; version: number };

export type ReleaseDeps = CompareAnswersDeps & {
  releases: ReleaseStore;
  telemetry: ReleaseTelemetry;
  models: Pick<ModelStore, 'get' | 'versions'>;
  /** By the rules of aliases: throws where somebody may not, or a gate does not hold. */
  aliases: {
    mayMove(by: Caller, move: Move): Promise<void>;
    mayWithdraw(by: Caller, alias: string): Promise<void>;
  };
  hasDataset(project: ProjectId, name: string): Promise<boolean>;
  /** Of a project, from memory. */
  versionsOf(project: ProjectId): FindVersion;
  /** Throws when a version cannot be called. */
  checkCallable(project: ProjectId, ref: string): void;
  feed: Pick<LiveFeed, 'publish'>;
  changed(): Promise<void>;
  clock: Clock;
  random: Random;
};

type NewRelease = ParsedBody<'startRelease'>;

const historyNs = BigInt(historyDays) * 86_400_000_000_000n;

const invalid = (param: string, message: string) => new WheelhouseError('invalid_request', message, { param });

/** Evidence is what verdicts go on with; their numbers are in the verdict. */
const releaseBody = ({ evidence, revision: _, ...release }: Release): ReleaseBody => ({
  ...release,
  copies: memoryOf(evidence).copies ?? null,
});

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

function checkAllocation({ allocation, steps, share, shadow }: NewRelease): void {
  if (allocation === null) return;
  const problem = allocationProblem(allocation, { share, hasSteps: steps !== undefined, listens: shadow !== null });
  if (problem !== null) throw invalid('allocation', problem);
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

/** Where nobody chose what is watched, nothing may promote itself whose answers nobody judges. */
function checkPromotesItself(rails: readonly ReleaseRail[]): void {
  if (watchesQuality(rails)) return;
  throw new WheelhouseError('conflict', 'No score is watched, so it cannot promote itself: its answers may be worse.', {
    param: 'promotesItself',
    hint: 'Have answers scored (wheelhouse online new), name the rails that are enough (--rails), or promote it yourself.',
  });
}

function versionAt(versions: readonly ModelVersion[], model: string, number: number): ModelVersion {
  const found = versions.find((one) => one.number === number);
  if (found) return found;
  throw new WheelhouseError('not_found', `\`${model}\` has no version ${number}.`, { param: 'candidate' });
}

type Planned = {
  incumbent: number;
  from: ModelVersion;
  to: ModelVersion;
  steps: ReleaseStep[];
  rails: ReleaseRail[];
  without: string[];
};

async function planOf(deps: ReleaseDeps, project: ProjectId, body: NewRelease): Promise<Planned> {
  const { model: name, alias, candidate } = body;
  checkShadow(body);
  checkAllocation(body);
  const model = await deps.models.get(project, name);
  if (!model)
    throw new WheelhouseError('not_found', `No model is registered as \`${name}\`.`, {
      ...{ param: 'model', hint: 'GET /api/v1/models lists them.' },
    });
  const incumbent = model.aliases.find((one) => one.alias === alias)?.version;
  if (incumbent === undefined)
    throw new WheelhouseError('not_found', `There is no \`${name}@${alias}\` that a version could take over.`, {
      hint: 'Move the alias to its first version without a release.',
    });
  const versions = await deps.models.versions(project, name);
  const [from, to] = [versionAt(versions, name, incumbent), versionAt(versions, name, candidate)];
  checkOutside(body, to, deps.versionsOf(project));
  const steps = stepsOf(body);
  const fromNs = deps.clock.now() - historyNs;
  const history = () => deps.telemetry.history(project, { model: name, alias, version: incumbent, fromNs });
  const usual =
    body.rails === undefined
      ? defaultRails(await history(), { isShadow: body.shadow !== null })
      : { rails: body.rails, without: [] };
  checkRails(usual.rails);
  return { from, to, incumbent, steps, ...usual };
}

async function start(deps: ReleaseDeps, by: Caller, body: NewRelease, follows?: string): Promise<Release> {
  const { model, alias, candidate, shadow, sticky, allocation, risks, minimum, promotesItself, examples, message } =
    body;
  await deps.aliases.mayMove(by, { name: model, alias, version: candidate });
  const { steps, rails, from, to } = await planOf(deps, by.project, body);
  if (promotesItself && (body.rails === undefined || follows !== undefined)) checkPromotesItself(rails);
  // Calls that do not fit leave no trace, so that no rail would notice them.
  checkCallers({ name: model, alias, from, to, breaking: body.breaking });
  if (examples !== null && !(await deps.hasDataset(by.project, examples.dataset)))
    throw new WheelhouseError('not_found', `There is no dataset \`${examples.dataset}\`.`, {
      ...{ param: 'examples.dataset', hint: 'Create it, so that calls that fail have a place to go to.' },
    });
  deps.checkCallable(by.project, `${model}@${candidate}`);
  const plan = { shadow, sticky, steps, allocation, rails, risks, minimum, promotesItself, examples };
  const id = newId('rel', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
  const nowMs = nanosToMs(await deps.telemetry.now());
  return deps.releases.start(by, {
    ...{ ...plan, id, model, alias, candidate, message, share: steps[0]?.share ?? 0 },
    ...{ evidence: memoryJson(newMemory(plan)), seenUntil: new Date(nowMs).toISOString() },
    ...(follows === undefined ? {} : { follows }),
  });
}

/** Starts, shows and ends releases; {@link lookAtReleases} sees to them in between. */
export function createReleaseHandlers(deps: ReleaseDeps): Handlers<ReleaseRouteId> {
  const { releases } = deps;

  async function releaseOf(project: ProjectId, id: string): Promise<Release> {
    const release = await releases.get(project, id);
    if (release) return release;
    throw new WheelhouseError('not_found', `There is no release \`${id}\`.`, {
      hint: 'GET /api/v1/releases lists them.',
    });
  }

  async function listening(project: ProjectId, id: string): Promise<Release> {
    const release = await releaseOf(project, id);
    if (release.shadow !== null) return release;
    throw new WheelhouseError('conflict', `\`${id}\` is no release that only listens.`, {
      hint: 'Both versions answer callers there: its rails compare them.',
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
    async planRelease({ by, body }) {
      const { from, to, ...plan } = await planOf(deps, by.project, body);
      return { ...plan, candidate: body.candidate, breaking: breakingChanges(from, to) };
    },
    async getRelease({ by, params }) {
      const release = await releaseOf(by.project, params.releaseId);
      const { evidence } = memoryOf(release.evidence);
      const track = trackOf(evidence).map(({ calls, ...point }) => ({
        ...{ ...point, calls: { incumbent: calls.a, candidate: calls.b } },
      }));
      const events = await releases.events(by.project, release.id);
      const moved = {
        shares: shareDecisions(evidence),
        decidedNext: release.state === 'running' ? decidedNext(evidence) : null,
      };
      return { release: releaseBody(release), events, track, ...moved };
    },
    async compareReleaseAnswers({ by, params }) {
      const release = await listening(by.project, params.releaseId);
      const { id, model, alias, incumbent, candidate, sticky, evidence, seenUntil } = release;
      const sinceNs = BigInt(sinceOf(memoryOf(evidence), Date.parse(seenUntil))) * nanosPerMs;
      return compareAnswers(deps, by.project, {
        ...{ release: id, model, alias, incumbent, candidate, sticky, scores: [], sinceNs, fromNs: sinceNs },
        untilNs: await deps.telemetry.now(),
      });
    },
    async startCanary({ by, params, body }) {
      const { id, model, alias, candidate, sticky, rails, risks, minimum } = await listening(
        by.project,
        params.releaseId,
      );
      const next = { ...body, model, alias, candidate, sticky, rails, risks, minimum, shadow: null };
      const release = await start(deps, by, next, id);
      deps.feed.publish({ type: 'releases', project: by.project, id, model });
      return announced(by.project, release);
    },
    async promoteRelease({ by, params, body }) {
      const { id, model: name, alias, candidate, shadow } = await releaseOf(by.project, params.releaseId);
      if (shadow !== null)
        throw new WheelhouseError('conflict', 'It only listens: nobody got an answer of its candidate yet.', {
          hint: 'Start its canary (POST /api/v1/releases/{id}/canary), or move the alias by hand.',
        });
      await deps.aliases.mayMove(by, { name, alias, version: candidate });
      const reason = body.reason === '' ? `${by.actor} promoted it.` : body.reason;
      return announced(by.project, await releases.end(by, id, { as: 'promoted', reason }));
    },
    async rollBackRelease({ by, params, body }) {
      const { id, alias } = await releaseOf(by.project, params.releaseId);
      await deps.aliases.mayWithdraw(by, alias);
      const reason = body.reason === '' ? `${by.actor} rolled it back.` : body.reason;
      return announced(by.project, await releases.end(by, id, { as: 'rolled_back', reason }));
    },
  };
}
