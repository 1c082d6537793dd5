import type { LineageEdge, LineageStore } from '@wheelhouse/core/ports';
import { type LineageKind, type LineageRef, type ProjectId, parseLineageRef } from '@wheelhouse/core/records';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './database.ts';

/** `of`: the thing that was asked for; `ref`: what it leads to. */
type Link = { of: LineageRef; ref: LineageRef };
type Ask = { project: ProjectId; refs: LineageRef[]; limit: number };

const largestInteger = 2_147_483_647;

/** Those of one kind, each with what stands before and behind its last separator, as a table `r`. */
function asked(refs: LineageRef[], kind: LineageKind): { some: boolean; rows: RawBuilder<unknown> } {
  const mine = refs.filter((ref) => parseLineageRef(ref)?.kind === kind);
  const separator = kind === 'version' || kind === 'alias' || kind === 'dataset' ? '@' : '/';
  const parts = mine.map((ref) => {
    const id = ref.slice(kind.length + 1);
    const at = id.lastIndexOf(separator);
    return at === -1 ? { name: id, rest: '' } : { name: id.slice(0, at), rest: id.slice(at + 1) };
  });
  const numbers = parts.map(({ rest }) => (/^\d{1,10}$/.test(rest) ? Math.min(Number(rest), largestInteger) : 0));
  const rows = sql`unnest(${mine}::text[], ${parts.map(({ name }) => name)}::text[],
    ${parts.map(({ rest }) => rest)}::text[], ${numbers}::int[]) as r(of, name, rest, number)`;
  return { some: mine.length > 0, rows };
}

