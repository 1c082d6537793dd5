export { createReleaseHandlers } from './release-handlers.ts';
export { watchReleases, watchReleasesEveryMs } from './watch-releases.ts';
