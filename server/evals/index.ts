export { createEvalHandlers } from './eval-handlers.ts';
export { startEvalWorker } from './eval-worker.ts';
