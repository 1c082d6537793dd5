import type { ScoreStore } from '@wheelhouse/core/ports';
import type { Score } from '@wheelhouse/core/records';

/** Scores in memory; of one id the newest stays. */
export function fakeScoreStore(): ScoreStore {
  const stored = new Map<string, Score>();
  return {
    put: async (project, scores) => {
      for (const score of scores) {
        const key = JSON.stringify([project, score.traceId, score.id]);
        const other = stored.get(key);
        if (!other || other.createdAt <= score.createdAt) stored.set(key, structuredClone(score));
      }
    },
    ofTrace: async (project, id) =>
      [...stored]
        .filter(([key, score]) => key.startsWith(JSON.stringify([project]).slice(0, -1)) && score.traceId === id)
        .map(([, score]) => structuredClone(score))
        .sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1)),
  };
}
