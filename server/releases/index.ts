export { createCallCopier } from './call-copier.ts';
export { draftExamples } from './draft-examples.ts';
export { createReleaseHandlers } from './release-handlers.ts';
export { type AskedByReplays, type AskedInput, createReplayHandlers } from './replays/replay-handlers.ts';
export { lookAtReleases, lookAtReleasesEveryMs } from './watch-releases.ts';
