import type { ScoreFilter, ScoreStore } from '@wheelhouse/core/ports';
import { type Score, WheelhouseError } from '@wheelhouse/core/records';

const isWanted = (score: Score, filter: Omit<ScoreFilter, 'limit' | 'cursor'>): boolean =>
  (filter.ids?.includes(score.id) ?? true) &&
  (filter.traceIds?.some((id) => id === score.traceId) ?? true) &&
  (filter.spanIds?.some((id) => id === score.spanId) ?? true) &&
  (filter.sessionId === undefined || filter.sessionId === score.sessionId) &&
  (filter.name === undefined || filter.name === score.name);

/** Scores in memory; of one id the newest stays. */
export function fakeScoreStore(): ScoreStore {
  const stored = new Map<string, { project: string; score: Score }>();
  const of = (project: string) =>
    [...stored.values()]
      .filter((entry) => entry.project === project)
      .map(({ score }) => structuredClone(score))
      .sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1));
  return {
    put: async (project, scores) => {
      for (const score of scores) {
        const key = JSON.stringify([project, score.traceId, score.id]);
        const other = stored.get(key)?.score;
        if (!other || other.createdAt <= score.createdAt) stored.set(key, { project, score: structuredClone(score) });
      }
    },
    ofTrace: async (project, id) => of(project).filter((score) => score.traceId === id),
    list: async (project, { limit, cursor, ...filter }) => {
      const places = of(project).map((score) => `${score.createdAt} ${score.id}`);
      if (cursor !== undefined && !places.includes(cursor))
        throw new WheelhouseError('invalid_request', 'This cursor is not one that a page gave.', { param: 'cursor' });
      const wanted = of(project)
        .filter((score) => isWanted(score, filter))
        .filter((score) => cursor === undefined || `${score.createdAt} ${score.id}` < cursor)
        .reverse();
      const data = wanted.slice(0, limit);
      const last = data.at(-1);
      return { data, next: wanted.length > limit && last ? `${last.createdAt} ${last.id}` : null };
    },
    remove: async (project, id, traceId) => {
      for (const [key, { project: owner, score }] of stored)
        if (owner === project && score.id === id && (traceId === undefined || score.traceId === traceId))
          stored.delete(key);
    },
  };
}
