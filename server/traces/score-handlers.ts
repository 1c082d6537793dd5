import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, LiveFeed, Random, ScoreFilter, ScoreStore } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  type JsonObject,
  nanosToMs,
  newId,
  type ProjectId,
  type Score,
  type ScoreId,
  spanIdOfClient,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import { scoreBody } from './wire.ts';

export type ScoreDeps = { scores: ScoreStore; feed: LiveFeed; clock: Clock; random: Random };

/** The door for scores. Traces and spans are named by their ids, or by those that a vendor's client gave them. */
export function createScoreHandlers(deps: ScoreDeps): Handlers<'createScore' | 'listScores' | 'deleteScore'> {
  const tell = (project: ProjectId, scores: Score[]) => {
    const traceIds = scores.flatMap(({ traceId }) => traceId ?? []);
    if (traceIds.length > 0) deps.feed.publish({ type: 'scores', project, traceIds });
  };
  return {
    async createScore({ by, body }) {
      const nowMs = Math.floor(nanosToMs(deps.clock.now()));
      const score: Score = {
        id: (body.id as ScoreId | undefined) ?? newId('sc', nowMs, deps.random.bytes(idRandomBytes)),
        traceId: body.traceId === undefined ? null : traceIdOfClient(body.traceId),
        spanId: body.spanId === undefined ? null : spanIdOfClient(body.spanId),
        sessionId: body.sessionId ?? null,
        name: body.name,
        value: body.value,
        comment: body.comment ?? null,
        metadata: body.metadata as JsonObject,
        source: body.source,
        createdAt: new Date(nowMs).toISOString(),
      };
      // A score may arrive before the spans that it judges, so the trace need not exist yet.
      await deps.scores.put(by.project, [score]);
      tell(by.project, [score]);
      return scoreBody(score);
    },

    async listScores({ by, query }) {
      const filter: ScoreFilter = {
        limit: query.limit,
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        ...(query.traceId === undefined ? {} : { traceIds: [traceIdOfClient(query.traceId)] }),
        ...(query.spanId === undefined ? {} : { spanIds: [spanIdOfClient(query.spanId)] }),
        ...(query.sessionId === undefined ? {} : { sessionId: query.sessionId }),
        ...(query.name === undefined ? {} : { name: query.name }),
      };
      const page = await deps.scores.list(by.project, filter);
      return { data: page.data.map(scoreBody), next: page.next };
    },

    async deleteScore({ by, params }) {
      const { data } = await deps.scores.list(by.project, { ids: [params.scoreId], limit: 100 });
      if (data.length > 0) await deps.scores.remove(by.project, params.scoreId);
      tell(by.project, data);
      return { removed: data.length > 0 };
    },
  };
}
