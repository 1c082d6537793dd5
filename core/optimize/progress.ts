import { candidateHash } from '../program/index.ts';
import {
  type CandidateScore,
  type JsonObject,
  type MeasuredScore,
  noOptimizationProgress,
  type OptimizationCandidate,
  type OptimizationPoint,
  type OptimizationProgress,
  type OptimizationReport,
  type OptimizationSpent,
} from '../records/index.ts';
import type { Spent } from './budget.ts';
import type { CompileEvent, ScoreNote } from './events.ts';
import type { CompileReport } from './report.ts';
import { failureOf } from './state.ts';

/** More of them would say nothing more to people, and make a record without bounds. */
const mostCandidates = 1000;
const mostPoints = 400;

const recordedSpent = ({ costNanoUsd, ...spent }: Spent): OptimizationSpent => ({
  ...spent,
  costNanoUsd: costNanoUsd === null ? null : String(costNanoUsd),
});

const measured = ({ score, rows, interval }: ScoreNote): MeasuredScore => ({
  ...{ value: score, rows, low: interval?.low ?? null, high: interval?.high ?? null },
});

/** Half of the points that are no new best go when there are too many; the first and the last stay. */
function thinned(points: readonly OptimizationPoint[]): OptimizationPoint[] {
  if (points.length <= mostPoints) return [...points];
  const fewer = points.filter(
    ({ best }, i) => i % 2 === 0 || i === points.length - 1 || best > (points[i - 1]?.best ?? -1),
  );
  return fewer.length <= mostPoints ? fewer : fewer.slice(-mostPoints);
}

/** What is known of a candidate, with one more score of it. */
function withScore(known: CandidateScore | undefined, note: ScoreNote): CandidateScore {
  const { score = null, minibatch = null } = known ?? {};
  const { calls, costNanoUsd, latencyMs } = note;
  // What a score on all rows took goes over what one on a part of them did.
  const took = note.scope === 'minibatch' && score !== null && known ? known : { calls, costNanoUsd, latencyMs };
  return {
    ...(note.scope === 'validation' ? { score: measured(note), minibatch } : { score, minibatch: measured(note) }),
    ...{ calls: took.calls, costNanoUsd: took.costNanoUsd, latencyMs: took.latencyMs },
  };
}

/**
 * Folds what the compiler tells into what a record says of it. The same events make the same record, so a search that is
 * repeated from its state tells nothing else than before.
 */
export function createProgress() {
  const now: OptimizationProgress = noOptimizationProgress();
  const known = new Set<string>();
  let news: OptimizationCandidate[] = [];

  function add(candidate: OptimizationCandidate): void {
    if (known.has(candidate.id) || known.size >= mostCandidates) return;
    known.add(candidate.id);
    news.push(candidate);
  }

  function score(note: ScoreNote & { spent: Spent }): void {
    const { id, scope, spent } = note;
    if (known.has(id)) now.scores[id] = withScore(now.scores[id], note);
    if (scope !== 'validation') return;
    const before = now.points.at(-1)?.best ?? null;
    const isBest = before === null || note.score > before;
    if (isBest) now.bestId = id;
    const { calls, costNanoUsd, minutes } = recordedSpent(spent);
    const best = isBest ? note.score : before;
    now.points = thinned([...now.points, { calls, costNanoUsd, minutes, score: note.score, best, candidateId: id }]);
  }

  return {
    see(event: CompileEvent): void {
      now.spend = recordedSpent(event.spent);
      switch (event.type) {
        case 'began': {
          const { program, train, validation, heldOut } = event;
          const id = candidateHash(program);
          Object.assign(now, { phase: 'measuring', rows: { train, validation, heldOut }, startId: id });
          add({ id, by: 'start', parents: [], changed: [], instances: program as unknown as JsonObject });
          break;
        }
        case 'asked': {
          const failure = failureOf(event.entry);
          if (failure) now.failures[failure.of]++;
          now.failures.first ??= failure?.message ?? null;
          const isHeldOut = event.entry.kind === 'run' && event.entry.key.includes(':held_out:');
          if (now.phase === 'measuring' && !isHeldOut) now.phase = 'searching';
          break;
        }
        case 'candidate': {
          const { id, by, parents, changes, candidate } = event;
          const changed = changes.map(({ path, member }) => `${path} ${member}`.trim());
          now.phase = 'searching';
          add({ id, by, parents: [...parents], changed, instances: candidate as unknown as JsonObject });
          break;
        }
        case 'scored':
          score(event);
          break;
        case 'front':
          now.front = { rows: event.rows, members: event.members };
          break;
        case 'stopped':
          now.phase = 'comparing';
          break;
        case 'compared':
          now.phase = null;
          // What was never scored, and yet is what the search came to.
          now.bestId ??= event.best;
      }
    },
    now: (): OptimizationProgress => ({ ...now, scores: { ...now.scores } }),
    /** Candidates that came since the last time. */
    news(): OptimizationCandidate[] {
      const some = news;
      news = [];
      return some;
    },
  };
}

/** The report of a compilation as a record has it. */
export function recordedReport({ candidates: _, before, after, spent, ...report }: CompileReport): OptimizationReport {
  const side = (one: CompileReport['before']) => ({ ...one, spent: recordedSpent(one.spent) });
  const { search, comparison, total } = spent;
  return {
    ...report,
    ...{ before: side(before), after: after && side(after) },
    spent: {
      ...{ search: recordedSpent(search), comparison: recordedSpent(comparison), total: recordedSpent(total) },
    },
  };
}
