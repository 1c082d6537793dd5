import type {
  CancelSignal,
  LiveFeed,
  PairAsk,
  ReleaseArrival,
  ReleaseStore,
  ReleaseTelemetry,
} from '@wheelhouse/core/ports';
import {
  canonicalJson,
  type Issue,
  nanosPerMs,
  type ProjectId,
  type Release,
  type ReleaseCopies,
  type ReleaseVerdict,
} from '@wheelhouse/core/records';
import {
  type Evidence,
  judgeRelease,
  lookFrom,
  memoryJson,
  memoryOf,
  reasonOfShare,
  remember,
  rememberLook,
  shareAt,
  sinceOf,
} from '@wheelhouse/core/watch';

type Blocker = Pick<Issue, 'id' | 'title'>;

export type ReleaseWatchDeps = {
  releases: Pick<ReleaseStore, 'running' | 'look'>;
  telemetry: Pick<ReleaseTelemetry, 'now' | 'arrived' | 'paired' | 'copies'>;
  /** Whether any release runs, from memory. */
  isAny(): boolean;
  /** The issue that holds the aliases of a model: nothing is promoted until it is resolved. */
  blocker(project: ProjectId, model: string): Promise<Blocker | null>;
  /** What probes called changed while it ran, of base models that it calls. */
  vendorChanges(project: ProjectId, release: Release): Promise<{ monitor: string; model: string; at: string }[]>;
  feed: Pick<LiveFeed, 'publish'>;
  /** The next calls see what changed. */
  changed(): Promise<void>;
  log: { error(details: object, message: string): void };
};

/** From the arrival of what decides to the change of the alias it takes this, what is waited, and a look. */
export const lookAtReleasesEveryMs = 2_000;
/** What was inserted before is there to be read. */
const settleMs = 2_000;
/** One look reads no more, so that it is short after a long absence as well. */
const windowMs = 300_000;

const isNews = (before: ReleaseVerdict | null, after: ReleaseVerdict) =>
  before === null ||
  before.verdict !== after.verdict ||
  after.rails.some(({ state }, i) => before.rails[i]?.state !== state);

/** What came, of a release that only listens as pairs, and all that it copied. */
async function readArrived(
  { telemetry }: ReleaseWatchDeps,
  { project, release, ask }: { project: ProjectId; release: Release; ask: PairAsk },
): Promise<{ came: ReleaseArrival[]; copies: ReleaseCopies | null }> {
  if (release.shadow === null) return { came: await telemetry.arrived(project, ask), copies: null };
  const [came, copies] = await Promise.all([telemetry.paired(project, ask), telemetry.copies(project, ask)]);
  return { came, copies };
}

/** The verdict, and the share that follows; what only listens is asked no more when it is known, or the money is spent. */
function judged(release: Release, evidence: Evidence, copies: ReleaseCopies | null) {
  const verdict = judgeRelease(release, evidence);
  const { shadow, steps } = release;
  if (shadow === null) return { verdict, share: evidence.allocated?.share ?? shareAt(steps, evidence.calls.b) };
  const budget = shadow.budgetNanoUsd;
  const isSpent = budget !== null && BigInt(copies?.costNanoUsd ?? '0') >= BigInt(budget);
  const isOpen = verdict.verdict === 'hold' || verdict.verdict === 'not_enough_data';
  const sentence = isSpent && isOpen ? `${verdict.sentence} What copies may cost is spent.` : verdict.sentence;
  return { verdict: { ...verdict, sentence }, share: isOpen && !isSpent ? (steps[0]?.share ?? 0) : 0 };
}

/** What moved both versions counts for neither, but whoever reads a verdict has to know of it. */
function withChanges(
  verdict: ReleaseVerdict,
  changes: { monitor: string; model: string; at: string }[],
): ReleaseVerdict {
  if (changes.length === 0) return verdict;
  const told = changes.map(
    ({ monitor, model, at }) => `${model} (\`${monitor}\`, ${at.slice(0, 16).replace('T', ' ')})`,
  );
  const sentence = `${verdict.sentence} Meanwhile a vendor changed ${told.join(', ')}: both versions were compared at the same times, so what moved both counts for neither.`;
  return { ...verdict, sentence };
}

