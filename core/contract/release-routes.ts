import * as rl from './release-schemas.ts';

/** What they take and give; see `releasePaths`. */
export const releaseRoutes = {
  listReleases: {
    summary: 'Versions on their way to an alias, and those that were, newest first',
    query: rl.releaseQuery,
    response: rl.releasePage,
  },
  startRelease: {
    summary: 'Give a version a share of an alias, watched until it is promoted or rolled back',
    body: rl.newRelease,
    response: rl.release,
    status: 201,
  },
  planRelease: {
    summary: 'What would be watched, by what the incumbent did; nothing is started',
    body: rl.newRelease,
    response: rl.plannedRelease,
  },
  getRelease: { summary: 'How it stands, and what became of it', response: rl.releaseDetail },
  compareReleaseAnswers: {
    summary: 'What both versions said to the latest calls that were copied; of a release that only listens',
    response: rl.releaseAnswers,
  },
  startCanary: {
    summary: 'End a release that only listens, and give its candidate a share of the calls, watched by the same rails',
    body: rl.releaseCanary,
    response: rl.release,
    status: 201,
  },
  promoteRelease: { summary: 'Move the alias to the candidate', body: rl.releaseEnd, response: rl.release },
  rollBackRelease: {
    summary: 'Take the candidate out of the alias; of one that was promoted, move the alias back',
    body: rl.releaseEnd,
    response: rl.release,
  },
} as const;
