export type { AskedRoute, Call } from './calls.ts';
export { createPipelineHandlers } from './pipeline-handlers.ts';
export { startPipelines } from './start-pipelines.ts';
