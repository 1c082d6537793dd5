import { asksModels, isUnanswered } from '@wheelhouse/core/eval';
import type { CancelSignal, OnlineTelemetry, ScoreStore, SearchedTrace, TraceQueries } from '@wheelhouse/core/ports';
import { allOf, selects } from '@wheelhouse/core/query';
import {
  addCounts,
  type Filter,
  isCopyRun,
  isSpent,
  judgeTag,
  type Nanos,
  type OnlineCounts,
  type OnlineEvaluation,
  type OnlineLook,
  type OnlinePlace,
  type OnlineRetry,
  onDay,
  type ProjectId,
  type Score,
  type TraceId,
} from '@wheelhouse/core/records';
import { filterOf, isSampled, type ReadTarget, targetId } from '../scoring/read-targets.ts';
import { missingScores, type Said, type ScoreTargetsDeps, scoreOf, scoreTargets } from '../scoring/score-targets.ts';
import { readFollowUps } from './follow-ups.ts';
import { type OnlineTargetDeps, readOnlineTargets } from './online-targets.ts';

export type OnlineLookDeps = OnlineTargetDeps &
  ScoreTargetsDeps & {
    telemetry: OnlineTelemetry;
    /** By the clock of telemetry. */
    storeNow(): Promise<Nanos>;
    queries: Pick<TraceQueries, 'list' | 'sessions' | 'tracesOfSession' | 'facets' | 'searched'>;
    scores: Pick<ScoreStore, 'put' | 'list'>;
  };

/** What was inserted before is there to be read, and has its line in lists. */
const settleMs = 2_000;
/** One look reads no more places, and goes no further after this time. */
const placesAtOnce = 500;
const longestMs = 20_000;
const targetsAtOnce = 20;
/** A trace that has no line in lists for so long will have none. */
const linelessMs = 600_000;
const retriesAtOnce = 10;
const retriesKept = 100;
const problemsKept = 20;
/** What could not be scored is tried again after these. */
const retryMs = [60_000, 600_000, 3_600_000];

const isFree = ({ scorers }: OnlineEvaluation) => !scorers.some(({ label }) => asksModels(label));
const plus = (look: OnlineLook, counts: Partial<OnlineCounts>): OnlineLook => ({
  ...look,
  today: addCounts(look.today, counts),
  total: addCounts(look.total, counts),
});

type Fitting = { place: OnlinePlace; id: string };
type Place = { project: ProjectId; online: OnlineEvaluation };

/** Copies of calls stand beside the calls themselves, so they are scored as those are. */
const asTraffic = (line: SearchedTrace): SearchedTrace => (isCopyRun(line.runId) ? { ...line, runId: null } : line);

/**
 * Those of the places that fit, and up to where that is known: a trace whose line is not there yet is waited for, with all
 * behind it.
 */
async function fittingOf(
  { queries }: Pick<OnlineLookDeps, 'queries'>,
  { project, online }: Place,
  { places, nowMs }: { places: readonly OnlinePlace[]; nowMs: number },
): Promise<{ fitting: Fitting[]; until: OnlinePlace | null }> {
  const last = places.at(-1) ?? null;
  const sampled = places.filter(({ id }) => isSampled(id, online.sample));
  if (sampled.length === 0) return { fitting: [], until: last };
  const filter = filterOf(online.q);
  const nowNs = BigInt(nowMs) * 1_000_000n;
  const ids = sampled.map(({ id }) => id);
  const waitsFor = (isKnown: (id: string) => boolean) =>
    sampled.findIndex(({ id, ms }) => !isKnown(id) && ms > nowMs - linelessMs);
  const upTo = (missing: number) => ({
    known: missing < 0 ? sampled : sampled.slice(0, missing),
    until: missing < 0 ? last : (sampled[missing - 1] ?? null),
  });
  if (online.of === 'sessions') {
    const named: Filter = { type: 'is', field: 'session', patterns: ids.map((id) => [id]) };
    const read = async (of: Filter[]) => {
      const ask = { filter: allOf([...of, named]), nowNs, limit: placesAtOnce };
      return new Set((await queries.sessions(project, ask)).data.map(({ sessionId }) => sessionId));
    };
    const there = await read([]);
    const { known, until } = upTo(waitsFor((id) => there.has(id)));
    const fit = await read([filter]);
    return { fitting: known.flatMap((place) => (fit.has(place.id) ? { place, id: place.id } : [])), until };
  }
  const lines = new Map(
    (await queries.searched(project, ids as TraceId[])).map((line) => [line.traceId as string, line]),
  );
  const { known, until } = upTo(waitsFor((id) => lines.has(id)));
  const fitting = known.flatMap((place) => {
    const line = lines.get(place.id);
    // What judges is not judged.
    if (line === undefined || line.tags.includes(judgeTag) || !selects(asTraffic(line), filter, nowNs)) return [];
    return { place, id: place.id };
  });
  return { fitting, until };
}

