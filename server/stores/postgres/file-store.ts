import type { FileStore, ResponseStore, StoredResponse } from '@wheelhouse/core/ports';
import type { FileId, ProjectId, StoredFile } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

const toFile = (row: Selectable<Database['files']>): StoredFile => ({
  id: row.id as FileId,
  name: row.name,
  purpose: row.purpose,
  bytes: Number(row.bytes),
  sha256: row.sha256,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
});

export function createFileStore(db: Db): FileStore {
  return {
    create: (by, file) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('files')
          .values({
            id: file.id,
            project_id: by.project,
            name: file.name,
            purpose: file.purpose,
            bytes: file.bytes,
            sha256: file.sha256,
            expires_at: file.expiresAt,
          })
          // A batch that is finished twice after a kill writes the same files.
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) {
          const before = await tx
            .selectFrom('files')
            .selectAll()
            .where('project_id', '=', by.project)
            .where('id', '=', file.id)
            .executeTakeFirstOrThrow();
          return toFile(before);
        }
        const { name, purpose, bytes } = file;
        await recordChange(tx, by, { action: 'file.create', subject: file.id, detail: { name, purpose, bytes } });
        return toFile(row);
      }),

    async get(project, id) {
      const row = await db
        .selectFrom('files')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toFile(row) : null;
    },

    async list(project, { limit, after, purpose, order = 'desc' }) {
      const place = after === undefined ? null : await placeIn(db, 'files', { project, id: after, param: 'after' });
      const rows = await db
        .selectFrom('files')
        .selectAll()
        .where('project_id', '=', project)
        .$if(purpose !== undefined, (query) => query.where('purpose', '=', purpose ?? ''))
        .$if(place !== null, (query) => query.where('seq', order === 'desc' ? '<' : '>', place ?? ''))
        .orderBy('seq', order)
        .limit(limit)
        .execute();
      return rows.map(toFile);
    },

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('files')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning(['name', 'purpose'])
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'file.remove', subject: id, detail: row });
        return true;
      }),

    async expired(nowMs, limit) {
      const rows = await db
        .selectFrom('files')
        .select(['project_id', 'id'])
        .where('expires_at', '<=', new Date(nowMs))
        .limit(limit)
        .execute();
      return rows.map((row) => ({ project: row.project_id as ProjectId, id: row.id as FileId }));
    },
  };
}

const toResponse = (row: Selectable<Database['responses']>): StoredResponse => ({
  id: row.id,
  body: row.body,
  input: row.input,
  previousId: row.previous_id,
  createdAtMs: row.created_at.getTime(),
  expiresAtMs: row.expires_at.getTime(),
});

const fromResponse = (project: ProjectId, response: StoredResponse) => ({
  project_id: project,
  id: response.id,
  body: JSON.stringify(response.body),
  input: JSON.stringify(response.input),
  previous_id: response.previousId,
  created_at: new Date(response.createdAtMs),
  expires_at: new Date(response.expiresAtMs),
});

/** Answers of `/v1/responses`; they are traffic, so their changes leave no audit rows. */
export function createResponseStore(db: Db): ResponseStore {
  const find = (project: ProjectId, id: string) =>
    db.selectFrom('responses').selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
  return {
    async put(records) {
      if (records.length === 0) return;
      await db
        .insertInto('responses')
        .values(records.map(({ project, response }) => fromResponse(project, response)))
        .onConflict((conflict) =>
          conflict.columns(['project_id', 'id']).doUpdateSet((row) => ({ body: row.ref('excluded.body') })),
        )
        .execute();
    },

    async get(project, id) {
      const row = await find(project, id);
      return row ? toResponse(row) : null;
    },

    async begin(project, response, request) {
      await db
        .insertInto('responses')
        .values({ ...fromResponse(project, response), request })
        .execute();
    },

    async pending(project, id) {
      const row = await find(project, id);
      return row && row.request !== null ? { response: toResponse(row), request: row.request } : null;
    },

    async settle(project, id, { body, made }) {
      const { numUpdatedRows } = await db
        .updateTable('responses')
        .set({ body: JSON.stringify(body), ...(made && { request: null }) })
        .where('project_id', '=', project)
        .where('id', '=', id)
        .where('request', 'is not', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async remove(project, id) {
      const { numDeletedRows } = await db
        .deleteFrom('responses')
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async expire(nowMs) {
      await db.deleteFrom('responses').where('expires_at', '<=', new Date(nowMs)).execute();
    },
  };
}
