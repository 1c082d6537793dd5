import {
  idRandomBytes,
  type JsonObject,
  nanosToMs,
  newId,
  type ProjectId,
  type Score,
  spanIdOfClient,
  traceIdOfClient,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type DoorAnswer, type DoorDeps, type DoorRequest, objectBody } from '../vendor-door.ts';
import { Unreadable } from '../vendor-values.ts';
import { changeFeedback, feedbackWire, readFeedback } from './feedback.ts';
import { storeFeedback } from './place-feedback.ts';

const listedFeedback = 10_000;
/** The values of a list travel in a URL. */
const atOnce = 200;

export type FeedbackRoutes = ReturnType<typeof createFeedbackRoutes>;

/** The part of LangSmith's API that is about feedback. */
export function createFeedbackRoutes(deps: DoorDeps) {
  const nowMs = () => nanosToMs(deps.clock.now());
  const nowIso = () => new Date(nowMs()).toISOString();

  function tell(project: ProjectId, scores: readonly Score[]): void {
    const traceIds = [...new Set(scores.flatMap(({ traceId }) => traceId ?? []))];
    if (traceIds.length > 0) deps.feed.publish({ type: 'scores', project, traceIds });
  }

  async function take(body: JsonObject, project: ProjectId): Promise<Score> {
    const id = newId('sc', nowMs(), deps.random.bytes(idRandomBytes));
    const score = await storeFeedback(deps, project, readFeedback(body, { id, createdAt: nowIso() }));
    tell(project, [score]);
    return score;
  }

  async function create(request: DoorRequest): Promise<DoorAnswer> {
    const body = await objectBody(request);
    try {
      return { status: 200, body: feedbackWire(await take(body, request.by.project)) };
    } catch (cause) {
      if (cause instanceof Unreadable)
        throw new WheelhouseError('invalid_request', cause.message, {
          hint: 'Correct the feedback and send it again.',
        });
      throw cause;
    }
  }

  async function one(request: DoorRequest, id: string): Promise<DoorAnswer> {
    const { method, by } = request;
    const { data } = await deps.scores.list(by.project, { ids: [id], limit: 100 });
    const [score] = data;
    if (!score) throw new WheelhouseError('not_found', `There is no feedback ${id.slice(0, 80)}.`);
    if (method === 'GET') return { status: 200, body: feedbackWire(score) };
    if (method === 'DELETE') {
      await deps.scores.remove(by.project, id);
      tell(by.project, data);
      return { status: 200, body: { message: 'Feedback deleted' } };
    }
    const changed = changeFeedback(score, await objectBody(request), nowIso());
    await deps.scores.put(by.project, [changed]);
    tell(by.project, [changed]);
    return { status: 200, body: feedbackWire(changed) };
  }

  /** On the first runs of traces stands what judges whole traces. */
  async function ofRuns(project: ProjectId, runs: string[]): Promise<Score[]> {
    const page = { limit: listedFeedback };
    const whole = await deps.scores.list(project, { ...page, traceIds: runs.map(traceIdOfClient) });
    const within = await deps.scores.list(project, { ...page, spanIds: runs.map(spanIdOfClient) });
    return [...whole.data.filter(({ spanId }) => spanId === null), ...within.data];
  }

  async function list({ by, query }: DoorRequest): Promise<DoorAnswer> {
    const runs = query.getAll('run');
    const keys = query.getAll('key');
    const found = runs.length === 0 ? (await deps.scores.list(by.project, { limit: listedFeedback })).data : [];
    for (let i = 0; i < runs.length; i += atOnce) found.push(...(await ofRuns(by.project, runs.slice(i, i + atOnce))));
    const wanted = found.filter(({ name }) => keys.length === 0 || keys.includes(name));
    const offset = Math.max(0, Math.trunc(Number(query.get('offset') ?? 0)) || 0);
    const limit = Math.min(100, Math.max(1, Math.trunc(Number(query.get('limit') ?? 100)) || 100));
    return { status: 200, body: wanted.slice(offset, offset + limit).map(feedbackWire) };
  }

  return { take, tell, create, one, list };
}
