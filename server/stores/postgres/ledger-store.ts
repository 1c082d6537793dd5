import type { DeadLetterFilter, DeadLetterStore, LedgerStore } from '@wheelhouse/core/ports';
import { type DeadLetter, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

export function createLedgerStore(db: Db): LedgerStore {
  return {
    async save(server, books) {
      const projects = books.map(({ project }) => project);
      const accounts = books.map((book) => JSON.stringify(book.accounts));
      await sql`
        insert into wheelhouse.ledgers (project_id, server, accounts)
        select p.id, ${server}, b.accounts::json
        from unnest(${projects}::text[], ${accounts}::text[]) as b (project_id, accounts)
        join wheelhouse.projects p on p.id = b.project_id
        where not exists (select from wheelhouse.project_removals r where r.project_id = p.id)
        on conflict (project_id, server) do update set accounts = excluded.accounts, saved_at = now()`.execute(db);
    },
    async load({ server, project }) {
      const rows = await db
        .selectFrom('ledgers')
        .selectAll()
        .$if(server !== undefined, (query) => query.where('server', '=', server ?? ''))
        .$if(project !== undefined, (query) => query.where('project_id', '=', project ?? ''))
        .orderBy('server')
        .orderBy('project_id')
        .execute();
      return rows.map((row) => ({
        project: row.project_id as ProjectId,
        server: row.server,
        savedAt: row.saved_at.toISOString(),
        accounts: row.accounts,
      }));
    },
  };
}

const columns = [
  'id',
  'source',
  'reason',
  'sample',
  'path',
  'content_type',
  'bytes',
  'received_at',
  'replays',
] as const;
type LetterRow = Pick<Selectable<Database['dead_letters']>, (typeof columns)[number]>;

const toLetter = (row: LetterRow): DeadLetter => ({
  id: row.id,
  source: row.source,
  reason: row.reason,
  sample: row.sample,
  path: row.path,
  contentType: row.content_type,
  bytes: row.bytes,
  receivedAt: row.received_at.toISOString(),
  replays: row.replays,
});

const fits =
  (project: ProjectId, { source, reason, ids }: DeadLetterFilter) =>
  (where: ExpressionBuilder<Database, 'dead_letters'>) =>
    where.and([
      where('project_id', '=', project),
      ...(source === undefined ? [] : [where('source', '=', source)]),
      ...(reason === undefined ? [] : [where('reason', '=', reason)]),
      ...(ids === undefined ? [] : [where('id', '=', sql<string>`any(${ids})`)]),
    ]);

const noLetter = (id: string) => new WheelhouseError('not_found', `There is no dead letter ${id}.`);

export function createDeadLetterStore(db: Db): DeadLetterStore {
  return {
    keep: (project, letters, bounds) =>
      inTransaction(db, async (tx) => {
        if (letters.length === 0) return;
        await tx
          .insertInto('dead_letters')
          .values(
            letters.map((letter) => ({
              id: letter.id,
              project_id: project,
              source: letter.source,
              reason: letter.reason,
              sample: letter.sample,
              path: letter.path,
              content_type: letter.contentType,
              body: Buffer.from(letter.body),
              bytes: letter.bytes,
              received_at: letter.receivedAt,
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await sql`delete from wheelhouse.dead_letters d using (
            select id, received_at, row_number() over newest as number, sum(bytes) over newest as sum
            from wheelhouse.dead_letters where project_id = ${project}
            window newest as (order by id desc)
          ) k where d.id = k.id and (
            k.number > ${bounds.letters} or k.sum > ${bounds.bytes}
            or k.received_at < now() - make_interval(days => ${bounds.days})
          )`.execute(tx);
      }),

    async list(project, { limit, before, ...filter }) {
      const rows = await db
        .selectFrom('dead_letters')
        .select(columns)
        .where(fits(project, filter))
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toLetter);
    },

    async get(project, id) {
      const row = await db
        .selectFrom('dead_letters')
        .select([...columns, 'body'])
        .where('project_id', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? { ...toLetter(row), body: row.body } : null;
    },

    async counts(project, filter) {
      const { letters, bytes } = await db
        .selectFrom('dead_letters')
        .select((select) => [
          select.fn.countAll<string>().as('letters'),
          select.fn.sum<string | null>('bytes').as('bytes'),
        ])
        .where(fits(project, filter))
        .executeTakeFirstOrThrow();
      return { letters: Number(letters), bytes: Number(bytes ?? 0) };
    },

    repair: (by, id, { body, contentType }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('dead_letters')
          .set({ body: Buffer.from(body), bytes: body.length, content_type: contentType })
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw noLetter(id);
        await recordChange(tx, by, { action: 'dead_letter.repair', subject: id, detail: { bytes: body.length } });
      }),

    async refusedAgain(project, id, { reason, sample }) {
      await db
        .updateTable('dead_letters')
        .set({ reason, sample, replays: sql<number>`replays + 1` })
        .where('project_id', '=', project)
        .where('id', '=', id)
        .execute();
    },

    remove: (by, id, action) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('dead_letters')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning(['source', 'reason'])
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action, subject: id, detail: { source: row.source, reason: row.reason } });
        return true;
      }),
  };
}
