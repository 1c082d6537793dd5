import type { ModelHostStore } from '@wheelhouse/core/ports';
import type { HostId, ModelHost } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toHost = (row: Selectable<Database['model_hosts']>): ModelHost => ({
  id: row.id as HostId,
  model: row.model,
  version: row.version,
  url: row.url,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
});

const from = (leaseMs: number) => sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`;
const isLive = sql<boolean>`expires_at > now()`;

export function createModelHostStore(db: Db): ModelHostStore {
  return {
    register: (by, { id, model, version, url, sealed, leaseMs }) =>
      inTransaction(db, async (tx) => {
        await tx
          .deleteFrom('model_hosts')
          .where('project_id', '=', by.project)
          .where('expires_at', '<=', sql<Date>`now()`)
          .execute();
        const values = { id, project_id: by.project, model, version, url, created_by: by.actor };
        const row = await tx
          .insertInto('model_hosts')
          .values({ ...values, sealed: Buffer.from(sealed), expires_at: from(leaseMs) })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'host.register', subject: `${model}@${version}`, detail: { id, url } });
        return toHost(row);
      }),

    async renew(project, id, leaseMs) {
      const row = await db
        .updateTable('model_hosts')
        .set({ expires_at: from(leaseMs) })
        .where('project_id', '=', project)
        .where('id', '=', id)
        .where(isLive)
        .returningAll()
        .executeTakeFirst();
      return row ? toHost(row) : null;
    },

    leave: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('model_hosts')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (!row) return false;
        const { model, version, url } = row;
        await recordChange(tx, by, { action: 'host.leave', subject: `${model}@${version}`, detail: { id, url } });
        return true;
      }),

    async live(project) {
      const rows = await db
        .selectFrom('model_hosts')
        .selectAll()
        .where('project_id', '=', project)
        .where(isLive)
        .orderBy('seq')
        .execute();
      return rows.map((row) => ({ ...toHost(row), sealed: row.sealed }));
    },
  };
}
