import type { OnlineStore } from '@wheelhouse/core/ports';
import {
  firstOnlineLook,
  type JsonObject,
  type OnlineDefinition,
  type OnlineEvaluation,
  type ProjectId,
} from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import { claimDue } from './claim-due.ts';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

type Row = Selectable<Database['online_evaluations']>;

const toOnline = (row: Row): OnlineEvaluation => ({
  ...{ id: row.id, name: row.name, version: row.version, ...row.definition, isPaused: row.is_paused, look: row.look },
  ...{ draw: row.draw, createdBy: row.created_by, createdAt: row.created_at.toISOString() },
});

/** What the audit log says of one. */
const saidOf = ({ of, q, scorers, sample, budgetNanoUsd }: OnlineDefinition): JsonObject => ({
  ...{ of, q, scorers: scorers.map(({ name, label }) => ({ name, label })), sample, budgetNanoUsd },
});

const held = (tx: Tx, project: string, name: string) =>
  tx
    .selectFrom('online_evaluations')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();

/** What servers do that share the looks. */
function createOnlineWork(db: Db): Pick<OnlineStore, 'claim' | 'hold' | 'record'> {
  return {
    async claim(nowMs, { holdMs, limit }) {
      const rows = await claimDue(db, 'online_evaluations', { nowMs, holdMs, limit });
      return rows.map((row) => ({
        ...{ project: row.project_id as ProjectId, online: toOnline(row) },
        heldUntilMs: Number(row.held_until_ms),
      }));
    },

    async hold(due, untilMs) {
      const row = await db
        .updateTable('online_evaluations')
        .set({ held_until_ms: untilMs })
        .where('id', '=', due.online.id)
        .where('held_until_ms', '=', String(due.heldUntilMs))
        .returning('id')
        .executeTakeFirst();
      return row ? { ...due, heldUntilMs: untilMs } : null;
    },

    async record({ online: { id }, heldUntilMs }, { look, dueMs }) {
      const row = await db
        .updateTable('online_evaluations')
        .set({ look: JSON.stringify(look), due_ms: dueMs, held_until_ms: 0 })
        .where('id', '=', id)
        .where('held_until_ms', '=', String(heldUntilMs))
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export function createOnlineStore(db: Db): OnlineStore {
  return {
    set: (by, { id, name, definition, startMs }) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        const said = JSON.stringify(definition);
        // What could not be scored by other scorers says nothing of these.
        const look = was && { ...was.look, failingSince: null, failures: 0, problem: null, problems: [], retries: [] };
        const row = was
          ? await tx
              .updateTable('online_evaluations')
              .set({
                ...{ definition: said, version: was.version + 1, look: JSON.stringify(look) },
                ...{ due_ms: 0, held_until_ms: 0 },
              })
              .where('id', '=', was.id)
              .returningAll()
              .executeTakeFirstOrThrow()
          : await tx
              .insertInto('online_evaluations')
              .values({
                ...{ id, project_id: by.project, name, definition: said, created_by: by.actor },
                look: JSON.stringify(firstOnlineLook(startMs)),
              })
              .returningAll()
              .executeTakeFirstOrThrow();
        const detail = { before: was ? saidOf(was.definition) : null, after: saidOf(definition) };
        await recordChange(tx, by, { action: 'online.set', subject: name, detail });
        return toOnline(row);
      }),

    async get(project, name) {
      const row = await db
        .selectFrom('online_evaluations')
        .selectAll()
        .where('project_id', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? toOnline(row) : null;
    },

    async list(project, { limit, before }) {
      const rows = await db
        .selectFrom('online_evaluations')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toOnline);
    },

    remove: (by, name) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (!was) return false;
        await tx.deleteFrom('online_evaluations').where('id', '=', was.id).execute();
        const detail = { before: saidOf(was.definition), after: null };
        await recordChange(tx, by, { action: 'online.remove', subject: name, detail });
        return true;
      }),

    pause: (by, name, { isPaused, fromMs }) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (!was) return null;
        if (was.is_paused === isPaused) return toOnline(was);
        const look = isPaused
          ? was.look
          : { ...was.look, place: { ms: fromMs, id: '' }, failingSince: null, failures: 0 };
        const row = await tx
          .updateTable('online_evaluations')
          .set({ is_paused: isPaused, look: JSON.stringify(look), due_ms: 0, held_until_ms: 0 })
          .where('id', '=', was.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: isPaused ? 'online.pause' : 'online.resume', subject: name, detail: {} });
        return toOnline(row);
      }),

    setDraw: (by, name, draw) =>
      inTransaction(db, async (tx) => {
        const was = await held(tx, by.project, name);
        if (!was) return null;
        const row = await tx
          .updateTable('online_evaluations')
          .set({ draw: JSON.stringify(draw) })
          .where('id', '=', was.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'online.draw', subject: name, detail: { before: was.draw, after: draw } });
        return toOnline(row);
      }),

    ...createOnlineWork(db),
  };
}
