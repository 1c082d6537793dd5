export { createCodeHandlers } from './code-handlers.ts';
export { createHostCaller } from './host-caller.ts';
export { createHostHandlers } from './host-handlers.ts';
export { createHostReader } from './host-reader.ts';
export { createModelRunners, evaluator } from './model-runner.ts';
export { createPredictor } from './predictor.ts';
export { sleep } from './sleep.ts';
export { createSpanKeeper } from './span-keeper.ts';
export { createSpansOfTrace } from './spans-of-trace.ts';
