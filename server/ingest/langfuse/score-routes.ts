import {
  idRandomBytes,
  isJsonObject,
  type Json,
  nanosToMs,
  newId,
  type ProjectId,
  type Score,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type DoorAnswer, type DoorDeps, type DoorRequest, jsonOf } from '../vendor-door.ts';
import { checkDepth, readTime, Unreadable } from '../vendor-values.ts';
import { readScore } from './read-score.ts';
import { readScoreQuery, scoreWire } from './score-wire.ts';

/** The newest scores that pages with numbers go through. */
const listedScores = 10_000;

export type ScoreRoutes = ReturnType<typeof createScoreRoutes>;

/** The part of Langfuse's API that is about scores. */
export function createScoreRoutes(deps: DoorDeps) {
  function tell(project: ProjectId, scores: readonly Score[]): void {
    const traceIds = [...new Set(scores.flatMap(({ traceId }) => traceId ?? []))];
    if (traceIds.length > 0) deps.feed.publish({ type: 'scores', project, traceIds });
  }

  async function put(project: ProjectId, scores: Score[]): Promise<void> {
    if (scores.length === 0) return;
    await deps.scores.put(project, scores);
    tell(project, scores);
  }

  function read(body: Json): Score {
    if (!isJsonObject(body)) throw new Unreadable('no score', 'A score is an object.');
    checkDepth(body);
    const reportedNs = readTime(body.timestamp) ?? deps.clock.now();
    const id = newId('sc', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
    return readScore(body, { id, reportedNs });
  }

  async function createMany(list: Json[], project: ProjectId): Promise<DoorAnswer> {
    const errors: { message: string }[] = [];
    const scores = list.flatMap((body): Score[] => {
      try {
        return [read(body)];
      } catch (cause) {
        if (!(cause instanceof Unreadable)) throw cause;
        errors.push({ message: cause.message });
        return [];
      }
    });
    await put(project, scores);
    if (errors.length === 0) return { status: 202, body: { message: 'Accepted' } };
    return { status: 207, body: { accepted: scores.length, rejected: errors.length, errors } };
  }

  async function one({ by }: DoorRequest, id: string): Promise<{ score: Score; all: Score[] }> {
    const { data } = await deps.scores.list(by.project, { ids: [id], limit: 100 });
    const [score] = data;
    if (score) return { score, all: data };
    throw new WheelhouseError('not_found', `There is no score ${id.slice(0, 80)}.`);
  }

  return {
    put,

    /** One score, or a list of them, as newer clients send. */
    async create(request: DoorRequest): Promise<DoorAnswer> {
      const body = jsonOf(await request.body());
      if (Array.isArray(body)) return createMany(body, request.by.project);
      try {
        const score = read(body);
        await put(request.by.project, [score]);
        return { status: 200, body: { id: score.id } };
      } catch (cause) {
        if (!(cause instanceof Unreadable)) throw cause;
        throw new WheelhouseError('invalid_request', cause.message, { hint: 'Correct the score and send it again.' });
      }
    },

    async listPages({ by, query }: DoorRequest): Promise<DoorAnswer> {
      const { page, limit, filter } = readScoreQuery(query, 'v2');
      const { data } = await deps.scores.list(by.project, { ...filter, limit: listedScores });
      const shown = data.slice((page - 1) * limit, page * limit);
      const meta = { page, limit, totalItems: data.length, totalPages: Math.ceil(data.length / limit) };
      return { status: 200, body: { data: shown.map((score) => scoreWire(score, by.project, 'v2')), meta } };
    },

    async listOn({ by, query }: DoorRequest): Promise<DoorAnswer> {
      const { limit, cursor, filter } = readScoreQuery(query, 'v3');
      const page = await deps.scores.list(by.project, { ...filter, limit, ...(cursor === null ? {} : { cursor }) });
      const meta = { limit, ...(page.next === null ? {} : { cursor: page.next }) };
      return { status: 200, body: { data: page.data.map((score) => scoreWire(score, by.project, 'v3')), meta } };
    },

    async get(request: DoorRequest, id: string): Promise<DoorAnswer> {
      const { score } = await one(request, id);
      return { status: 200, body: scoreWire(score, request.by.project, 'v2') };
    },

    async remove(request: DoorRequest, id: string): Promise<DoorAnswer> {
      const { all } = await one(request, id);
      await deps.scores.remove(request.by.project, id);
      tell(request.by.project, all);
      return { status: 200, body: { message: 'Score deleted successfully.' } };
    },
  };
}
