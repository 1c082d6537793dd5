import {
  type CancelSignal,
  type JobQueue,
  type LiveFeed,
  type ScoreStore,
  type ScoringStore,
  workInSteps,
} from '@wheelhouse/core/ports';
import { formatUsd, type ProjectId } from '@wheelhouse/core/records';
import { filterOf, readTargets, type TargetDeps, targetId } from './read-targets.ts';
import { missingScores, type ScoreTargetsDeps, scoreOf, scoreTargets } from './score-targets.ts';

export type ScoringWorkerDeps = TargetDeps &
  ScoreTargetsDeps & {
    scorings: ScoringStore;
    scores: Pick<ScoreStore, 'put' | 'list'>;
    jobs: JobQueue;
    feed: Pick<LiveFeed, 'publish'>;
    log: { error(fields: object, message: string): void };
  };

export const scoringQueue = 'scoring';
export type ScoringJob = { project: ProjectId; id: string };

/** Looked at in one step, which is done again after a kill; of spans the traces that they are of. */
const targetsAtOnce = 20;
const tracesAtOnce = 3;
const problemsKept = 20;
/** The place after the last page. */
const end = 'end';

/**
 * Scores traces, spans and sessions that are there, a page at a time. A score's id is that of the scorer and the target, so
 * what was scored before, by this or an earlier one, costs nothing again, and a page that is done twice after a kill gives
 * the same scores.
 */
export async function startScoringWorker(deps: ScoringWorkerDeps): Promise<void> {
  const { scorings, scores, feed } = deps;

  async function step({ project, id }: ScoringJob, signal: CancelSignal): Promise<boolean> {
    const scoring = await scorings.get(project, id);
    if (!scoring || scoring.finishedAt !== null) return false;
    const { progress, of, span, q, nowNs, sample, most, total } = scoring;
    if (progress.after === end || progress.done >= most) {
      await scorings.finish(id, 'completed');
      return false;
    }
    const limit = of === 'spans' ? tracesAtOnce : targetsAtOnce;
    const ask = { of, span, filter: filterOf(q), nowNs, sample, limit, after: progress.after };
    const page = await readTargets(deps, project, ask);
    const targets = page.targets.slice(0, most - progress.done);
    const { wanted, kept } = await missingScores(deps, { project, scorers: scoring.scorers, targets });
    const cap = scoring.capNanoUsd;
    const leftNanoUsd = cap === null ? null : BigInt(cap) - BigInt(progress.costNanoUsd);
    const { said, cost, left } = await scoreTargets(deps, { project, wanted, leftNanoUsd, signal });
    const isSpent = left > 0;
    const made = said.flatMap((one) => scoreOf(deps, one, { scoring: id }) ?? []);
    const problems = said.flatMap(({ target, name, result }) =>
      result.ok ? [] : [{ target: targetId(target), scorer: name, error: result.error }],
    );
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
