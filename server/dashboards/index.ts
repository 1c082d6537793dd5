export { createDashboardHandlers } from './handlers.ts';
