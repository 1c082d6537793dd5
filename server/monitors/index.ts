export { createMonitorHandlers, type MonitorHandlerDeps } from './handlers.ts';
export { createLooker, type Looker } from './look.ts';
export type { BudgetUse } from './look-at-budget.ts';
export { type MonitorWorker, type MonitorWorkerDeps, startMonitors } from './start-monitors.ts';