/** Nothing is asked of the database where nothing of the kind was. */
async function links(
  db: Db,
  { refs, limit }: Ask,
  kind: LineageKind,
  select: (limit: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<Link[]> {
  const { some, rows } = asked(refs, kind);
  if (!some) return [];
  const found = await sql<Link>`select r.of as of, e.ref as ref from ${rows}
    cross join lateral (${select(sql`limit ${sql.lit(limit)}`)}) e`.execute(db);
  return found.rows;
}

const inVersion = (number: string) =>
  sql.raw(`x.added_in <= ${number} and (x.removed_in is null or x.removed_in > ${number})`);

async function readAbove(db: Db, ask: Ask): Promise<Link[]> {
  const { project } = ask;
  const found = await Promise.all([
    links(
      db,
      ask,
      'version',
      (limit) => sql`select unnest(v.made_from) as ref from wheelhouse.model_versions v
        join wheelhouse.models m on m.id = v.model_id
        where m.project_id = ${project} and m.name = r.name and v.number = r.number ${limit}`,
    ),
    links(
      db,
      ask,
      'alias',
      (limit) => sql`select concat('version:', m.name, '@', a.version) as ref from wheelhouse.model_aliases a
        join wheelhouse.models m on m.id = a.model_id
        where m.project_id = ${project} and m.name = r.name and a.alias = r.rest ${limit}`,
    ),
    links(
      db,
      ask,
      'example',
      (limit) => sql`select case when x.span_id is null then concat('trace:', x.trace_id)
          else concat('span:', x.trace_id, '/', x.span_id) end as ref
        from wheelhouse.dataset_examples x join wheelhouse.datasets d on d.id = x.dataset_id
        where d.project_id = ${project} and d.name = r.name and x.example_id = r.rest and x.trace_id is not null
          and x.erased_at is null
        group by 1 ${limit}`,
    ),
    links(
      db,
      ask,
      'dataset',
      (limit) => sql`select concat('example:', d.name, '/', x.example_id) as ref
        from wheelhouse.dataset_examples x join wheelhouse.datasets d on d.id = x.dataset_id
        where d.project_id = ${project} and d.name = r.name and r.number <= d.head and ${inVersion('r.number')}
        order by x.position desc ${limit}`,
    ),
    links(
      db,
      ask,
      'dataset',
      (limit) => sql`select unnest(v.made_from) as ref from wheelhouse.dataset_versions v
        join wheelhouse.datasets d on d.id = v.dataset_id
        where d.project_id = ${project} and d.name = r.name and v.number = r.number ${limit}`,
    ),
    links(
      db,
      ask,
      'evaluation',
      (limit) => sql`select ref from wheelhouse.evaluations c cross join lateral (
          select concat('dataset:', c.dataset, '@', c.dataset_version) as ref
          union select concat('version:', one->>'model', '@', one->>'version') from json_array_elements(c.runs) one
            where one->>'version' is not null) refs
        where c.project_id = ${project} and c.id = r.name ${limit}`,
    ),
  ]);
  return found.flat();
}

async function readBelow(db: Db, ask: Ask): Promise<Link[]> {
  const { project } = ask;
  const versions = (of: RawBuilder<unknown>) => (limit: RawBuilder<unknown>) =>
    sql`select concat('version:', m.name, '@', v.number) as ref from wheelhouse.model_versions v
      join wheelhouse.models m on m.id = v.model_id
      where m.project_id = ${project} and ${of} order by v.created_at desc, v.number desc ${limit}`;
  const madeOf = versions(sql`v.made_from @> array[r.of]`);
  const examples = (of: RawBuilder<unknown>) => (limit: RawBuilder<unknown>) =>
    sql`select concat('example:', d.name, '/', x.example_id) as ref from wheelhouse.dataset_examples x
      join wheelhouse.datasets d on d.id = x.dataset_id
      where d.project_id = ${project} and x.erased_at is null and ${of}
      group by 1 order by max(x.position) desc ${limit}`;
  const found = await Promise.all([
    links(
      db,
      ask,
      'trace',
      versions(sql`exists (select 1 from unnest(v.made_from) s
        where s = r.of or split_part(s, '/', 1) = concat('span:', r.name))`),
    ),
    links(db, ask, 'trace', examples(sql`x.trace_id = r.name`)),
    links(db, ask, 'span', madeOf),
    links(db, ask, 'span', examples(sql`x.trace_id = r.name and x.span_id = r.rest`)),
    links(db, ask, 'example', madeOf),
    links(
      db,
      ask,
      'example',
      (limit) => sql`select concat('dataset:', d.name, '@', n.number) as ref from wheelhouse.dataset_examples x
        join wheelhouse.datasets d on d.id = x.dataset_id
        join wheelhouse.dataset_versions n on n.dataset_id = d.id and ${inVersion('n.number')}
        where d.project_id = ${project} and d.name = r.name and x.example_id = r.rest
        order by n.number desc ${limit}`,
    ),
    links(db, ask, 'dataset', madeOf),
    links(
      db,
      ask,
      'dataset',
      (limit) => sql`select concat('evaluation:', c.id) as ref from wheelhouse.evaluations c
        where c.project_id = ${project} and c.dataset = r.name
          and c.dataset_version = r.number order by c.seq desc ${limit}`,
    ),
    links(
      db,
      ask,
      'dataset',
      (limit) => sql`select concat('dataset:', d.name, '@', v.number) as ref from wheelhouse.dataset_versions v
        join wheelhouse.datasets d on d.id = v.dataset_id
        where d.project_id = ${project} and v.made_from @> array[r.of] order by v.created_at desc ${limit}`,
    ),
    links(db, ask, 'evaluation', madeOf),
    links(db, ask, 'version', madeOf),
    links(
      db,
      ask,
      'version',
      (limit) => sql`select concat('alias:', m.name, '@', a.alias) as ref from wheelhouse.model_aliases a
        join wheelhouse.models m on m.id = a.model_id
        where m.project_id = ${project} and m.name = r.name and a.version = r.number order by a.alias ${limit}`,
    ),
    links(
      db,
      ask,
      'version',
      (limit) => sql`select concat('evaluation:', c.id) as ref from wheelhouse.evaluations c
        where c.project_id = ${project} and c.models @> array[concat(r.name, '@', r.rest)]
        order by c.seq desc ${limit}`,
    ),
    links(db, ask, 'alias', madeOf),
  ]);
  return found.flat();
}

async function readKnown(db: Db, ask: Ask): Promise<Link[]> {
  const { project } = ask;
  const one = (from: RawBuilder<unknown>) => (limit: RawBuilder<unknown>) => sql`select r.of as ref ${from} ${limit}`;
  const found = await Promise.all([
    links(
      db,
      ask,
      'version',
      one(sql`from wheelhouse.models m
        where m.project_id = ${project} and m.name = r.name and r.number between 1 and m.latest`),
    ),
    links(
      db,
      ask,
      'alias',
      one(sql`from wheelhouse.models m join wheelhouse.model_aliases a on a.model_id = m.id
        where m.project_id = ${project} and m.name = r.name and a.alias = r.rest`),
    ),
    links(
      db,
      ask,
      'example',
      one(sql`from wheelhouse.datasets d join wheelhouse.dataset_examples x on x.dataset_id = d.id
        where d.project_id = ${project} and d.name = r.name and x.example_id = r.rest and x.erased_at is null`),
    ),
    links(
      db,
      ask,
      'dataset',
      one(sql`from wheelhouse.datasets d
        where d.project_id = ${project} and d.name = r.name and r.number between 1 and d.head`),
    ),
    links(
      db,
      ask,
      'evaluation',
      one(sql`from wheelhouse.evaluations c where c.project_id = ${project} and c.id = r.name`),
    ),
  ]);
  return found.flat();
}

/** Reads what was made from what out of the records themselves: nothing is written down twice. */
export function createLineageStore(db: Db): LineageStore {
  return {
    above: async (project, refs, limit): Promise<LineageEdge[]> =>
      (await readAbove(db, { project, refs, limit })).map(({ of, ref }) => ({ from: ref, to: of })),
    below: async (project, refs, limit): Promise<LineageEdge[]> =>
      (await readBelow(db, { project, refs, limit })).map(({ of, ref }) => ({ from: of, to: ref })),
    known: async (project, refs) => new Set((await readKnown(db, { project, refs, limit: 1 })).map(({ of }) => of)),
  };
}
