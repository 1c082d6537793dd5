export { createEvalHandlers } from './eval-handlers.ts';
export { startEvalWorker } from './eval-worker.ts';
export { createGateReader } from './gate-reader.ts';
export { nodeTimer } from './node-timer.ts';
