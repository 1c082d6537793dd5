import type { CancelSignal, ProjectRecordsEraser } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';

const rowsAtOnce = 1_000;
/** What says that there was a project. */
const kept = new Set(['projects', 'project_removals']);

type Reference = { child: string; parent: string; columns: string[]; targets: string[] };

/** A table, and which of its rows belong to the project. */
type Own = { table: string; rows: RawBuilder<boolean> };

const tableOf = (name: string) => sql.id('wheelhouse', name);
const listOf = (columns: string[]) => sql.join(columns.map((column) => sql.ref(column)));

async function readReferences(db: Db): Promise<Reference[]> {
  const { rows } = await sql<Reference>`
    select c.conrelid::regclass::oid as id, child.relname as child, parent.relname as parent,
      array(select a.attname::text from unnest(c.conkey) with ordinality k (n, i)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i) as columns,
      array(select a.attname::text from unnest(c.confkey) with ordinality k (n, i)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.i) as targets
    from pg_constraint c
    join pg_class child on child.oid = c.conrelid
    join pg_class parent on parent.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'wheelhouse'::regnamespace`.execute(db);
  return rows;
}

async function readNamed(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = 'wheelhouse' and column_name = 'project_id'`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !kept.has(name));
}

/**
 * Every table that has rows of projects, those that refer to others before these: it has a `project_id`, or refers to a
 * table that is one. Read from the database itself, so that no table is forgotten that comes later.
 */
async function readOwn(db: Db, project: ProjectId): Promise<Own[]> {
  const references = await readReferences(db);
  const own = new Map<string, RawBuilder<boolean>>();
  for (const name of await readNamed(db)) own.set(name, sql<boolean>`project_id = ${project}`);
  for (let found = -1; found !== own.size; ) {
    found = own.size;
    for (const { child, parent, columns, targets } of references) {
      const rows = own.get(parent);
      if (rows === undefined || own.has(child) || kept.has(child)) continue;
      own.set(
        child,
        sql<boolean>`(${listOf(columns)}) in (select ${listOf(targets)} from ${tableOf(parent)} where ${rows})`,
      );
    }
  }
  const ordered: Own[] = [];
  while (own.size > 0) {
    const free = [...own].find(
      ([table]) => !references.some(({ child, parent }) => parent === table && child !== table && own.has(child)),
    );
    if (free === undefined) throw new WheelhouseError('internal', `Tables refer to each other: ${[...own.keys()]}.`);
    const [table, rows] = free;
    own.delete(table);
    ordered.push({ table, rows });
  }
  return ordered;
}

/** Whether some are left. */
const eraseSome = (db: Db, { table, rows }: Own): Promise<boolean> =>
  inTransaction(db, async (tx) => {
    const { numAffectedRows } = await sql`
      delete from ${tableOf(table)} where ctid = any(array(
        select ctid from ${tableOf(table)} where ${rows} limit ${sql.lit(rowsAtOnce)}))`.execute(tx);
    return Number(numAffectedRows ?? 0) === rowsAtOnce;
  });

const count = (from: RawBuilder<unknown>) => sql<string>`(select count(*) from ${from})`;

/** Records of a project, counted and removed. */
export function createProjectEraser(db: Db): ProjectRecordsEraser {
  return {
    async count(project) {
      const of = (name: string) => count(sql`${tableOf(name)} where project_id = ${project}`);
      const { rows } = await sql<Record<string, string>>`select
        ${of('models')} as models, ${of('datasets')} as datasets, ${of('evaluations')} as evaluations,
        ${of('files')} as files, ${of('memberships')} as people,
        ${count(sql`${tableOf('keys')} where project_id = ${project} and revoked_at is null`)} as keys,
        (select count(distinct e.example_id) from ${tableOf('dataset_examples')} e
          join ${tableOf('datasets')} d on d.id = e.dataset_id
          where d.project_id = ${project} and e.erased_at is null) as examples`.execute(db);
      const of1 = (name: string) => Number(rows[0]?.[name] ?? 0);
      return {
        models: of1('models'),
        datasets: of1('datasets'),
        examples: of1('examples'),
        evaluations: of1('evaluations'),
        files: of1('files'),
        keys: of1('keys'),
        people: of1('people'),
      };
    },

    async erase(project: ProjectId, signal: CancelSignal) {
      for (const own of await readOwn(db, project))
        do {
          if (signal.aborted) throw signal.reason;
        } while (await eraseSome(db, own));
    },
  };
}
