import type { AuditStore, ChannelStore, DueMonitor, MonitorStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type MonitorDefinition, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { monitors: MonitorStore; channels: ChannelStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
/** Long ago, so that nothing of other tests is due before. */
const nowMs = 1_000_000;
let count = 0;
const named = (kind: string) => `${kind}-${run}-${String(++count).padStart(6, '0')}`;

/** What every {@link MonitorStore} and {@link ChannelStore} does, together. */
export function monitorStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`monitor store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const definition = (channels: string[] = []): MonitorDefinition => ({
      ...{ q: 'name:"a b"', measure: { kind: 'latency', quantile: 'p90' }, by: null, windowMinutes: 60 },
      ...{ rule: { kind: 'above', value: 2.5 }, leastRows: 20, alertOnNoData: false, channels },
    });
    const set = (channels: string[] = [], more: { name?: string; nowMs?: number } = {}) => {
      const id = named('mon');
      return world.monitors.set(by, { id, name: id, nowMs, definition: definition(channels), ...more });
    };
    const setChannel = async () => {
      const channel = named('ch');
      await world.channels.set(by, { name: channel, kind: 'webhook', host: 'h', sealed: new Uint8Array([1, 2]) });
      return channel;
    };
    const look = (status: 'ok' | 'alert') => ({
      ...{ status, since: '1970-01-01T00:20:00.000Z', until: '1970-01-01T00:21:00.000Z', value: 0.5, rows: 40 },
      ...{ expected: { value: 1, low: 0.5, high: 2 }, sentence: 'It is.', bad: 1, good: 0, problem: null },
    });
    const result = {
      ...{ look: look('ok'), lookedMs: nowMs, dueMs: 9_000_000, opened: [], closed: [], alertId: null },
      messagesDueMs: nowMs,
    };
    const alertOf = (id: string, group: string | null = null) => ({
      ...{ id, group, kind: 'alert' as const, sentence: 'It is.', value: 0.5, expected: null, q: 'status:error' },
      ...{ openedAt: '1970-01-01T00:20:00.000Z', untold: null },
    });
    /** Holds all that is due, and gives this one. */
    const claim = async (monitor: string, at = nowMs): Promise<DueMonitor> => {
      const due = await world.monitors.claim(at, { holdMs: 1_000, limit: 500 });
      const found = due.find((one) => one.monitor.name === monitor);
      if (!found) throw new Error(`${monitor} was not due.`);
      return found;
    };
    const openAlert = async (channels: string[]) => {
      const monitor = await set(channels);
      const due = await claim(monitor.name);
      const id = named('al');
      const messages = channels.map((channel) => ({ id: named('dv'), channel }));
      const opened = [{ alert: alertOf(id), messages }];
      expect(await world.monitors.record(due, { ...result, look: look('alert'), opened, alertId: id })).toBe(true);
      return { monitor: monitor.name, id };
    };
    /** What is due for that channel; what is due for others is put off. */
    const sendDue = async (channel: string, at: number) => {
      for (let tries = 0; tries < 100; tries++) {
        const held = await world.channels.claim(at, { holdMs: 1_000, limit: 10 });
        if (held === null || held.channel?.name === channel) return held;
      }
      throw new Error('Others are due without an end.');
    };

    it('keeps a definition under its name, and begins anew when it is replaced', async () => {
      const first = await set();
      expect(first).toMatchObject({ ...definition(), alertId: null, silencedUntil: null, createdBy: 'ada' });
      expect(first.look).toMatchObject({ status: 'waiting', until: null, bad: 0 });
      expect(await world.monitors.get(project, first.name)).toEqual(first);
      expect(await world.monitors.get(elsewhere, first.name)).toBeNull();
      expect(await world.monitors.list(project)).toContainEqual(first);
      await world.monitors.record(await claim(first.name), result);
      expect((await world.monitors.get(project, first.name))?.look).toEqual(result.look);
      const again = await set([], { name: first.name });
      expect(again).toMatchObject({ id: first.id, look: { status: 'waiting' } });
      await expect(set(['nobody'])).rejects.toMatchObject({ code: 'invalid_request', param: 'channels' });
    });

    it('gives what is due to one at a time, and believes nobody whose hold is over', async () => {
      const { name: own } = await set([], { nowMs: nowMs + 5 });
      await expect(claim(own, nowMs)).rejects.toThrow('not due');
      const due = await claim(own, nowMs + 5);
      await expect(claim(own, nowMs + 6)).rejects.toThrow('not due');
      const other = await claim(own, nowMs + 5_000);
      expect(await world.monitors.record(due, result)).toBe(false);
      expect(await world.monitors.record(other, result)).toBe(true);
      await expect(claim(own, nowMs + 9_000)).rejects.toThrow('not due');
      const changed = await set();
      const held = await claim(changed.name);
      await set([], { name: changed.name });
      expect(await world.monitors.record(held, result)).toBe(false);
    });

    it('opens an alert with its messages, and tells of its end whoever was told of it', async () => {
      const channel = await setChannel();
      const { monitor, id } = await openAlert([channel]);
      expect(await world.monitors.get(project, monitor)).toMatchObject({ alertId: id, look: { status: 'alert' } });
      const found = await world.monitors.alert(project, id);
      expect(found?.alert).toEqual({ ...alertOf(id), monitor, closedAt: null });
      expect(found?.messages).toMatchObject([{ channel, event: 'opened', status: 'waiting', attempts: 0 }]);
      expect(await world.monitors.alerts(project, { limit: 5, monitor, open: true })).toHaveLength(1);
      const due = await claim(monitor, 9_000_000);
      const closedAt = '1970-01-01T02:30:00.000Z';
      const closed = [{ alertId: id, at: closedAt }];
      expect(await world.monitors.record(due, { ...result, closed })).toBe(true);
      expect(await world.monitors.get(project, monitor)).toMatchObject({ alertId: null });
      expect(await world.monitors.alerts(project, { limit: 5, monitor, open: true })).toEqual([]);
      const ended = await world.monitors.alert(project, id);
      expect(ended?.alert.closedAt).toBe(closedAt);
      expect(ended?.messages.map(({ event }) => event)).toEqual(['opened', 'closed']);
    });

    it('keeps alerts of groups apart, and ends all of them with their monitor', async () => {
      const channel = await setChannel();
      const monitor = await set([channel]);
      const [first, second] = [named('al'), named('al')];
      const opened = [first, second].map((id) => ({
        ...{ alert: alertOf(id, `group of ${id}`), messages: [{ id: named('dv'), channel }] },
      }));
      await world.monitors.record(await claim(monitor.name), { ...result, opened, alertId: first });
      const open = async () =>
        (await world.monitors.alerts(project, { limit: 5, monitor: monitor.name, open: true })).map(
          ({ group }) => group,
        );
      expect(await open()).toEqual([`group of ${second}`, `group of ${first}`]);
      const closed = [{ alertId: first, at: '1970-01-01T02:30:00.000Z' }];
      await world.monitors.record(await claim(monitor.name, 9_000_000), { ...result, closed, alertId: second });
      expect(await open()).toEqual([`group of ${second}`]);
      expect(await world.monitors.get(project, monitor.name)).toMatchObject({ alertId: second });
      await world.monitors.remove(by, monitor.name, nowMs);
      expect(await open()).toEqual([]);
      const found = await world.monitors.alert(project, second);
      expect(found?.messages.map(({ event }) => event)).toEqual(['opened', 'closed']);
    });

    it('gives at once what was looked at in the future, since a clock was set back, and tells what it put off', async () => {
      const channel = await setChannel();
      const { name: own } = await set([channel]);
      const later = nowMs + 86_400_000;
      const id = named('al');
      const opened = [{ alert: alertOf(id), messages: [{ id: named('dv'), channel }] }];
      const looked = { ...result, lookedMs: later, dueMs: later + 60_000, messagesDueMs: later };
      await world.monitors.record(await claim(own), { ...looked, opened, alertId: id });
      const due = await claim(own, nowMs + 10);
      await world.monitors.record(due, { ...result, lookedMs: nowMs + 10, alertId: id });
      await expect(claim(own, nowMs + 20)).rejects.toThrow('not due');
      const held = await sendDue(channel, nowMs + 20);
      expect(held?.messages.map(({ alert }) => alert.id)).toEqual([id]);
      await world.channels.delivered(held?.batch ?? '', { error: null, nowMs });
    });

    it('ends the alert of a monitor that is removed or replaced', async () => {
      const channel = await setChannel();
      const [gone, changed] = [await openAlert([channel]), await openAlert([channel])];
      expect(await world.monitors.remove(by, gone.monitor, nowMs)).toBe(true);
      expect(await world.monitors.remove(by, gone.monitor, nowMs)).toBe(false);
      await set([], { name: changed.monitor });
      for (const { id } of [gone, changed]) {
        const found = await world.monitors.alert(project, id);
        expect(found?.alert.closedAt).not.toBeNull();
        expect(found?.messages.map(({ event }) => event)).toEqual(['opened', 'closed']);
      }
    });

    it('sends messages of one channel together, again under the same id, and later ones after them', async () => {
      const channel = await setChannel();
      const [first, second] = [await openAlert([channel]), await openAlert([channel])];
      const held = await sendDue(channel, nowMs);
      expect(held).toMatchObject({ attempt: 1, channel: { kind: 'webhook', host: 'h' } });
      expect(held?.messages.map(({ alert }) => alert.id).sort()).toEqual([first.id, second.id].sort());
      expect(Array.from(held?.channel?.sealed ?? [])).toEqual([1, 2]);
      const third = await openAlert([channel]);
      expect(await sendDue(channel, nowMs + 10)).toBeNull();
      await world.channels.failed(held?.batch ?? '', { error: 'away', dueMs: nowMs + 500, nowMs });
      expect(await sendDue(channel, nowMs + 20)).toBeNull();
      const state = async () => (await world.channels.list(project)).find((one) => one.name === channel);
      expect(await state()).toMatchObject({ waiting: 3, failed: 0, lastError: 'away' });
      const again = await sendDue(channel, nowMs + 600);
      expect(again).toMatchObject({ batch: held?.batch, attempt: 2 });
      await world.channels.delivered(held?.batch ?? '', { error: null, nowMs });
      const after = await sendDue(channel, nowMs + 600);
      expect(after?.messages.map(({ alert }) => alert.id)).toEqual([third.id]);
      await world.channels.failed(after?.batch ?? '', { error: 'gone', dueMs: null, nowMs });
      expect(await state()).toMatchObject({ waiting: 0, failed: 1, lastError: 'gone' });
      const { messages } = (await world.monitors.alert(project, first.id)) ?? {};
      expect(messages).toMatchObject([{ status: 'delivered', attempts: 2, error: null }]);
      const partly = await openAlert([channel]);
      const last = await sendDue(channel, nowMs + 600);
      await world.channels.delivered(last?.batch ?? '', { error: 'not to all', nowMs });
      expect(await state()).toMatchObject({ waiting: 0, failed: 1, lastError: 'not to all' });
      expect((await world.monitors.alert(project, partly.id))?.messages).toMatchObject([
        { status: 'delivered', error: 'not to all' },
      ]);
      expect((await world.monitors.alert(project, third.id))?.messages).toMatchObject([{ status: 'failed' }]);
    });

    it('writes down who changed what, and keeps a channel that monitors tell', async () => {
      const marker = await newestId(world.audit);
      const channel = await setChannel();
      const { name: own } = await set([channel]);
      await expect(world.channels.remove(by, channel)).rejects.toMatchObject({ code: 'conflict' });
      const until = '2030-01-01T00:00:00.000Z';
      expect(await world.monitors.silence(by, own, until)).toMatchObject({ silencedUntil: until });
      expect(await world.monitors.silence(by, 'nobody', until)).toBeNull();
      await world.monitors.remove(by, own, nowMs);
      expect(await world.channels.remove(by, channel)).toBe(true);
      expect(await world.channels.remove(by, channel)).toBe(false);
      expect(await world.channels.get(project, channel)).toBeNull();
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action }) => action).sort()).toEqual([
        ...['channel.remove', 'channel.set', 'monitor.remove', 'monitor.set', 'monitor.silence'],
      ]);
    });
  });
}
