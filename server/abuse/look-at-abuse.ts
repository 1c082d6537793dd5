import {
  type AbuseLook,
  type AbuseStore,
  type AbuseTelemetry,
  type CancelSignal,
  type Clock,
  type DueAbuse,
  type LiveFeed,
  type OnlineTelemetry,
  type ReleaseTelemetry,
  type WholeSpans,
  workOnDue,
} from '@wheelhouse/core/ports';
import {
  type AbuseCall,
  type AbuseRates,
  type AbuseUser,
  nanosPerMs,
  type ProjectId,
  type Span,
  type TraceId,
  wholeMs,
} from '@wheelhouse/core/records';
import { learnRates, nextAction, riskOf, spendSlotMs } from '@wheelhouse/core/watch';
import { callOf } from './call-of.ts';

export type AbuseLookDeps = {
  store: Pick<AbuseStore, 'claim' | 'record' | 'policy'>;
  calls: AbuseTelemetry;
  arrived: OnlineTelemetry['arrived'];
  now: ReleaseTelemetry['now'];
  wholeSpans: WholeSpans;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  newId(): string;
  /** What is in force is another. */
  changed(): Promise<void>;
  log: { error(details: object, message: string): void };
};

const lookAtAbuseEveryMs = 1_000;
/** What was inserted before is there to be read. */
const settleMs = 1_000;
const holdMs = 20_000;
const retryMs = 30_000;
const projectsAtOnce = 20;
/** What one look writes is one transaction. */
const tracesAtOnce = 200;
/** Where nothing comes the place moves on as well, so that the next look reads less. */
const idleMs = 60_000;
const dayMs = 24 * 3_600_000;
/** What speaks against a user for so long, and the newest so many calls of it. */
export const judgedMs = 14 * dayMs;
export const judgedCalls = 300;
/** With fewer calls nobody comes to any rung. */
const leastCalls = 3;
const learnEveryMs = 3_600_000;
const learnedMs = 7 * dayMs;
const learnedUsers = { rates: 200, calls: 200, peaks: 5_000 };

/** What is kept of traces, of those that name a user. */
async function readCalls(
  { wholeSpans }: Pick<AbuseLookDeps, 'wholeSpans'>,
  project: ProjectId,
  ids: TraceId[],
): Promise<AbuseCall[]> {
  const byTrace = new Map<string, Span[]>();
  for await (const span of wholeSpans.ofTraces(project, ids)) {
    const spans = byTrace.get(span.traceId);
    if (spans) spans.push(span);
    else byTrace.set(span.traceId, [span]);
  }
  return [...byTrace.values()].flatMap((spans) => callOf(spans) ?? []);
}

/** What honest users of the project do, as its calls of the last seven days say. */
async function learn(calls: AbuseTelemetry, project: ProjectId, nowMs: number): Promise<AbuseRates> {
  const sinceMs = nowMs - learnedMs;
  const some = await calls.users(project, { sinceMs, least: 20, limit: learnedUsers.rates, by: 'chance' });
  const [of, peaks] = await Promise.all([
    calls.ofUsers(project, some, { sinceMs, limit: learnedUsers.calls, least: 1 }),
    calls.peaks(project, { sinceMs, slotMs: spendSlotMs, limit: learnedUsers.peaks }),
  ]);
  return learnRates([...of.values()], { peaks, learnedMs: nowMs });
}

/** Looks at what arrived since the last look; where there may be more, it is due again at once. */
async function lookAt(deps: AbuseLookDeps, due: DueAbuse, untilMs: number): Promise<void> {
  const { store, calls, feed } = deps;
  const { project, place, policy } = due;
  const nowMs = wholeMs(deps.clock.now());
  const dueMs = nowMs + lookAtAbuseEveryMs;
  const ask = { of: 'traces' as const, after: place, untilMs, waitMs: 0, limit: tracesAtOnce };
  const places = untilMs <= place.ms ? [] : await deps.arrived(project, ask);
  const last = places.at(-1);
  if (last === undefined) {
    const next = untilMs - place.ms > idleMs ? { ms: untilMs, id: '' } : place;
    await store.record(due, { place: next, dueMs, decide: new Map() });
    return;
  }
  const came = await readCalls(
    deps,
    project,
    places.map(({ id }) => id as TraceId),
  );
  // Before the records, so that after a kill in between the same rows are written again and nothing is missing.
  await calls.put(project, came);
  const isOld = due.rates === null || nowMs - due.rates.learnedMs >= learnEveryMs;
  const rates = due.rates === null || isOld ? await learn(calls, project, nowMs) : due.rates;
  const users = [...new Set(came.map(({ user }) => user))].sort();
  const known = await calls.ofUsers(project, users, {
    ...{ sinceMs: nowMs - judgedMs, limit: judgedCalls, least: leastCalls },
  });
  const decide: AbuseLook['decide'] = new Map(
    [...known].map(([user, of]) => [
      user,
      (was: AbuseUser | null) => {
        const fresh = of.filter(({ atMs }) => atMs > (was?.freshFromMs ?? 0));
        return nextAction(was, riskOf(fresh, { rates, policy }), { policy, nowMs, newId: deps.newId });
      },
    ]),
  );
  const made = await store.record(due, {
    ...{ place: last, dueMs: places.length === tracesAtOnce ? 0 : dueMs, decide },
    ...(isOld ? { rates } : {}),
  });
  if (made === null || made.length === 0) return;
  await deps.changed();
  feed.publish({ type: 'abuse', project });
}

/**
 * Looks at the calls of every project that has it switched on, until nothing waits. Servers share this by holds in the store;
 * a trace that is looked at twice counts once.
 */
export async function lookAtAbuse(deps: AbuseLookDeps, stopping: CancelSignal): Promise<void> {
  const { store, clock, log } = deps;
  let untilMs = 0;
  await workOnDue(
    {
      clock,
      async claim(nowMs) {
        const waiting = await store.claim(nowMs, { holdMs, limit: projectsAtOnce });
        // Where it is switched off everywhere, nothing is asked of telemetry.
        if (waiting.length > 0) untilMs ||= Number((await deps.now()) / nanosPerMs) - settleMs;
        return waiting;
      },
      work: (due) => lookAt(deps, due, untilMs),
      failed(due, err) {
        log.error({ err, project: due.project }, 'calls of users could not be looked at; tried again soon');
        return store.record(due, { place: due.place, dueMs: wholeMs(clock.now()) + retryMs, decide: new Map() });
      },
    },
    stopping,
  );
}
