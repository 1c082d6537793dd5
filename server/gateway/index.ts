export { createGateway, type GatewayDeps } from './gateway.ts';
export { createInnerCall, createModelRunner } from './inside.ts';
export { createKeptResponses } from './kept-responses.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createServe, type ServeDeps } from './serve.ts';
export { createTargetHandlers } from './target-handlers.ts';
export { createTasks } from './tasks.ts';
