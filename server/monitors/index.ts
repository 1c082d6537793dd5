export { createMonitorHandlers, type MonitorHandlerDeps } from './handlers.ts';
export { createLooker, type Looker } from './look.ts';
export { type MonitorWorker, type MonitorWorkerDeps, startMonitors } from './start-monitors.ts';