type Scored = {
  counts: Partial<OnlineCounts>;
  made: Score[];
  failed: Said[];
  /** Somebody was asked, and nobody answered. */
  isAway: boolean;
};

/** Scores what is not scored yet, and keeps the scores. */
async function score(
  deps: OnlineLookDeps,
  { project, online }: Place,
  ask: { targets: ReadTarget[]; leftNanoUsd: bigint | null; signal: CancelSignal },
): Promise<Scored> {
  const { targets, leftNanoUsd, signal } = ask;
  const { wanted, kept } = await missingScores(deps, { project, scorers: online.scorers, targets });
  const { said, cost, left } = await scoreTargets(deps, { project, wanted, leftNanoUsd, signal });
  const why = { online: online.name, version: online.version };
  const made = said.flatMap((one) => scoreOf(deps, one, why) ?? []);
  if (made.length > 0) await deps.scores.put(project, made);
  const judged = said.filter(({ label }) => asksModels(label));
  return {
    counts: {
      ...{ looked: targets.length - left, skipped: left, scored: made.length, kept, costNanoUsd: String(cost) },
      unpriced: said.filter(({ result: { calls } }) => calls !== null && calls.costNanoUsd === null).length,
    },
    made,
    failed: said.filter(({ result }) => !result.ok),
    isAway: judged.length > 0 && judged.every(({ result }) => isUnanswered(result)),
  };
}

/** What could not be scored is noted, to be tried again or given up. */
function withFailures(look: OnlineLook, failed: readonly Said[], nowMs: number): OnlineLook {
  if (failed.length === 0) return look;
  const at = new Date(nowMs).toISOString();
  const problems = failed.map(({ target, name, result }) => ({
    ...{ target: targetId(target), scorer: name, error: result.ok ? '' : result.error, at },
  }));
  const retries = new Map(look.retries.map((one) => [one.target, one]));
  let givenUp = 0;
  for (const target of new Set(problems.map((one) => one.target))) {
    const attempts = (retries.get(target)?.attempts ?? 0) + 1;
    const wait = retryMs[attempts - 1];
    const hasRoom = retries.has(target) || retries.size < retriesKept;
    if (wait !== undefined && hasRoom) retries.set(target, { target, attempts, dueMs: nowMs + wait });
    else {
      retries.delete(target);
      givenUp += problems.filter((one) => one.target === target).length;
    }
  }
  const kept = [...problems, ...look.problems].slice(0, problemsKept);
  return plus({ ...look, problems: kept, retries: [...retries.values()] }, { failed: givenUp });
}

const leftOf = ({ budgetNanoUsd }: OnlineEvaluation, { today }: OnlineLook): bigint | null =>
  budgetNanoUsd === null ? null : BigInt(budgetNanoUsd) - BigInt(today.costNanoUsd);

type Going = { deps: OnlineLookDeps; of: Place; signal: CancelSignal; nowMs: number };

/** What failed before and is due. */
async function retry({ deps, of, signal, nowMs }: Going, look: OnlineLook): Promise<[OnlineLook, Score[]]> {
  const due = look.retries.filter(({ dueMs }) => dueMs <= nowMs).slice(0, retriesAtOnce);
  if (due.length === 0 || look.failingSince !== null || isSpent(of.online, look)) return [look, []];
  const targets = await readOnlineTargets(deps, of.project, {
    ids: due.map(({ target }) => target),
    online: of.online,
  });
  const { counts, failed, made } = await score(deps, of, { targets, leftNanoUsd: leftOf(of.online, look), signal });
  const still = new Set(failed.map(({ target }) => targetId(target)));
  const isLeft = ({ target }: OnlineRetry) => !due.some((one) => one.target === target) || still.has(target);
  const { looked: _, ...rest } = counts;
  return [withFailures(plus({ ...look, retries: look.retries.filter(isLeft) }, rest), failed, nowMs), made];
}

