import {
  asksModels,
  createScorer,
  type Judge,
  type JudgingWorld,
  judgeCost,
  type Scorer,
  scoreAnswer,
} from '@wheelhouse/core/eval';
import {
  type CancelSignal,
  type Clock,
  type JobQueue,
  type LiveFeed,
  type SchemaChecker,
  type ScoreStore,
  type ScoringStore,
  type Timer,
  workInSteps,
} from '@wheelhouse/core/ports';
import {
  contentHash,
  formatUsd,
  type NamedScoring,
  nanosToMs,
  type ProjectId,
  type Score,
  type ScoreId,
  type ScorerResult,
  type Scoring,
  type ScoringProgress,
  type TraceId,
} from '@wheelhouse/core/records';
import { filterOf, type ReadTarget, readTargets, type TargetDeps } from './read-targets.ts';

export type ScoringWorkerDeps = TargetDeps & {
  scorings: ScoringStore;
  scores: Pick<ScoreStore, 'put' | 'list'>;
  jobs: JobQueue;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  timer: Timer;
  checker: SchemaChecker;
  /** What scorers ask, in the name of a project. */
  scoringOf(project: ProjectId): JudgingWorld;
  log: { error(fields: object, message: string): void };
};

export const scoringQueue = 'scoring';
export type ScoringJob = { project: ProjectId; id: string };

/** Looked at in one step, which is done again after a kill. */
const targetsAtOnce = 20;
/** Scored at one time. */
const concurrency = 4;
const problemsKept = 20;
/** The place after the last page. */
const end = 'end';

/** The same scorer on the same trace has one score, however often it is asked for. */
const scoreIdOf = (label: string, target: string) => `scorer:${contentHash([label, target]).slice(0, 32)}` as ScoreId;

type Wanted = { target: ReadTarget; scorers: NamedScoring[] };

/** What is not scored yet, and how many scores are there. */
async function missing(
  { scores }: ScoringWorkerDeps,
  { project, scoring, targets }: { project: ProjectId; scoring: Scoring; targets: readonly ReadTarget[] },
): Promise<{ wanted: Wanted[]; kept: number }> {
  const ids = targets.flatMap(({ id }) => scoring.scorers.map(({ label }) => scoreIdOf(label, id)));
  const there = new Set<string>();
  for (let from = 0; from < ids.length; from += 100) {
    const some = ids.slice(from, from + 100);
    const { data } = await scores.list(project, { ids: some, limit: some.length });
    for (const { id } of data) there.add(id);
  }
  const wanted = targets.map((target) => ({
    target,
    scorers: scoring.scorers.filter(({ label }) => !there.has(scoreIdOf(label, target.id))),
  }));
  return { wanted: wanted.filter(({ scorers }) => scorers.length > 0), kept: there.size };
}

type Said = { name: string; label: string; result: ScorerResult };

/** A score of what a scorer said; null: it said nothing. */
function scoreOf(
  deps: ScoringWorkerDeps,
  scoring: Scoring,
  target: string,
  { name, label, result }: Said,
): Score | null {
  if (!result.ok) return null;
  const { score, label: word, reason, feedback, calls } = result;
  return {
    id: scoreIdOf(label, target),
    traceId: scoring.of === 'traces' ? (target as TraceId) : null,
    spanId: null,
    sessionId: scoring.of === 'sessions' ? target : null,
    name,
    value: score ?? word ?? '',
    comment: reason,
    metadata: {
      ...{ scorer: label, scoring: scoring.id },
      ...(word === null ? {} : { label: word }),
      ...(feedback === null ? {} : { feedback }),
      ...(calls === null ? {} : { calls }),
    },
    source: asksModels(label) ? 'judge' : 'code',
    createdAt: new Date(nanosToMs(deps.clock.now())).toISOString(),
  };
}

