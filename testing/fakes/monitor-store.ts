import type { ChannelState, ChannelStore, MonitorStore, SealedChannel } from '@wheelhouse/core/ports';
import {
  type Alert,
  type Delivery,
  type Monitor,
  type MonitorDefinition,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type KeptMonitor = { project: ProjectId; monitor: Monitor; dueMs: number; lookedMs: number; heldUntilMs: number };
/** What was put off for longer was put off by a clock that was wrong. */
const [clocksApartMs, longestPauseMs] = [60_000, 3_900_000];
type Message = Delivery & { project: ProjectId; batch: string | null; dueMs: number };
const copy = <T>(value: T): T => structuredClone(value);

type State = {
  kept: KeptMonitor[];
  alerts: { project: ProjectId; alert: Alert }[];
  channels: { project: ProjectId; channel: SealedChannel }[];
  messages: Message[];
};

const definitionOf = (monitor: Monitor): MonitorDefinition => {
  const { q, measure, by, windowMinutes, rule, leastRows, alertOnNoData, channels: told } = monitor;
  return { q, measure, by, windowMinutes, rule, leastRows, alertOnNoData, channels: told };
};

function fakeMonitors(audit: FakeAuditStore, { kept, alerts, channels, messages }: State): MonitorStore {
  const find = (project: ProjectId, name: string) =>
    kept.find((one) => one.project === project && one.monitor.name === name);

  function send(project: ProjectId, message: Pick<Delivery, 'id' | 'alertId' | 'channel' | 'event'>, dueMs: number) {
    const fresh = { status: 'waiting' as const, attempts: 0, error: null, endedAt: null, batch: null };
    messages.push({ ...message, ...fresh, project, dueMs, createdAt: audit.now() });
  }

  function endAlert(project: ProjectId, id: string, { at, dueMs }: { at: string; dueMs: number }): void {
    const found = alerts.find((one) => one.alert.id === id);
    if (found) found.alert.closedAt = at;
    for (const { id: opened, alertId, channel } of messages.filter((one) => one.alertId === id))
      send(project, { id: `${opened}_end`, alertId, channel, event: 'closed' }, dueMs);
  }

  function endAll(project: ProjectId, monitor: string, end: { at: string; dueMs: number }): void {
    for (const { alert, ...one } of alerts)
      if (one.project === project && alert.monitor === monitor && alert.closedAt === null)
        endAlert(project, alert.id, end);
  }

  return {
    async set(by, { id, name, definition, nowMs }) {
      const isKnown = (channel: string) =>
        channels.some((one) => one.project === by.project && one.channel.name === channel);
      const unknown = definition.channels.find((channel) => !isKnown(channel));
      if (unknown !== undefined)
        throw new WheelhouseError('invalid_request', `There is no channel \`${unknown}\`.`, { param: 'channels' });
      const was = find(by.project, name);
      const at = new Date(nowMs).toISOString();
      if (was) endAll(by.project, name, { at, dueMs: nowMs });
      const look: Monitor['look'] = {
        ...{ status: 'waiting', since: at, until: null, value: null, expected: null, rows: 0 },
        ...{ sentence: 'Not looked at yet.', bad: 0, good: 0, problem: null },
      };
      const before = was ? definitionOf(was.monitor) : null;
      const made = was?.monitor ?? { id, createdBy: by.actor, createdAt: audit.now(), silencedUntil: null };
      const { id: own, createdBy, createdAt, silencedUntil } = made;
      const monitor = { ...copy(definition), id: own, name, look, alertId: null, silencedUntil, createdBy, createdAt };
      if (was) Object.assign(was, { monitor, dueMs: nowMs, lookedMs: nowMs, heldUntilMs: 0 });
      else kept.push({ project: by.project, monitor, dueMs: nowMs, lookedMs: nowMs, heldUntilMs: 0 });
      audit.record(by, { action: 'monitor.set', subject: name, detail: { before, after: copy(definition) } });
      return copy(monitor);
    },
    get: async (project, name) => copy(find(project, name)?.monitor ?? null),
    list: async (project) =>
      kept
        .filter((one) => one.project === project)
        .map(({ monitor }) => copy(monitor))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    async remove(by, name, nowMs) {
      const was = find(by.project, name);
      if (!was) return false;
      const at = new Date(nowMs).toISOString();
      endAll(by.project, name, { at, dueMs: nowMs });
      kept.splice(kept.indexOf(was), 1);
      const detail = { before: definitionOf(was.monitor), after: null };
      audit.record(by, { action: 'monitor.remove', subject: name, detail });
      return true;
    },
    async silence(by, name, until) {
      const was = find(by.project, name);
      if (!was) return null;
      const detail = { before: was.monitor.silencedUntil, after: until };
      was.monitor.silencedUntil = until;
      audit.record(by, { action: 'monitor.silence', subject: name, detail });
      return copy(was.monitor);
    },
    async claim(nowMs, { holdMs, limit }) {
      const due = kept
        .filter((one) => one.dueMs <= nowMs || one.lookedMs > nowMs + clocksApartMs)
        .filter((one) => one.heldUntilMs <= nowMs)
        .sort((a, b) => a.dueMs - b.dueMs)
        .slice(0, limit);
      for (const one of due) one.heldUntilMs = nowMs + holdMs;
      return due.map(({ project, monitor, heldUntilMs }) => ({ project, monitor: copy(monitor), heldUntilMs }));
    },
    async record(
      { project, monitor: { id }, heldUntilMs },
      { look, lookedMs, dueMs, opened, closed, alertId, messagesDueMs },
    ) {
      const found = kept.find((one) => one.monitor.id === id && one.heldUntilMs === heldUntilMs);
      if (!found) return false;
      const { monitor } = found;
      for (const end of closed) endAlert(project, end.alertId, { at: end.at, dueMs: messagesDueMs });
      for (const { alert, messages: told } of opened) {
        alerts.push({ project, alert: { ...copy(alert), monitor: monitor.name, closedAt: null } });
        for (const { id: message, channel } of told)
          send(project, { id: message, alertId: alert.id, channel, event: 'opened' }, messagesDueMs);
      }
      Object.assign(monitor, { look: copy(look), alertId });
      Object.assign(found, { dueMs, lookedMs, heldUntilMs: 0 });
      return true;
    },
    alerts: async (project, { limit, before, monitor, open }) =>
      alerts
        .filter((one) => one.project === project)
        .map(({ alert }) => copy(alert))
        .filter(({ id }) => before === undefined || id < before)
        .filter((alert) => monitor === undefined || alert.monitor === monitor)
        .filter(({ closedAt }) => open === undefined || (closedAt === null) === open)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    async alert(project, id) {
      const found = alerts.find((one) => one.project === project && one.alert.id === id);
      if (!found) return null;
      const own = messages.filter(({ alertId }) => alertId === id);
      return {
        alert: copy(found.alert),
        messages: own.map(({ project: _, batch: __, dueMs: ___, ...one }) => copy(one)),
      };
    },
  };
}

function fakeChannels(audit: FakeAuditStore, { kept, alerts, channels, messages }: State): ChannelStore {
  const stateOf = (project: ProjectId, { sealed: _, ...channel }: SealedChannel): ChannelState => {
    const own = messages.filter((one) => one.project === project && one.channel === channel.name);
    const wrong = own.filter(({ error }) => error !== null);
    return {
      ...copy(channel),
      waiting: own.filter(({ status }) => status === 'waiting').length,
      failed: own.filter(({ status }) => status === 'failed').length,
      lastError: wrong.at(-1)?.error ?? null,
    };
  };
  const isDue = ({ dueMs }: Message, nowMs: number) => dueMs <= nowMs || dueMs > nowMs + longestPauseMs;
  const ofBatch = (batch: string) => messages.filter((one) => one.batch === batch && one.status === 'waiting');

  return {
    async set(by, { name, kind, host, sealed }) {
      const was = channels.find((one) => one.project === by.project && one.channel.name === name);
      const { createdBy, createdAt } = was?.channel ?? { createdBy: by.actor, createdAt: audit.now() };
      const channel = { name, kind, host, sealed, createdBy, createdAt };
      if (was) was.channel = channel;
      else channels.push({ project: by.project, channel });
      audit.record(by, { action: 'channel.set', subject: name, detail: { kind, host } });
      return stateOf(by.project, channel);
    },
    get: async (project, name) =>
      copy(channels.find((one) => one.project === project && one.channel.name === name)?.channel ?? null),
    list: async (project) =>
      channels
        .filter((one) => one.project === project)
        .map(({ channel }) => stateOf(project, channel))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    async remove(by, name) {
      const user = kept.find((one) => one.project === by.project && one.monitor.channels.includes(name));
      if (user) throw new WheelhouseError('conflict', `The monitor ${user.monitor.name} tells the channel ${name}.`);
      const at = channels.findIndex((one) => one.project === by.project && one.channel.name === name);
      const [was] = at < 0 ? [] : channels.splice(at, 1);
      if (!was) return false;
      const { kind, host } = was.channel;
      audit.record(by, { action: 'channel.remove', subject: name, detail: { before: { kind, host }, after: null } });
      return true;
    },
    async claim(nowMs, { holdMs, limit }) {
      const isBehind = (one: Message) =>
        one.batch === null &&
        messages.some(
          (other) =>
            other.project === one.project &&
            other.channel === one.channel &&
            other.status === 'waiting' &&
            other.batch !== null,
        );
      const [first] = messages
        .filter((one) => one.status === 'waiting' && isDue(one, nowMs) && !isBehind(one))
        .sort((a, b) => a.dueMs - b.dueMs);
      if (!first) return null;
      const batch = first.batch ?? first.id;
      if (first.batch === null)
        for (const one of messages
          .filter((other) => other.project === first.project && other.channel === first.channel)
          .filter((other) => other.status === 'waiting' && other.batch === null && isDue(other, nowMs))
          .slice(0, limit))
          one.batch = batch;
      const own = ofBatch(batch);
      for (const one of own) Object.assign(one, { attempts: one.attempts + 1, dueMs: nowMs + holdMs });
      const channel = channels.find((one) => one.project === first.project && one.channel.name === first.channel);
      return {
        ...{ project: first.project, channel: copy(channel?.channel ?? null), batch, attempt: first.attempts },
        messages: own.flatMap(({ id, event, alertId }) => {
          const found = alerts.find((one) => one.alert.id === alertId);
          return found ? [{ id, event, alert: copy(found.alert) }] : [];
        }),
      };
    },
    async delivered(batch, { error, nowMs }) {
      const endedAt = new Date(nowMs).toISOString();
      for (const one of ofBatch(batch)) Object.assign(one, { status: 'delivered', error, endedAt });
    },
    async failed(batch, { error, dueMs, nowMs }) {
      const end = { status: 'failed', endedAt: new Date(nowMs).toISOString() };
      for (const one of ofBatch(batch)) Object.assign(one, { error }, dueMs === null ? end : { dueMs });
    },
  };
}

/** Monitors, their alerts, and messages to channels, in memory. */
export function fakeMonitorStore(audit: FakeAuditStore): { monitors: MonitorStore; channels: ChannelStore } {
  const state: State = { kept: [], alerts: [], channels: [], messages: [] };
  return { monitors: fakeMonitors(audit, state), channels: fakeChannels(audit, state) };
}
