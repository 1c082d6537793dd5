export type { AskedRoute, Call } from './calls.ts';
export { goOnWithPipelines } from './go-on-with-pipelines.ts';
export { createPipelineHandlers } from './pipeline-handlers.ts';