/** Scores targets, a few at one time, until all are or the cap is reached. */
async function scoreAll(
  deps: ScoringWorkerDeps,
  { project, scoring, signal }: { project: ProjectId; scoring: Scoring; signal: CancelSignal },
  wanted: readonly Wanted[],
) {
  const world = deps.scoringOf(project);
  const scorers = new Map(scoring.scorers.map(({ label }) => [label, createScorer(label, deps)] as const));
  const cap = scoring.capNanoUsd === null ? null : BigInt(scoring.capNanoUsd);
  const made: Score[] = [];
  const problems: ScoringProgress['problems'] = [];
  let cost = 0n;
  const isSpent = () => cap !== null && BigInt(scoring.progress.costNanoUsd) + cost >= cap;
  const waiting = [...wanted];
  const work = async () => {
    for (let next = waiting.shift(); next && !signal.aborted; next = isSpent() ? undefined : waiting.shift()) {
      const { id, target } = next.target;
      const judge =
        (scorer: Scorer): Judge =>
        (_, at) =>
          scorer(target, { ...world, signal: at });
      const judges = new Map(next.scorers.map(({ label }) => [label, judge(scorers.get(label) as Scorer)] as const));
      const said = await scoreAnswer(deps, judges, { target: { ...target, traceId: null }, signal });
      cost += judgeCost(said);
      for (const { name, label } of next.scorers) {
        const result = said[label] as ScorerResult;
        const score = scoreOf(deps, scoring, id, { name, label, result });
        if (score) made.push(score);
        else if (!result.ok) problems.push({ target: id, scorer: name, error: result.error });
      }
    }
  };
  if (!isSpent()) await Promise.all(Array.from({ length: concurrency }, work));
  if (signal.aborted) throw signal.reason;
  return { made, problems, cost, isSpent: isSpent() && waiting.length > 0 };
}

/**
 * Scores traces and sessions that are there, a page at a time. A score's id is that of the scorer and the target, so
 * what was scored before, by this or an earlier one, costs nothing again, and a page that is done twice after a kill gives
 * the same scores.
 */
export async function startScoringWorker(deps: ScoringWorkerDeps): Promise<void> {
  const { scorings, scores, feed } = deps;

  async function step({ project, id }: ScoringJob, signal: CancelSignal): Promise<boolean> {
    const scoring = await scorings.get(project, id);
    if (!scoring || scoring.finishedAt !== null) return false;
    const { progress, of, q, nowNs, sample, most, total } = scoring;
    if (progress.after === end || progress.done >= most) {
      await scorings.finish(id, 'completed');
      return false;
    }
    const ask = { of, filter: filterOf(q), nowNs, sample, limit: targetsAtOnce, after: progress.after };
    const page = await readTargets(deps, project, ask);
    const targets = page.targets.slice(0, most - progress.done);
    const { wanted, kept } = await missing(deps, { project, scoring, targets });
    const { made, problems, cost, isSpent } = await scoreAll(deps, { project, scoring, signal }, wanted);
    if (made.length > 0) {
      await scores.put(project, made);
      const traceIds = made.flatMap(({ traceId }) => traceId ?? []);
      if (traceIds.length > 0) feed.publish({ type: 'scores', project, traceIds });
    }
    const spent = BigInt(progress.costNanoUsd) + cost;
    const done = progress.done + (isSpent ? 0 : targets.length);
    const goesOn = await scorings.advance(id, {
      ...{ done, scored: progress.scored + made.length, kept: progress.kept + kept },
      ...{ failed: progress.failed + problems.length, costNanoUsd: String(spent) },
      problems: [...progress.problems, ...problems].slice(0, problemsKept),
      after: isSpent ? progress.after : (page.next ?? end),
    });
    if (!isSpent) return goesOn;
    const reason = `It reached its cap after ${formatUsd(spent)}, at ${done} of ${total}. Ask again with a higher one: what is scored is not scored again.`;
    await scorings.finish(id, 'failed', reason);
    return false;
  }

  async function givenUp(payload: object): Promise<void> {
    const { id } = payload as ScoringJob;
    deps.log.error({ scoring: id }, 'a scoring was given up');
    await scorings.finish(id, 'failed', "It failed several times in a row; the server's log says why.");
  }

  await workInSteps<ScoringJob>(deps, {
    ...{ queue: scoringQueue, givenUp },
    begin: (job, signal) => ({ step: () => step(job, signal) }),
  });
}
