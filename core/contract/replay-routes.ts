import * as rp from './replay-schemas.ts';

/** What they take and give; see `replayPaths`. */
export const replayRoutes = {
  listReplays: { summary: 'Replays, newest first', query: rp.replayQuery, response: rp.replayPage },
  startReplay: {
    summary: 'Ask what an alias was asked last again, of its version and of another one',
    body: rp.newReplay,
    response: rp.replay,
    status: 201,
  },
  estimateReplay: {
    summary: 'How many inputs there are, and what asking them would cost; nothing is asked or kept',
    body: rp.newReplay,
    response: rp.plannedReplay,
  },
  getReplay: { summary: 'How far it is, and what changes for callers', response: rp.replayDetail },
  listReplayInputs: {
    summary: 'Its inputs with the answers of both versions, those that changed most first',
    query: rp.replayInputQuery,
    response: rp.replayInputPage,
  },
  stopReplay: { summary: 'Ask no more; what was answered stays', response: rp.replay },
} as const;
