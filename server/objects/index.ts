export { startBackgroundResponses } from './background-responses.ts';
export { createObjectDoor } from './object-door.ts';
export { createResponseState } from './response-state.ts';
export { startBatchWorker } from './run-batch.ts';
export { sweepObjects, sweepObjectsEveryMs } from './sweep-objects.ts';
