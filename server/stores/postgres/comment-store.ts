import type { CommentStore } from '@wheelhouse/core/ports';
import { type Comment, type CommentId, contentHash, type LineageRef, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

const toComment = (row: Selectable<Database['comments']>): Comment => ({
  id: row.id as CommentId,
  on: row.on_ref as LineageRef,
  text: row.text,
  mentions: row.mentions,
  author: row.author,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at?.toISOString() ?? null,
});

const said = (text: string) => ({ hash: contentHash(text) });

export function createCommentStore(db: Db): CommentStore {
  return {
    write: (by, { id, on, text, mentions }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('comments')
          .values({ id, project_id: by.project, on_ref: on, text, mentions, author: by.actor })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'comment.write',
          subject: on,
          detail: { id, before: null, after: said(text) },
        });
        return toComment(row);
      }),

    change: (by, id, { text, mentions }) =>
      inTransaction(db, async (tx) => {
        const was = await tx
          .selectFrom('comments')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!was) throw new WheelhouseError('not_found', `There is no comment \`${id}\`.`);
        if (was.text === text) return toComment(was);
        const row = await tx
          .updateTable('comments')
          .set({ text, mentions, changed_at: sql`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'comment.change',
          subject: was.on_ref,
          detail: { id, before: said(was.text), after: said(text) },
        });
        return toComment(row);
      }),

    remove: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('comments')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning(['on_ref', 'text', 'author'])
          .executeTakeFirst();
        if (!row) return false;
        const { on_ref: subject, text, author } = row;
        const before = { ...said(text), author };
        await recordChange(tx, by, { action: 'comment.remove', subject, detail: { id, before, after: null } });
        return true;
      }),

    async eraseOn(project, traces) {
      await db
        .deleteFrom('comments')
        .where('project_id', '=', project)
        .where(sql<boolean>`(on_ref = any(${traces.map((id) => `trace:${id}`)}::text[])
          or split_part(on_ref, '/', 1) = any(${traces.map((id) => `span:${id}`)}::text[]))`)
        .execute();
    },

    async get(project, id) {
      const row = await db
        .selectFrom('comments')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toComment(row) : null;
    },

    async list(project, { limit, cursor, on, mentioning }) {
      const place =
        cursor === undefined ? null : await placeIn(db, 'comments', { project, id: cursor, param: 'cursor' });
      const rows = await db
        .selectFrom('comments')
        .selectAll()
        .where('project_id', '=', project)
        .$if(place !== null, (query) => query.where('seq', '<', place ?? ''))
        .$if(on !== undefined, (query) => query.where('on_ref', '=', on ?? ''))
        .$if(mentioning !== undefined, (query) => query.where(sql<boolean>`mentions && ${mentioning ?? []}::text[]`))
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      const data = rows.slice(0, limit).map(toComment);
      return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}
