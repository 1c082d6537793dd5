import type { ExampleErasing } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

/** Changes that stand on contents, and steps that let contents go, wait for each other at the project's row. */
export async function checkErasures(tx: Tx, project: ProjectId, seen: bigint | undefined): Promise<void> {
  if (seen === undefined) return;
  const row = await tx
    .selectFrom('projects')
    .select('erasures')
    .where('id', '=', project)
    .forShare()
    .executeTakeFirst();
  if (BigInt(row?.erasures ?? 0) !== seen)
    throw new WheelhouseError('conflict', 'Contents of examples were erased meanwhile.', {
      hint: 'Read what is there now, then do it again.',
    });
}

const countErasure = (tx: Tx, project: ProjectId) =>
  sql`update wheelhouse.projects set erasures = erasures + 1 where id = ${project}`.execute(tx);

/** In one order, so that two who doom the same contents do not wait for each other. */
const inOrder = (hashes: readonly string[]) => [...new Set(hashes)].sort();

export async function doom(tx: Tx, project: ProjectId, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await sql`
    insert into wheelhouse.doomed_contents (project_id, hash)
    select ${project}, hash from unnest(${inOrder(hashes)}::text[]) as given (hash)
    on conflict (project_id, hash) do update set number = default`.execute(tx);
}

/** Contents that an example refers to now. */
export async function spare(tx: Tx, project: ProjectId, hashes: readonly string[]): Promise<void> {
  await sql`
    delete from wheelhouse.doomed_contents
    where project_id = ${project} and hash = any(${inOrder(hashes)}::text[])`.execute(tx);
}

export function createExampleErasing(db: Db): ExampleErasing {
  return {
    async erasures(project) {
      const row = await db.selectFrom('projects').select('erasures').where('id', '=', project).executeTakeFirst();
      return BigInt(row?.erasures ?? 0);
    },

    expectContents: (project, hashes) => inTransaction(db, (tx) => doom(tx, project, hashes)),

    async noteErasing(project, deletion, traces) {
      await sql`
        insert into wheelhouse.erasing_traces (project_id, deletion_id, trace_id)
        select ${project}, ${deletion}, id from unnest(${traces}::text[]) as given (id)
        on conflict do nothing`.execute(db);
    },

    eraseNoted: (by, deletion) =>
      inTransaction(db, async (tx) => {
        await countErasure(tx, by.project);
        const { rows } = await sql<{ dataset: string; example_id: string; content_hash: string }>`
          update wheelhouse.dataset_examples e set erased_at = now()
          from wheelhouse.datasets d, wheelhouse.erasing_traces t
          where d.id = e.dataset_id and d.project_id = ${by.project}
            and t.project_id = ${by.project} and t.deletion_id = ${deletion} and t.trace_id = e.trace_id
            and e.erased_at is null
          returning d.name as dataset, e.example_id, e.content_hash`.execute(tx);
        await tx
          .deleteFrom('erasing_traces')
          .where('project_id', '=', by.project)
          .where('deletion_id', '=', deletion)
          .execute();
        await doom(
          tx,
          by.project,
          rows.map((row) => row.content_hash),
        );
        const erased = new Map<string, Set<string>>();
        for (const { dataset, example_id } of rows)
          erased.set(dataset, (erased.get(dataset) ?? new Set()).add(example_id));
        for (const [dataset, ids] of erased)
          await recordChange(tx, by, { action: 'examples.erase', subject: dataset, detail: { count: ids.size } });
        return [...erased.values()].reduce((sum, ids) => sum + ids.size, 0);
      }),

    doomed: (project, limit) =>
      inTransaction(db, async (tx) => {
        const any = await tx
          .selectFrom('doomed_contents')
          .select('hash')
          .where('project_id', '=', project)
          .limit(1)
          .executeTakeFirst();
        if (!any) return [];
        // Whoever stored a content before this refers to it by now, or is refused and stores it again, later.
        await countErasure(tx, project);
        await sql`
          delete from wheelhouse.doomed_contents c
          where c.project_id = ${project} and exists (
            select 1 from wheelhouse.dataset_examples e join wheelhouse.datasets d on d.id = e.dataset_id
            where e.content_hash = c.hash and e.erased_at is null and d.project_id = ${project}
          )`.execute(tx);
        const rows = await tx
          .selectFrom('doomed_contents')
          .select(['hash', 'number'])
          .where('project_id', '=', project)
          .orderBy('number')
          .limit(limit)
          .execute();
        return rows.map(({ hash, number }) => ({ hash, number: BigInt(number) }));
      }),

    async forgetDoomed(project, gone) {
      await sql`
        delete from wheelhouse.doomed_contents c
        using unnest(
          ${gone.map(({ hash }) => hash)}::text[],
          ${gone.map(({ number }) => String(number))}::bigint[]
        ) as given (hash, number)
        where c.project_id = ${project} and c.hash = given.hash and c.number = given.number`.execute(db);
    },
  };
}