/** Nothing is promoted while an issue holds the model. */
const heldBack = (verdict: ReleaseVerdict, blocker: Blocker | null): ReleaseVerdict =>
  blocker === null
    ? verdict
    : { ...verdict, sentence: `${verdict.sentence} The issue ${blocker.id} holds it back: ${blocker.title}` };

/** Looks at what arrived since the last look, and does what follows; whether there may be more. */
async function lookAt(
  deps: ReleaseWatchDeps,
  { project, release, nowNs }: { project: ProjectId; release: Release; nowNs: bigint },
): Promise<boolean> {
  const seenUntilMs = Date.parse(release.seenUntil);
  const settledMs = Number(nowNs / nanosPerMs) - settleMs;
  const untilMs = Math.min(settledMs, seenUntilMs + windowMs);
  if (untilMs <= seenUntilMs) return false;
  const { id, model, alias, incumbent, candidate, sticky, rails, revision } = release;
  const before = memoryOf(release.evidence);
  const ask = {
    ...{ release: id, model, alias, incumbent, candidate, sticky },
    scores: rails.flatMap((rail) => (rail.kind === 'quality' ? [rail.score] : [])),
    sinceNs: BigInt(sinceOf(before, seenUntilMs)) * nanosPerMs,
    fromNs: BigInt(lookFrom(before, seenUntilMs)) * nanosPerMs,
    untilNs: BigInt(untilMs) * nanosPerMs,
  };
  const { came, copies } = await readArrived(deps, { project, release, ask });
  const goesOn = untilMs < settledMs;
  const { memory, fresh } = remember(release, before, { came, seenUntilMs, untilMs });
  const isSame = fresh === 0 && canonicalJson(copies) === canonicalJson(before.copies ?? null);
  if (isSame && release.verdict !== null && untilMs - seenUntilMs < windowMs) return false;
  const { evidence } = memory;
  const { share, ...found } = judged(release, evidence, copies);
  const blocker = found.verdict.verdict === 'promote' ? await deps.blocker(project, model) : null;
  const verdict = heldBack(withChanges(found.verdict, await deps.vendorChanges(project, release)), blocker);
  const promotes = verdict.verdict === 'promote' && release.promotesItself && blocker === null;
  const ends = verdict.verdict === 'roll_back' ? 'rolled_back' : promotes ? 'promoted' : null;
  const news = isNews(release.verdict, verdict);
  const seenUntil = new Date(untilMs).toISOString();
  const looked = rememberLook(evidence, verdict, seenUntil);
  const kept = memoryJson({ ...memory, evidence: looked, ...(copies === null ? {} : { copies }) });
  const shareReason = reasonOfShare(release, evidence, verdict);
  const look = { revision, evidence: kept, verdict, share, shareReason, seenUntil, isNews: news, ends } as const;
  const written = await deps.releases.look(project, id, look);
  if (!written) return false;
  if (ends !== null || share !== release.share) {
    await deps.changed();
    deps.feed.publish({ type: 'models', project, name: model });
  }
  deps.feed.publish({ type: 'releases', project, id, model });
  return goesOn && ends === null;
}

/** Looks at every release that runs, and ends those whose verdict says so. */
export async function lookAtReleases(deps: ReleaseWatchDeps, stopping: CancelSignal): Promise<void> {
  if (!deps.isAny()) return;
  const nowNs = await deps.telemetry.now();
  let waiting = await deps.releases.running();
  while (waiting.length > 0) {
    const more = new Set<string>();
    for (const { project, release } of waiting) {
      if (stopping.aborted) return;
      try {
        if (await lookAt(deps, { project, release, nowNs })) more.add(release.id);
      } catch (err) {
        deps.log.error({ err, release: release.id }, 'a release could not be looked at; tried again soon');
      }
    }
    waiting = more.size === 0 ? [] : (await deps.releases.running()).filter(({ release }) => more.has(release.id));
  }
}