/** A follow-up asks nobody, so that nothing of it can fail or cost. */
async function scoreFollowUps({ deps, of }: Going, some: readonly Fitting[]): Promise<Scored> {
  const ids = some.map(({ id }) => id as TraceId);
  const { made, looked } = await readFollowUps(deps, of.project, { ids, online: of.online });
  if (made.length > 0) await deps.scores.put(of.project, made);
  return { counts: { looked, scored: made.length }, made, failed: [], isAway: false };
}

async function scoreSome(going: Going, some: readonly Fitting[], look: OnlineLook): Promise<Scored> {
  const { deps, of, signal } = going;
  if (of.online.of === 'follow_ups') return scoreFollowUps(going, some);
  const targets = await readOnlineTargets(deps, of.project, { ids: some.map(({ id }) => id), online: of.online });
  return score(deps, of, { targets, leftNanoUsd: leftOf(of.online, look), signal });
}

export type Looked = { look: OnlineLook; scores: Score[]; isMore: boolean };

/**
 * Looks at what arrived behind the place where it is, a few at one time, and says how far it came. Scores are kept before
 * the place moves, under ids of their own, so that what is looked at twice after a kill is paid once. Where no judge answers
 * at all the place stays, and what arrives waits.
 * @param options.went is asked between steps: false ends the look without a result
 */
export async function lookAtOnline(
  deps: OnlineLookDeps,
  of: Place,
  { nowMs, signal, went }: { nowMs(): number; signal: CancelSignal; went(): Promise<boolean> },
): Promise<Looked | null> {
  const { project, online } = of;
  const startedMs = nowMs();
  const going: Going = { deps, of, signal, nowMs: startedMs };
  const untilMs = Number((await deps.storeNow()) / 1_000_000n) - settleMs;
  let look: OnlineLook = { ...onDay(online.look, startedMs), at: new Date(startedMs).toISOString(), problem: null };
  const scores: Score[] = [];
  const [retried, again] = await retry(going, look);
  look = retried;
  scores.push(...again);
  const waitMs = online.waitSeconds * 1_000;
  const ask = { of: online.of === 'spans' ? ('traces' as const) : online.of, after: look.place, untilMs, waitMs };
  const places = await deps.telemetry.arrived(project, { ...ask, limit: placesAtOnce });
  const { fitting, until } = await fittingOf(deps, of, { places, nowMs: startedMs + settleMs });
  const failing = ({ counts, failed }: Scored): Looked => {
    const why = failed.find(({ result }) => isUnanswered(result))?.result;
    const { looked: _, ...rest } = counts;
    const failingSince = look.failingSince ?? new Date(startedMs).toISOString();
    const problem = why && !why.ok ? why.error : null;
    const after = { ...plus(look, rest), problem, failingSince, failures: look.failures + 1 };
    return { look: after, scores, isMore: false };
  };
  // While nobody answers, the first that waits is asked about, and the newest: one of them alone may be at fault.
  const isProbing = look.failingSince !== null && fitting.length > 0 && !isSpent(online, look);
  if (isProbing) {
    const probes = [...new Set([fitting[0] as Fitting, fitting.at(-1) as Fitting])];
    const done = await scoreSome(going, probes, look);
    scores.push(...done.made);
    if (done.isAway) return failing(done);
    const { looked: _, ...rest } = done.counts;
    look = plus({ ...look, failingSince: null, failures: 0 }, rest);
  }
  let isWhole = true;
  for (let at = 0; at < fitting.length; ) {
    if (signal.aborted || !(await went())) return null;
    const some = fitting.slice(at, at + targetsAtOnce);
    const last = some.at(-1) as Fitting;
    at += some.length;
    if (!isFree(online) && isSpent(online, look)) {
      // What comes when nothing is left to spend is counted, and left.
      look = plus({ ...look, place: last.place }, { skipped: some.length });
      continue;
    }
    const done = await scoreSome(going, some, look);
    scores.push(...done.made);
    if (done.isAway && !isProbing) return failing(done);
    const scored = plus({ ...look, place: last.place }, done.counts);
    look = withFailures(scored, done.failed, startedMs);
    if (nowMs() - startedMs > longestMs && at < fitting.length) {
      isWhole = false;
      break;
    }
  }
  if (isWhole && until !== null) look = { ...look, place: until };
  if (look.failingSince === null) look = { ...look, failures: 0 };
  if (scores.length > 0) look = { ...look, lastScoreAt: new Date(nowMs()).toISOString() };
  const isFull = places.length === placesAtOnce && until === places.at(-1);
  return { look, scores, isMore: !isWhole || isFull };
}
