import type { ScoreStore, SpanFinder } from '@wheelhouse/core/ports';
import {
  type ProjectId,
  type Score,
  type Span,
  type SpanId,
  spanIdOfClient,
  type TraceId,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import type { Feedback } from './feedback.ts';

/**
 * Feedback names a run; a score stands on a trace. LangSmith's clients send runs late and feedback at once, so the run
 * may be unknown yet: its feedback then waits where it would stand were the run the first of its trace, which most are,
 * and moves when the run comes. Each side stores first and looks for the other after, so that one of them finds it.
 */
const waitingPlace = (runId: string): TraceId => traceIdOfClient(runId);

/** Feedback on the first run of a trace judges the whole trace. */
const placed = (score: Score, spanId: SpanId, traceId: TraceId, isFirst: boolean): Score => ({
  ...score,
  traceId,
  spanId: isFirst ? null : spanId,
});

type Stores = { finder: SpanFinder; scores: Pick<ScoreStore, 'put' | 'list' | 'remove'> };

/** Where the run is; null while nobody knows. */
export async function traceOfRun(finder: SpanFinder, project: ProjectId, runId: string): Promise<TraceId | null> {
  const own = waitingPlace(runId);
  if (await finder.hasTrace(project, own)) return own;
  const spanId = spanIdOfClient(runId);
  return (await finder.tracesOf(project, [spanId])).get(spanId) ?? null;
}

/** Resolves with the score as it was stored. */
export async function storeFeedback(stores: Stores, project: ProjectId, feedback: Feedback): Promise<Score> {
  const { score, runId } = feedback;
  const own = waitingPlace(runId);
  const at = (traceId: TraceId) => placed(score, spanIdOfClient(runId), traceId, traceId === own);
  const store = async (stored: Score) => {
    await stores.scores.put(project, [stored]);
    return stored;
  };
  const traceId = feedback.traceId ?? (await traceOfRun(stores.finder, project, runId));
  if (traceId !== null) return store(at(traceId));
  const waiting = await store(at(own));
  const found = await traceOfRun(stores.finder, project, runId);
  if (found === null || found === own) return waiting;
  const moved = await store(at(found));
  await stores.scores.remove(project, score.id, own);
  return moved;
}

/** The values of a list travel in a URL. */
const atOnce = 200;

/** Moves what waited for these runs, which are stored, to where they are; resolves with the scores that moved. */
export async function moveFeedback(
  { scores }: Stores,
  project: ProjectId,
  runs: readonly { id: string; span: Span }[],
): Promise<Score[]> {
  const byPlace = new Map(runs.map((run) => [waitingPlace(run.id), run]));
  const places = [...byPlace].flatMap(([place, { span }]) => (span.traceId === place ? [] : [place]));
  const moved: Score[] = [];
  for (let i = 0; i < places.length; i += atOnce) {
    const { data } = await scores.list(project, { traceIds: places.slice(i, i + atOnce), limit: 10_000 });
    for (const score of data) {
      const run = score.traceId === null ? undefined : byPlace.get(score.traceId);
      if (run && score.traceId) moved.push(await move(score, score.traceId, run.span));
    }
  }
  return moved;

  async function move(score: Score, from: TraceId, span: Span): Promise<Score> {
    const there = placed(score, span.spanId, span.traceId, false);
    await scores.put(project, [there]);
    await scores.remove(project, score.id, from);
    return there;
  }
}
