export { createCallCopier } from './call-copier.ts';
export { createReleaseHandlers } from './release-handlers.ts';
export { type AskedByReplays, type AskedInput, createReplayHandlers } from './replays/replay-handlers.ts';
export { watchReleases, watchReleasesEveryMs } from './watch-releases.ts';
