export { createDatasetHandlers } from './dataset-handlers.ts';
