import type { AttachmentStore } from '@wheelhouse/core/ports';
import type { Attachment, AttachmentId, AttachmentPlace, ProjectId, SpanId, TraceId } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';

const toAttachment = (
  row: Pick<Selectable<Database['attachments']>, 'id' | 'sha256' | 'bytes' | 'type'>,
): Attachment => ({
  id: row.id as AttachmentId,
  sha256: row.sha256,
  bytes: Number(row.bytes),
  type: row.type,
});

/** The same place twice is one. */
async function notePlace(
  tx: Tx,
  given: { project: ProjectId; id: AttachmentId; place: AttachmentPlace; most: number },
): Promise<'noted' | 'full'> {
  const { project, id, place, most } = given;
  const row = {
    project_id: project,
    trace_id: place.traceId as string,
    span_id: place.spanId ?? '',
    attachment_id: id as string,
    name: place.name,
  };
  const { rows } = await sql<{ here: boolean; others: string }>`
    select coalesce(bool_or(span_id = ${row.span_id} and attachment_id = ${row.attachment_id} and name = ${row.name}), false)
      as here, count(*) as others
    from wheelhouse.attachment_places where project_id = ${project} and trace_id = ${row.trace_id}`.execute(tx);
  const [found] = rows;
  if (found?.here) return 'noted';
  if (Number(found?.others ?? 0) >= most) return 'full';
  await tx
    .insertInto('attachment_places')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return 'noted';
}

/** Whoever lets the attachment go waits for this lock, and sees the place that was noted under it. */
const lockAttachment = (tx: Tx, project: ProjectId, id: AttachmentId) =>
  tx
    .selectFrom('attachments')
    .select('id')
    .where('project_id', '=', project)
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();

class Undone extends Error {
  readonly noted: 'full' | 'lost';
  constructor(noted: 'full' | 'lost') {
    super(noted);
    this.noted = noted;
  }
}

function createKeeping(db: Db): Pick<AttachmentStore, 'doom' | 'keep' | 'refer' | 'find' | 'ofTrace'> {
  return {
    async doom(project, blob, dueMs) {
      await db
        .insertInto('doomed_blobs')
        .values({ name: blob, project_id: project, due_at: new Date(dueMs) })
        .execute();
    },

    async keep(project, { attachment, blob }, place, most) {
      const { id, sha256, bytes, type } = attachment;
      try {
        return await inTransaction(db, async (tx) => {
          const made = await tx
            .insertInto('attachments')
            .values({ project_id: project, id, sha256, bytes, type, blob })
            .onConflict((conflict) => conflict.doNothing())
            .returning('id')
            .executeTakeFirst();
          if (made) {
            const spared = await tx
              .deleteFrom('doomed_blobs')
              .where('name', '=', blob)
              .where('claimed', '=', false)
              .returning('name')
              .executeTakeFirst();
            if (!spared) throw new Undone('lost');
          } else if (!(await lockAttachment(tx, project, id))) throw new Undone('lost');
          const noted = await notePlace(tx, { project, id, place, most });
          if (noted === 'full') throw new Undone(noted);
          return noted;
        });
      } catch (error) {
        if (error instanceof Undone) return error.noted;
        throw error;
      }
    },

    refer: (project, id, place, most) =>
      inTransaction(db, async (tx) =>
        (await lockAttachment(tx, project, id)) ? notePlace(tx, { project, id, place, most }) : null,
      ),

    async find(project, id) {
      const row = await db
        .selectFrom('attachments')
        .selectAll()
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return null;
      return { attachment: toAttachment(row), blob: row.blob, createdAt: row.created_at.toISOString() };
    },

    async ofTrace(project, trace) {
      const rows = await db
        .selectFrom('attachment_places as p')
        .innerJoin('attachments as a', (join) =>
          join.onRef('a.project_id', '=', 'p.project_id').onRef('a.id', '=', 'p.attachment_id'),
        )
        .select(['a.id', 'a.sha256', 'a.bytes', 'a.type', 'p.span_id', 'p.name'])
        .where('p.project_id', '=', project)
        .where('p.trace_id', '=', trace)
        .orderBy('p.seq')
        .execute();
      return rows.map((row) => ({
        attachment: toAttachment(row),
        place: { traceId: trace, spanId: row.span_id === '' ? null : (row.span_id as SpanId), name: row.name },
      }));
    },
  };
}

