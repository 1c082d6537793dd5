import type { MemberFilter, MemberPage } from '@wheelhouse/core/ports';
import {
  type Dataset,
  type DatasetId,
  type DatasetSchema,
  type ExampleId,
  type ExampleMember,
  type ProjectId,
  type Recipe,
  type SpanId,
  type SplitRule,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './database.ts';

type DatasetRow = {
  id: string;
  name: string;
  description: string;
  source: string;
  licence: string;
  consent: string;
  schema: DatasetSchema;
  splits: SplitRule | null;
  recipe: Recipe | null;
  aliases: Record<string, number> | null;
  head: number;
  created_at: Date;
  draft_count: number;
  changed: boolean;
};

export const noDataset = (name: string) => new WheelhouseError('not_found', `No dataset is called \`${name}\`.`);

/**
 * Whether the draft's sequence of rows differs from the head's. Mostly the counts say so, or the few rows that only one of
 * the two has; the sequences themselves are compared when these are the same rows at other places.
 */
const draftDiffers = (() => {
  const row = sql.raw('e.example_id, e.content_hash, e.tags, e.split, e.weight');
  const of = (which: string) => sql`from wheelhouse.dataset_examples e where e.dataset_id = d.id and ${sql.raw(which)}`;
  const [added, removed] = ['e.added_in > d.head', 'e.removed_in > d.head'];
  const inDraft = 'e.removed_in is null';
  const inHead = 'e.added_in <= d.head and (e.removed_in is null or e.removed_in > d.head)';
  const inOrder = (which: string) => sql`select row_number() over (order by e.position) as nth, ${row} ${of(which)}`;
  return sql<boolean>`case
    when d.draft_added <> d.draft_removed then true
    when d.draft_added = 0 then false
    when exists (select ${row} ${of(added)} except all select ${row} ${of(removed)}) then true
    when not exists (
      select e.position, ${row} ${of(added)} except all select e.position, ${row} ${of(removed)}) then false
    else exists (${inOrder(inDraft)} except ${inOrder(inHead)})
  end`;
})();

/** Datasets by name. */
export async function readDatasets(db: Db, project: ProjectId, name?: string): Promise<Dataset[]> {
  const { rows } = await sql<DatasetRow>`
    select d.id, d.name, d.description, d.source, d.licence, d.consent, d.schema, d.splits, d.recipe, d.head,
      d.created_at, d.draft_count, ${draftDiffers} as changed,
      (select json_object_agg(a.alias, a.version order by a.alias) from wheelhouse.dataset_aliases a
        where a.dataset_id = d.id) as aliases
    from wheelhouse.datasets d
    where d.project_id = ${project} and d.removed_at is null ${name === undefined ? sql`` : sql`and d.name = ${name}`}
    order by d.name`.execute(db);
  return rows.map(({ id, draft_count, created_at, aliases, ...row }) => ({
    ...row,
    id: id as DatasetId,
    aliases: aliases ?? {},
    draftCount: draft_count,
    createdAt: created_at.toISOString(),
  }));
}

export async function datasetOf(db: Db, project: ProjectId, name: string): Promise<Dataset> {
  const [dataset] = await readDatasets(db, project, name);
  if (!dataset) throw noDataset(name);
  return dataset;
}

/** Which dataset, and its newest version: cheaper than all of it. */
export async function findDataset(db: Db, project: ProjectId, name: string): Promise<{ id: string; head: number }> {
  const row = await db
    .selectFrom('datasets')
    .select(['id', 'head'])
    .where('project_id', '=', project)
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw noDataset(name);
  return row;
}

/** A version's number, checked; null: the draft. */
export async function findVersion(
  db: Db,
  project: ProjectId,
  { name, version }: { name: string; version: number | null },
): Promise<{ id: string; head: number }> {
  const dataset = await findDataset(db, project, name);
  if (version !== null && (version < 1 || version > dataset.head))
    throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
  return dataset;
}

/** Whether `e`, a row of members, is in a version, or with null in the draft. */
export const isIn = (version: number | null): RawBuilder<boolean> =>
  version === null
    ? sql`e.removed_in is null`
    : sql`(e.added_in <= ${version}::integer and (e.removed_in is null or e.removed_in > ${version}::integer))`;

export const fits = ({ split, tag, ids }: MemberFilter = {}): RawBuilder<boolean> =>
  sql`${split == null ? sql`true` : sql`e.split = ${split}`} and ${tag == null ? sql`true` : sql`${tag} = any(e.tags)`}
    and ${ids === undefined ? sql`true` : sql`e.example_id = any(${ids}::text[])`}`;

export type MemberRow = {
  example_id: string;
  content_hash: string;
  trace_id: string | null;
  span_id: string | null;
  erased_at: Date | null;
  tags: string[];
  split: string | null;
  weight: number;
  position: string;
};

export const memberColumns = sql.raw(
  'e.example_id, e.content_hash, e.trace_id, e.span_id, e.erased_at, e.tags, e.split, e.weight, e.position',
);

export const toMember = (row: MemberRow): ExampleMember => ({
  id: row.example_id as ExampleId,
  hash: row.content_hash,
  source:
    row.trace_id === null || row.span_id === null
      ? null
      : { traceId: row.trace_id as TraceId, spanId: row.span_id as SpanId },
  erasedAt: row.erased_at?.toISOString() ?? null,
  tags: row.tags,
  split: row.split,
  weight: row.weight,
  place: Number(row.position),
});

/** The members of a version, or with null of the draft, in order. */
export async function readMembers(
  db: Db,
  { datasetId, version }: { datasetId: string; version: number | null },
  { limit, offset, after, where }: MemberPage,
): Promise<ExampleMember[]> {
  const { rows } = await sql<MemberRow>`
    select ${memberColumns} from wheelhouse.dataset_examples e
    where e.dataset_id = ${datasetId} and ${isIn(version)} and ${fits(where)}
      and ${after === undefined ? sql`true` : sql`e.position > ${after}`}
    order by e.position limit ${limit} ${offset === undefined ? sql`` : sql`offset ${offset}`}`.execute(db);
  return rows.map(toMember);
}
