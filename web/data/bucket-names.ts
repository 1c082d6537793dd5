import type { UsageBucket } from '@wheelhouse/core/records';

/** How the parts of a call are called where their price stands. */
export const bucketNames: Record<UsageBucket, string> = {
  inputUncached: 'input',
  cacheRead: 'cache read',
  cacheWrite5m: 'write 5 min',
  cacheWrite1h: 'write 1 h',
  inputAudio: 'audio in',
  inputImage: 'image in',
  outputText: 'output',
  reasoning: 'reasoning',
  outputAudio: 'audio out',
  requests: 'request',
};