function createErasing(db: Db): Pick<AttachmentStore, 'leave' | 'due' | 'forget' | 'settled'> {
  return {
    leave: (project, traces) =>
      inTransaction(db, async (tx) => {
        // In one order, so that two who let go of the same do not wait for each other.
        await sql`
          select 1 from wheelhouse.attachments as a
          where a.project_id = ${project} and a.id in (
            select attachment_id from wheelhouse.attachment_places
            where project_id = ${project} and trace_id = any(${traces}::text[]))
          order by a.id for update`.execute(tx);
        const { rows } = await sql<{ attachment_id: string }>`
          delete from wheelhouse.attachment_places
          where project_id = ${project} and trace_id = any(${traces}::text[])
          returning attachment_id`.execute(tx);
        const ids = [...new Set(rows.map((row) => row.attachment_id))];
        await sql`
          with gone as (
            delete from wheelhouse.attachments as a
            where a.project_id = ${project} and a.id = any(${ids}::text[]) and not exists (
              select 1 from wheelhouse.attachment_places as p
              where p.project_id = a.project_id and p.attachment_id = a.id)
            returning a.blob)
          insert into wheelhouse.doomed_blobs (name, project_id, due_at) select blob, ${project}, now() from gone`.execute(
          tx,
        );
      }),

    async due(nowMs, limit) {
      const { rows } = await sql<{ name: string }>`
        update wheelhouse.doomed_blobs set claimed = true where name in (
          select name from wheelhouse.doomed_blobs where claimed or due_at <= ${new Date(nowMs)}
          order by due_at limit ${limit} for update skip locked)
        returning name`.execute(db);
      return rows.map(({ name }) => name);
    },

    async forget(blobs) {
      await sql`delete from wheelhouse.doomed_blobs where name = any(${blobs}::text[])`.execute(db);
    },

    async settled({ beforeMs, limit, after }) {
      const { rows } = await sql<{ project_id: ProjectId; trace_id: TraceId }>`
        select p.project_id, p.trace_id from wheelhouse.attachment_places as p
        where (p.project_id, p.trace_id) > (${after?.project ?? ''}, ${after?.traceId ?? ''})
          and not exists (
            select 1 from wheelhouse.dataset_examples as e join wheelhouse.datasets as d on d.id = e.dataset_id
            where e.trace_id = p.trace_id and e.erased_at is null and d.project_id = p.project_id)
        group by p.project_id, p.trace_id having max(p.created_at) <= ${new Date(beforeMs)}
        order by p.project_id, p.trace_id limit ${limit}`.execute(db);
      return rows.map((row) => ({ project: row.project_id, traceId: row.trace_id }));
    },
  };
}

/** What came with traces. */
export function createAttachmentStore(db: Db): AttachmentStore {
  return {
    ...createKeeping(db),
    ...createErasing(db),

    async issue(hash, ticket, expiresMs) {
      await db
        .insertInto('attachment_tickets')
        .values({ hash, project_id: ticket.project, ticket: JSON.stringify(ticket), expires_at: new Date(expiresMs) })
        .execute();
    },

    async redeem(hash, nowMs) {
      const row = await db
        .selectFrom('attachment_tickets')
        .select('ticket')
        .where('hash', '=', hash)
        .where('expires_at', '>', new Date(nowMs))
        .executeTakeFirst();
      return row?.ticket ?? null;
    },

    async expire(nowMs) {
      await db.deleteFrom('attachment_tickets').where('expires_at', '<=', new Date(nowMs)).execute();
    },
  };
}
