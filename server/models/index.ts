export { createHostCaller } from './host-caller.ts';
export { createHostHandlers } from './host-handlers.ts';
export { createHostReader } from './host-reader.ts';
export { createModelRunners } from './model-runner.ts';
export { createPredictor } from './predictor.ts';
export { createSpanKeeper } from './span-keeper.ts';
