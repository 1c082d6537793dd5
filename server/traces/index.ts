export { createLiveFeed } from './live-feed.ts';
export { createLiveStream } from './live-stream.ts';
export { createTraceHandlers } from './trace-handlers.ts';
