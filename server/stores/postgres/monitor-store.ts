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
  ...{ id: row.id, monitor: row.monitor, kind: row.kind, sentence: row.sentence, value: row.value },
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
  { look, dueMs, opened, closedAt, messagesDueMs }: LookResult,
): Promise<boolean> {
  const alert = opened === null ? {} : { alert_id: opened.alert.id };
  const row = await tx
    .updateTable('monitors')
    .set({
      ...{ look: JSON.stringify(look), due_ms: dueMs, held_until_ms: 0 },
      ...(closedAt === null ? alert : { alert_id: null }),
    })
    .where('id', '=', monitor.id)
    .where('held_until_ms', '=', String(heldUntilMs))
    .returning('name')
    .executeTakeFirst();
  if (!row) return false;
  if (closedAt !== null && monitor.alertId !== null)
    await endAlert(tx, monitor.alertId, { at: closedAt, dueMs: messagesDueMs });
  if (opened === null) return true;
  const { id, kind, sentence, value, expected, q, openedAt, untold } = opened.alert;
  await tx
    .insertInto('alerts')
    .values({
      ...{ id, project_id: project, monitor: row.name, kind, sentence, value, q, opened_at: openedAt, untold },
      expected: expected === null ? null : JSON.stringify(expected),
    })
    .execute();
  const messages = opened.messages.map((message) => ({
    ...{ ...message, project_id: project, alert_id: id, event: 'opened' as const, due_ms: messagesDueMs },
  }));
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
        if (was?.alert_id != null) await endAlert(tx, was.alert_id, { at: isoOf(nowMs), dueMs: nowMs });
        const anew = {
          ...{ definition: JSON.stringify(definition), look: JSON.stringify(firstLook(nowMs)) },
          ...{ alert_id: null, due_ms: nowMs, held_until_ms: 0 },
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
        if (was.alert_id !== null) await endAlert(tx, was.alert_id, { at: isoOf(nowMs), dueMs: nowMs });
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
      const heldUntilMs = nowMs + holdMs;
      const rows = await db
        .updateTable('monitors')
        .set({ held_until_ms: heldUntilMs })
        .where('id', 'in', (from) =>
          from
            .selectFrom('monitors')
            .select('id')
            .where('due_ms', '<=', String(nowMs))
            .where('held_until_ms', '<=', String(nowMs))
            .orderBy('due_ms')
            .limit(limit)
            .forUpdate()
            .skipLocked(),
        )
        .returningAll()
        .execute();
      rows.sort((a, b) => Number(a.due_ms) - Number(b.due_ms));
      return rows.map((row) => ({ project: row.project_id as ProjectId, monitor: toMonitor(row), heldUntilMs }));
    },

    record: (due, result) => inTransaction(db, (tx) => recordLook(tx, due, result)),

    ...createAlertReads(db),
  };
}
