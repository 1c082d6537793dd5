import {
  asksModels,
  createScorer,
  type Judge,
  type JudgingWorld,
  judgeCost,
  type Scorer,
  scoreAnswer,
} from '@wheelhouse/core/eval';
import type { CancelSignal, Clock, SchemaChecker, ScoreStore, Timer } from '@wheelhouse/core/ports';
import {
  contentHash,
  type JsonObject,
  type NamedScoring,
  nanosToMs,
  type ProjectId,
  type Score,
  type ScoreId,
  type ScorerResult,
} from '@wheelhouse/core/records';
import { type ReadTarget, targetId } from './read-targets.ts';

export type ScoreTargetsDeps = {
  scores: Pick<ScoreStore, 'list'>;
  clock: Clock;
  timer: Timer;
  checker: SchemaChecker;
  /** What scorers ask, in the name of a project. */
  scoringOf(project: ProjectId): JudgingWorld;
};

/** Scored at one time. */
const concurrency = 4;

/** The same scorer on the same target has one score of a name, however often it is asked for. */
export const scoreIdOf = ({ name, label }: NamedScoring, target: string) =>
  `scorer:${contentHash([name, label, target]).slice(0, 32)}` as ScoreId;

export type Wanted = { target: ReadTarget; scorers: NamedScoring[] };

/** What is not scored yet, and how many scores are there. */
export async function missingScores(
  { scores }: Pick<ScoreTargetsDeps, 'scores'>,
  { project, scorers, targets }: { project: ProjectId; scorers: NamedScoring[]; targets: readonly ReadTarget[] },
): Promise<{ wanted: Wanted[]; kept: number }> {
  const ids = targets.flatMap((target) => scorers.map((scorer) => scoreIdOf(scorer, targetId(target))));
  const there = new Map<string, JsonObject>();
  for (let from = 0; from < ids.length; from += 100) {
    const some = ids.slice(from, from + 100);
    const { data } = await scores.list(project, { ids: some, limit: some.length });
    for (const { id, metadata } of data) there.set(id, metadata);
  }
  // What is said of a session counts for what it was then.
  const isThere = (target: ReadTarget, scorer: NamedScoring) => {
    const found = there.get(scoreIdOf(scorer, targetId(target)));
    return found !== undefined && (target.until === null || found.until === target.until);
  };
  let kept = 0;
  const wanted = targets.map((target) => {
    const open = scorers.filter((scorer) => !isThere(target, scorer));
    kept += scorers.length - open.length;
    return { target, scorers: open };
  });
  return { wanted: wanted.filter((one) => one.scorers.length > 0), kept };
}

export type Said = NamedScoring & { target: ReadTarget; result: ScorerResult };

/** A score of what a scorer said; null: it said nothing. */
export function scoreOf(
  { clock }: Pick<ScoreTargetsDeps, 'clock'>,
  { target, name, label, result }: Said,
  why: JsonObject,
): Score | null {
  if (!result.ok) return null;
  const { score, label: word, reason, feedback, calls } = result;
  const { traceId, spanId, sessionId, until } = target;
  return {
    ...{ id: scoreIdOf({ name, label }, targetId(target)), traceId, spanId, sessionId, name },
    value: score ?? word ?? '',
    comment: reason,
    metadata: {
      ...{ scorer: label, ...why },
      ...(until === null ? {} : { until }),
      ...(word === null ? {} : { label: word }),
      ...(feedback === null ? {} : { feedback }),
      ...(calls === null ? {} : { calls }),
    },
    source: asksModels(label) ? 'judge' : 'code',
    createdAt: new Date(nanosToMs(clock.now())).toISOString(),
  };
}

/**
 * What scorers say of targets, a few at one time, until all are scored or judges cost what they may. `left`: so many
 * targets were not scored because of that.
 */
export async function scoreTargets(
  deps: ScoreTargetsDeps,
  ask: { project: ProjectId; wanted: readonly Wanted[]; leftNanoUsd: bigint | null; signal: CancelSignal },
): Promise<{ said: Said[]; cost: bigint; left: number }> {
  const { project, wanted, leftNanoUsd, signal } = ask;
  const world = deps.scoringOf(project);
  const scorers = new Map<string, Scorer>();
  for (const { label } of wanted.flatMap((one) => one.scorers))
    if (!scorers.has(label)) scorers.set(label, createScorer(label, deps));
  const said: Said[] = [];
  let cost = 0n;
  const isSpent = () => leftNanoUsd !== null && cost >= leftNanoUsd;
  const waiting = [...wanted];
  const work = async () => {
    for (let next = waiting.shift(); next && !signal.aborted; next = isSpent() ? undefined : waiting.shift()) {
      const { target } = next;
      const judge =
        (scorer: Scorer): Judge =>
        (_, at) =>
          scorer(target.target, { ...world, signal: at });
      const judges = new Map(next.scorers.map(({ label }) => [label, judge(scorers.get(label) as Scorer)] as const));
      const results = await scoreAnswer(deps, judges, { target: { ...target.target, traceId: null }, signal });
      cost += judgeCost(results);
      for (const scorer of next.scorers)
        said.push({ ...scorer, target, result: results[scorer.label] as ScorerResult });
    }
  };
  if (!isSpent()) await Promise.all(Array.from({ length: concurrency }, work));
  if (signal.aborted) throw signal.reason;
  return { said, cost, left: waiting.length };
}
