import type { ProjectId } from '@wheelhouse/core/records';
import type { Postgres } from '@wheelhouse/server/stores/postgres/index';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from './engines.ts';

type Column = { table: string; name: string; type: string };
type Reference = { child: string; parent: string; columns: string[]; targets: string[] };
type Rows = Map<string, Record<string, unknown>>;

const aside = ['projects', 'project_removals', 'change_counter', 'migrations', 'migrations_lock', 'people'];
const never = new AbortController().signal;

/** One row of every table of a project, by what the database says of its columns. */
async function fill(client: pg.Client, project: ProjectId): Promise<Rows> {
  const { rows: columns } = await client.query<Column>(
    `select table_name as table, column_name as name, data_type as type from information_schema.columns
     where table_schema = 'wheelhouse' and is_nullable = 'NO' and column_default is null and is_identity = 'NO'`,
  );
  const { rows: references } = await client.query<Reference>(
    `select child.relname as child, parent.relname as parent,
       array(select attname::text from pg_attribute where attrelid = c.conrelid and attnum = any(c.conkey)
         order by array_position(c.conkey, attnum)) as columns,
       array(select attname::text from pg_attribute where attrelid = c.confrelid and attnum = any(c.confkey)
         order by array_position(c.confkey, attnum)) as targets
     from pg_constraint c join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid
     where c.contype = 'f' and c.connamespace = 'wheelhouse'::regnamespace`,
  );
  const made: Rows = new Map([
    ['projects', { id: project }],
    ['people', { id: `pn_${project}` }],
  ]);
  await client.query('insert into wheelhouse.projects (id, name) values ($1, $1)', [project]);
  await client.query("insert into wheelhouse.people (id, email, name) values ($1, $1 || '@example.com', 'Ada')", [
    `pn_${project}`,
  ]);
  let waiting = [...new Set(columns.map(({ table }) => table))].filter((table) => !aside.includes(table));
  const value = ({ name, type }: Column) => {
    if (name === 'project_id') return project;
    if (type === 'json' || type === 'ARRAY') return '{}';
    if (type === 'bytea') return Buffer.from('x');
    if (type === 'boolean') return true;
    if (type.startsWith('timestamp')) return new Date();
    return /int|double|numeric/.test(type) ? 1 : `${name} of ${project}`;
  };
  while (waiting.length > 0) {
    const ready = waiting.filter((table) =>
      references.every(({ child, parent }) => child !== table || parent === table || made.has(parent)),
    );
    expect(ready, `tables that wait for each other: ${waiting}`).not.toEqual([]);
    for (const table of ready) {
      const row: Record<string, unknown> = {};
      for (const column of columns) if (column.table === table) row[column.name] = value(column);
      for (const { child, parent, columns: own, targets } of references)
        if (child === table && parent !== table)
          own.forEach((name, i) => {
            row[name] = made.get(parent)?.[targets[i] ?? ''];
          });
      const names = Object.keys(row);
      const { rows } = await client.query(
        `insert into wheelhouse.${table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
         returning *`,
        Object.values(row),
      );
      made.set(table, rows[0]);
    }
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return made;
}

/** Whatever tables there are, now and later. */
export function projectEraserTests(world: () => { database: TestDatabase; postgres: Postgres }): void {
  describe('erasing a project', () => {
    let client: pg.Client;
    beforeAll(async () => {
      client = new pg.Client({ connectionString: world().database.url });
      await client.connect();
    });
    afterAll(() => client.end());

    it('leaves nothing of it in any table but that it was there, and everything of others', async () => {
      const { eraser } = world().postgres;
      const [leaving, staying] = ['leaving' as ProjectId, 'staying' as ProjectId];
      const counts = async (tables: Iterable<string>) => {
        const found: Record<string, number> = {};
        for (const table of tables) {
          const { rows } = await client.query<{ count: string }>(`select count(*) from wheelhouse.${table}`);
          found[table] = Number(rows[0]?.count);
        }
        return found;
      };
      const kept = await fill(client, staying);
      const before = await counts(kept.keys());
      await fill(client, leaving);
      expect(await eraser.count(leaving)).toEqual({
        ...{ models: 1, datasets: 1, examples: 1, evaluations: 1, files: 1, keys: 1, people: 1 },
      });
      await client.query(
        `insert into wheelhouse.audit (project_id, actor, action, subject, detail)
         select 'leaving', 'ann', 'x', i::text, '{}' from generate_series(1, 2500) i`,
      );
      await eraser.erase(leaving, never);
      await eraser.erase(leaving, never);
      // The project itself and its people stay, and what belongs to no project.
      const after = await counts(kept.keys());
      const ownsNone = new Set(['projects', 'people', 'identities', 'sessions', 'sign_in_tries', 'allowances']);
      for (const [table, count] of Object.entries(before))
        expect([table, after[table]]).toEqual([table, ownsNone.has(table) ? count + 1 : count]);
      expect((await eraser.count(staying)).models).toBe(1);
    });

    it('stops when it is told to', async () => {
      const stopped = world().postgres.eraser.erase('leaving' as ProjectId, AbortSignal.abort(new Error('stopped')));
      await expect(stopped).rejects.toThrow('stopped');
    });
  });
}
