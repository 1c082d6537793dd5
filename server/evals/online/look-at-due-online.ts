import type { CancelSignal, Clock, DueOnline, LiveFeed, OnlineStore } from '@wheelhouse/core/ports';
import { type OnlineLook, wholeMs } from '@wheelhouse/core/records';
import { lookAtOnline, type OnlineLookDeps } from './look.ts';

export type OnlineWorkDeps = OnlineLookDeps & {
  online: OnlineStore;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

const lookAtOnlineEveryMs = 1_500;
/** Of a server that was killed another one takes over after this. */
const holdMs = 10_000;
const renewMs = 3_000;
const looksAtOnce = 4;
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

/** When it is due again: where nobody answers, ever later. */
const pauseMs = ({ failures }: OnlineLook): number =>
  failures === 0 ? lookAtOnlineEveryMs : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));

/** Looks at one, and holds it for as long as that takes. */
async function look(deps: OnlineWorkDeps, claimed: DueOnline, stopping: CancelSignal): Promise<void> {
  const { online, feed, clock, log } = deps;
  const nowMs = () => wholeMs(clock.now());
  let due: DueOnline | null = claimed;
  let renewing: Promise<void> = Promise.resolve();
  async function renew(): Promise<void> {
    // A store that is away for a moment takes no hold away.
    if (due !== null) due = await online.hold(due, Math.max(nowMs() + holdMs, due.heldUntilMs + 1)).catch(() => due);
  }
  const renewal = setInterval(() => {
    renewing = renewing.then(renew);
  }, renewMs).unref();
  const before = claimed.online;
  const record = async (result: Parameters<OnlineStore['record']>[1]) => {
    clearInterval(renewal);
    await renewing;
    if (due !== null) await online.record(due, result);
  };
  try {
    const found = await lookAtOnline(
      deps,
      { project: claimed.project, online: before },
      { nowMs, signal: stopping, went: async () => due !== null },
    );
    if (found === null) return;
    await record({ look: found.look, dueMs: found.isMore ? nowMs() : nowMs() + pauseMs(found.look) });
    const traceIds = found.scores.flatMap(({ traceId }) => traceId ?? []);
    if (traceIds.length > 0) feed.publish({ type: 'scores', project: claimed.project, traceIds });
  } catch (error) {
    if (stopping.aborted) return;
    const problem = error instanceof Error ? error.message : String(error);
    if (before.look.problem !== problem)
      log.error({ err: error, online: before.name }, 'a look at what arrived failed');
    const failed = { ...before.look, problem, failures: before.look.failures + 1 };
    await record({ look: failed, dueMs: nowMs() + pauseMs(failed) });
  } finally {
    clearInterval(renewal);
  }
}

/**
 * Looks at online evaluations that are due. Servers share this by holds in the store, which they renew while they look; who
 * lost its hold writes nothing more.
 */
export async function lookAtDueOnline(deps: OnlineWorkDeps, stopping: CancelSignal): Promise<void> {
  const due = await deps.online.claim(wholeMs(deps.clock.now()), { holdMs, limit: looksAtOnce });
  await Promise.all(due.map((one) => look(deps, one, stopping)));
}
