export type { Publish, WorldOf } from './deps.ts';
export { createOptimizationHandlers } from './optimization-handlers.ts';
export { startOptimizationWorker } from './optimization-worker.ts';
