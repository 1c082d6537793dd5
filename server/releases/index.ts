export { createReleaseHandlers } from './release-handlers.ts';
export { startReleaseWatch } from './watch-releases.ts';
