export { createMlflowDoors } from './mlflow-doors.ts';
export { createTrackingHandlers } from './tracking-handlers.ts';
