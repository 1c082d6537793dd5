import * as mn from './monitor-schemas.ts';
import { removed } from './schemas.ts';

/** What they take and give; see `monitorPaths`. */
export const monitorRoutes = {
  listMonitors: { summary: 'Monitors with what they found last, by name', response: mn.monitorList },
  getMonitor: { summary: 'One monitor', response: mn.monitor },
  setMonitor: {
    summary: 'Watch a measure of traces; a monitor of that name is replaced, and begins anew',
    body: mn.monitorDefinition,
    response: mn.monitor,
  },
  removeMonitor: { summary: 'Watch no more; its alerts stay', response: removed },
  testMonitor: {
    summary: 'What a monitor would find now; nothing is kept and nobody is told',
    body: mn.monitorDefinition,
    response: mn.monitorTest,
  },
  estimateMonitor: {
    summary: 'What a monitor that asks models would cost, before it is set',
    body: mn.monitorDefinition,
    response: mn.monitorEstimate,
  },
  silenceMonitor: {
    summary: 'Tell nobody of what a monitor finds, for a while; it goes on looking',
    body: mn.silence,
    response: mn.monitor,
  },
  listAlerts: { summary: 'Alerts, newest first', query: mn.alertQuery, response: mn.alertPage },
  getAlert: { summary: 'An alert, and what became of its messages', response: mn.alertDetail },
  listChannels: { summary: 'Where messages go, by name; secrets are never shown', response: mn.channelList },
  setChannel: {
    summary: 'Set up where messages go; a channel of that name is replaced',
    body: mn.newChannel,
    response: mn.channel,
  },
  removeChannel: { summary: 'Send nothing there any more', response: removed },
  testChannel: { summary: 'Send a message that says it is a test', response: mn.channelTest },
} as const;
