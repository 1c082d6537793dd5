import type { DueMonitor, LookResult, MonitorStore } from '@wheelhouse/core/ports';
import {
  type Alert,
  type Delivery,
  type Monitor,
  type MonitorDefinition,
  type MonitorLook,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import { claimDue } from './claim-due.ts';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toMonitor = (row: Selectable<Database['monitors']>): Monitor => ({
  ...{ id: row.id, name: row.name, ...row.definition, look: row.look, alertId: row.alert_id },
  silencedUntil: row.silenced_until?.toISOString() ?? null,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

export const toAlert = (row: Selectable<Database['alerts']>): Alert => ({
  ...{
    id: row.id,
    monitor: row.monitor,
    group: row.group_name,
    kind: row.kind,
    sentence: row.sentence,
    value: row.value,
  },
  ...{ expected: row.expected, q: row.q, untold: row.untold },
  openedAt: row.opened_at.toISOString(),
  closedAt: row.closed_at?.toISOString() ?? null,
});

const toDelivery = (row: Selectable<Database['alert_messages']>): Delivery => ({
  ...{ id: row.id, alertId: row.alert_id, channel: row.channel, event: row.event, status: row.status },
  ...{ attempts: row.attempts, error: row.error, createdAt: row.created_at.toISOString() },
  endedAt: row.ended_at?.toISOString() ?? null,
});

const isoOf = (ms: number) => new Date(ms).toISOString();
const firstLook = (nowMs: number): MonitorLook => ({
  ...{ status: 'waiting', since: isoOf(nowMs), until: null, value: null, expected: null, rows: 0 },
  ...{ sentence: 'Not looked at yet.', bad: 0, good: 0, problem: null },
});

/** Ends an alert; whoever was told that it opened is told, under an id that comes of that message's. */
async function endAlert(tx: Tx, id: string, end: { at: string; dueMs: number }): Promise<void> {
  await tx.updateTable('alerts').set({ closed_at: end.at }).where('id', '=', id).execute();
  const told = await tx.selectFrom('alert_messages').selectAll().where('alert_id', '=', id).execute();
  if (told.length === 0) return;
  const messages = told.map(({ id: opened, project_id, channel }) => ({
    ...{ id: `${opened}_end`, project_id, alert_id: id, channel, event: 'closed' as const, due_ms: end.dueMs },
  }));
  await tx.insertInto('alert_messages').values(messages).execute();
}

/** All that are open of a monitor: of groups there may be several. */
async function endAlerts(
  tx: Tx,
  { project, monitor }: { project: string; monitor: string },
  end: { at: string; dueMs: number },
) {
  const open = await tx
    .selectFrom('alerts')
    .select('id')
    .where('project_id', '=', project)
    .where('monitor', '=', monitor)
    .where('closed_at', 'is', null)
    .execute();
  for (const { id } of open) await endAlert(tx, id, end);
}

async function checkChannels(tx: Tx, project: ProjectId, channels: readonly string[]): Promise<void> {
  if (channels.length === 0) return;
  const found = await tx.selectFrom('channels').select('name').where('project_id', '=', project).execute();
  const unknown = channels.find((name) => !found.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new WheelhouseError('invalid_request', `There is no channel \`${unknown}\`.`, {
      ...{ param: 'channels', hint: 'GET /api/v1/channels lists them; PUT /api/v1/channels/{name} sets one up.' },
    });
}

const held = (tx: Tx, project: string, name: string) =>
  tx
    .selectFrom('monitors')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();

/** What the audit log says of one. */
const saidOf = (definition: MonitorDefinition) => ({ ...definition });

async function recordLook(
  tx: Tx,
  { project, monitor, heldUntilMs }: DueMonitor,
  { look, lookedMs, dueMs, opened, closed, alertId, messagesDueMs }: LookResult,
): Promise<boolean> {
  const row = await tx
    .updateTable('monitors')
    .set({
      ...{ look: JSON.stringify(look), looked_ms: lookedMs, due_ms: dueMs, held_until_ms: 0, alert_id: alertId },
    })
    .where('id', '=', monitor.id)
    .where('held_until_ms', '=', String(heldUntilMs))
    .returning('name')
    .executeTakeFirst();
  if (!row) return false;
  for (const end of closed) await endAlert(tx, end.alertId, { at: end.at, dueMs: messagesDueMs });
  if (opened.length === 0) return true;
  const alerts = opened.map(({ alert: { group, expected, openedAt, ...alert } }) => ({
    ...{ ...alert, project_id: project, monitor: row.name, group_name: group, opened_at: openedAt },
    expected: expected === null ? null : JSON.stringify(expected),
  }));
  await tx.insertInto('alerts').values(alerts).execute();
  const messages = opened.flatMap(({ alert, messages: told }) =>
    told.map((message) => ({
      ...{ ...message, project_id: project, alert_id: alert.id, event: 'opened' as const, due_ms: messagesDueMs },
    })),
  );
  if (messages.length > 0) await tx.insertInto('alert_messages').values(messages).execute();
  return true;
}

function createAlertReads(db: Db): Pick<MonitorStore, 'alerts' | 'alert'> {
  return {
    async alerts(project, { limit, before, monitor, open }) {
      const rows = await db
        .selectFrom('alerts')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .$if(monitor !== undefined, (query) => query.where('monitor', '=', monitor ?? ''))
        .$if(open !== undefined, (query) => query.where('closed_at', open ? 'is' : 'is not', null))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toAlert);
    },

    async alert(project, id) {
      const row = await db
        .selectFrom('alerts')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return null;
      const messages = await db
        .selectFrom('alert_messages')
        .selectAll()
        .where('alert_id', '=', id)
        .orderBy(sql`created_at, id`)
        .execute();
      return { alert: toAlert(row), messages: messages.map(toDelivery) };
    },
  };
}

export function createMonitorStore(db: Db): MonitorStore {
  return {
    set: (by, { id, name, definition, nowMs }) =>
      inTransaction(db, async (tx) => {
        await checkChannels(tx, by.project, definition.channels);
        const was = await held(tx, by.project, name);
        if (was) await endAlerts(tx, { project: by.project, monitor: name }, { at: isoOf(nowMs), dueMs: nowMs });
        const anew = {
          ...{ definition: JSON.stringify(definition), look: JSON.stringify(firstLook(nowMs)) },
          ...{ alert_id: null, due_ms: nowMs, looked_ms: nowMs, held_until_ms: 0 },
        };
        const row = await tx
          .insertInto('monitors')
          .values({ id, project_id: by.project, name, created_by: by.actor, ...anew })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet(anew))
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { before: was ? saidOf(was.definition) : null, after: saidOf(definition) };
        await recordChange(tx, by, { action: 'monitor.set', subject: name, detail });
        return toMonitor(row);
      }),

    async get(project, name) {
      const row = await db
        .selectFrom('monitors')
        .selectAll()
        .where('project_id', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? toMonitor(row) : null;
    },

    async list(project) {
      const rows = await db
        .selectFrom('monitors')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('name')
        .execute();
      return rows.map(toMonitor);
    },

    remove: (by, name, nowMs) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (!was) return false;
        await endAlerts(tx, { project: by.project, monitor: name }, { at: isoOf(nowMs), dueMs: nowMs });
        await tx.deleteFrom('monitors').where('id', '=', was.id).execute();
        const detail = { before: saidOf(was.definition), after: null };
        await recordChange(tx, by, { action: 'monitor.remove', subject: name, detail });
        return true;
      }),

    silence: (by, name, until) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (!was) return null;
        const row = await tx
          .updateTable('monitors')
          .set({ silenced_until: until })
          .where('id', '=', was.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { before: was.silenced_until?.toISOString() ?? null, after: until };
        await recordChange(tx, by, { action: 'monitor.silence', subject: name, detail });
        return toMonitor(row);
      }),

    async claim(nowMs, { holdMs, limit }) {
      const rows = await claimDue(db, 'monitors', { nowMs, holdMs, limit });
      return rows.map((row) => ({
        ...{ project: row.project_id as ProjectId, monitor: toMonitor(row) },
        heldUntilMs: Number(row.held_until_ms),
      }));
    },

    record: (due, result) => inTransaction(db, (tx) => recordLook(tx, due, result)),

    ...createAlertReads(db),
  };
}
