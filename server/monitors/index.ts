export { createMonitorHandlers, type MonitorHandlerDeps } from './handlers.ts';
export { createLooker, type Looker } from './look.ts';
export type { BudgetUse } from './look-at-budget.ts';
export { lookAtDueMonitors } from './look-at-due-monitors.ts';
export { sendDue } from './send.ts';
