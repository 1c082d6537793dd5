import type { CancelSignal, LiveFeed, ReleaseStore, ReleaseTelemetry } from '@wheelhouse/core/ports';
import { nanosPerMs, type ProjectId, type Release, type ReleaseVerdict } from '@wheelhouse/core/records';
import { addEvidence, evidenceJson, evidenceOf, judgeRelease, shareAt } from '@wheelhouse/core/watch';

export type ReleaseWatchDeps = {
  releases: Pick<ReleaseStore, 'running' | 'look'>;
  telemetry: Pick<ReleaseTelemetry, 'now' | 'arrived'>;
  /** Whether any release runs, from memory. */
  isAny(): boolean;
  feed: Pick<LiveFeed, 'publish'>;
  /** The next calls see what changed. */
  changed(): Promise<void>;
  log: { error(details: object, message: string): void };
};

/** From the arrival of what decides to the change of the alias it takes this, what is waited, and a look. */
const everyMs = 2_000;
/** What was inserted before is there to be read. */
const settleMs = 2_000;
/** One look reads no more, so that it is short after a long absence as well. */
const windowMs = 300_000;

const isNews = (before: ReleaseVerdict | null, after: ReleaseVerdict) =>
  before === null ||
  before.verdict !== after.verdict ||
  after.rails.some(({ state }, i) => before.rails[i]?.state !== state);

/** Looks at what arrived since the last look, and does what follows; whether there may be more. */
async function lookAt(
  deps: ReleaseWatchDeps,
  { project, release, nowNs }: { project: ProjectId; release: Release; nowNs: bigint },
): Promise<boolean> {
  const fromMs = Date.parse(release.seenUntil);
  const settledMs = Number(nowNs / nanosPerMs) - settleMs;
  const untilMs = Math.min(settledMs, fromMs + windowMs);
  if (untilMs <= fromMs) return false;
  const { id, model, alias, incumbent, candidate, sticky, rails, revision } = release;
  const seen = await deps.telemetry.arrived(project, {
    ...{ model, alias, incumbent, candidate, sticky },
    scores: rails.flatMap((rail) => (rail.kind === 'quality' ? [rail.score] : [])),
    sinceNs: BigInt(Date.parse(release.startedAt)) * nanosPerMs,
    ...{ fromNs: BigInt(fromMs) * nanosPerMs, untilNs: BigInt(untilMs) * nanosPerMs },
  });
  const goesOn = untilMs < settledMs;
  if (seen.length === 0 && release.verdict !== null && untilMs - fromMs < windowMs) return false;
  const evidence = addEvidence(release, evidenceOf(release.evidence), seen);
  const verdict = judgeRelease(release, evidence);
  const share = shareAt(release.steps, evidence.calls.b);
  const promotes = verdict.verdict === 'promote' && release.promotesItself;
  const ends = verdict.verdict === 'roll_back' ? 'rolled_back' : promotes ? 'promoted' : null;
  const news = isNews(release.verdict, verdict);
  const look = { revision, evidence: evidenceJson(evidence), verdict, share, isNews: news, ends } as const;
  const written = await deps.releases.look(project, id, { ...look, seenUntil: new Date(untilMs).toISOString() });
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

/** {@link lookAtReleases}, again and again. Gives what ends it. */
export function startReleaseWatch(deps: ReleaseWatchDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      await lookAtReleases(deps, stopping.signal);
    } catch (err) {
      deps.log.error({ err }, 'releases could not be looked at; tried again soon');
    }
    if (!stopping.signal.aborted) wait();
  }
  function wait(): void {
    timer = setTimeout(() => {
      running = look();
    }, everyMs).unref();
  }
  wait();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
