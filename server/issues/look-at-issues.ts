import {
  type CancelSignal,
  type Clock,
  type DueIssues,
  type IssueStore,
  type IssueTelemetry,
  type KeptOccurrence,
  type LiveFeed,
  type ReleaseTelemetry,
  workOnDue,
} from '@wheelhouse/core/ports';
import { type IssueOccurrence, nanosPerMs, nanosToMs, type TraceId, wholeMs } from '@wheelhouse/core/records';
import { badBelow, badWhenTrue, causeKeysOf, occurrencesOf, placeOccurrences, signalKey } from '@wheelhouse/core/watch';

export type IssueLookDeps = {
  issues: Pick<IssueStore, 'claim' | 'known' | 'record' | 'badScores'>;
  telemetry: Pick<IssueTelemetry, 'arrived' | 'traces' | 'kept' | 'put'> & Pick<ReleaseTelemetry, 'now'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

const lookAtIssuesEveryMs = 2_000;
/** What was inserted before is there to be read. */
const settleMs = 2_000;
const holdMs = 20_000;
const retryMs = 30_000;
const projectsAtOnce = 20;
/** What one look writes is one transaction. */
const tracesAtOnce = 200;
/** A project that is looked at for the first time begins with what came in the last day. */
const firstMs = 24 * 3_600_000;
/** Where nothing fails the place moves on as well, so that the next look reads less. */
const idleMs = 60_000;
/** The longer nothing failed, the longer is waited: ten seconds after a minute. */
const quietTimesPause = 6;

const placeKey = ({ traceId, key }: Pick<KeptOccurrence, 'traceId' | 'key'>) => `${traceId} ${key}`;

/** Looks at what arrived since the last look; where there may be more, it is due again at once. */
async function lookAt(deps: IssueLookDeps, due: DueIssues, untilMs: number): Promise<void> {
  const { issues, telemetry, feed } = deps;
  const { project, place } = due;
  const nowMs = wholeMs(deps.clock.now());
  const rules = new Map((await issues.badScores(project)).map(({ name, rule }) => [name, rule]));
  const ask = { after: place, untilMs, limit: tracesAtOnce, badWhenTrue, badBelow, ruled: [...rules.keys()] };
  const places = untilMs <= place.ms ? [] : await telemetry.arrived(project, ask);
  const last = places.at(-1);
  if (last === undefined) {
    const next = untilMs - place.ms > idleMs ? { ms: untilMs, id: '' } : place;
    const pauseMs = Math.max(lookAtIssuesEveryMs, Math.round((untilMs - next.ms) / quietTimesPause));
    await issues.record(due, { place: next, dueMs: nowMs + pauseMs, groups: [], issues: [], events: [] });
    return;
  }
  const ids = places.map(({ id }) => id as TraceId);
  const [traces, kept] = await Promise.all([telemetry.traces(project, ids), telemetry.kept(project, ids)]);
  const occurrences = traces.flatMap((trace) => occurrencesOf(trace, rules));
  const known = await issues.known(project, causeKeysOf(occurrences));
  const placed = new Map(kept.map((one) => [placeKey(one), one.groupId]));
  const at = new Date(nanosToMs(deps.clock.now())).toISOString();
  const result = placeOccurrences(occurrences, { ...known, placed }, { at });
  const rows = occurrences.map((one: IssueOccurrence, i): KeptOccurrence => {
    const { traceId, spanId, atMs, user, version, cause } = one;
    return { traceId, spanId, atMs, user, version, key: signalKey(cause), groupId: result.groupIds[i] ?? '' };
  });
  const found = new Set(rows.map(placeKey));
  const gone = kept.filter((one) => !found.has(placeKey(one)));
  // Before the records, so that after a kill in between the same rows are written again and nothing is missing.
  await telemetry.put(project, rows, gone);
  const { groups, issues: changed, events } = result;
  const dueMs = places.length === tracesAtOnce ? 0 : nowMs + lookAtIssuesEveryMs;
  const look = { place: last, dueMs, groups, issues: changed, events };
  const isWritten = await issues.record(due, look);
  if (isWritten && (changed.length > 0 || gone.length > 0)) feed.publish({ type: 'issues', project });
}

/**
 * Looks at what fails in every project that is due, until nothing waits. Servers share this by holds in the store. A trace has
 * one occurrence of each way to fail, however often it is looked at.
 */
export async function lookAtIssues(deps: IssueLookDeps, stopping: CancelSignal): Promise<void> {
  const { issues, clock, log } = deps;
  const untilMs = Number((await deps.telemetry.now()) / nanosPerMs) - settleMs;
  await workOnDue(
    {
      clock,
      claim: (nowMs) => issues.claim(nowMs, { holdMs, limit: projectsAtOnce, startMs: untilMs - firstMs }),
      work: (due) => lookAt(deps, due, untilMs),
      failed(due, err) {
        log.error({ err, project: due.project }, 'issues could not be looked for; tried again soon');
        const dueMs = wholeMs(clock.now()) + retryMs;
        return issues.record(due, { place: due.place, dueMs, groups: [], issues: [], events: [] });
      },
    },
    stopping,
  );
}
