import type {
  Dataset,
  DatasetId,
  ExampleId,
  ExampleMember,
  ProjectId,
  SpanId,
  TraceId,
} from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db } from './database.ts';

type DatasetRow = {
  id: string;
  name: string;
  description: string;
  head: number;
  created_at: Date;
  draft_count: string;
  changed: boolean;
};

/**
 * Datasets by name. The draft is changed when its sequence of examples differs from the head's: rows of the draft's own
 * may cancel each other out, so where their numbers agree the two sequences are compared.
 */
export async function readDatasets(db: Db, project: ProjectId, name?: string): Promise<Dataset[]> {
  const sequence = sql`array_agg(e.example_id || ' ' || e.content_hash order by e.position)`;
  const examples = sql`wheelhouse.dataset_examples e where e.dataset_id = d.id`;
  const { rows } = await sql<DatasetRow>`
    select d.id, d.name, d.description, d.head, d.created_at, m.draft_count,
      case
        when m.added <> m.removed then true
        when m.added = 0 then false
        else (select ${sequence} from ${examples} and e.removed_in is null) is distinct from
          (select ${sequence} from ${examples} and e.added_in <= d.head and (e.removed_in is null or e.removed_in > d.head))
      end as changed
    from wheelhouse.datasets d
    cross join lateral (
      select count(*) filter (where e.removed_in is null) as draft_count,
        count(*) filter (where e.added_in > d.head) as added,
        count(*) filter (where e.removed_in > d.head) as removed
      from ${examples}
    ) m
    where d.project_id = ${project} ${name === undefined ? sql`` : sql`and d.name = ${name}`}
    order by d.name`.execute(db);
  return rows.map((row) => ({
    id: row.id as DatasetId,
    name: row.name,
    description: row.description,
    head: row.head,
    draftCount: Number(row.draft_count),
    changed: row.changed,
    createdAt: row.created_at.toISOString(),
  }));
}

/** The rows of a version's members, or with null of the draft's. */
const ofVersion = (db: Db, datasetId: string, version: number | null) =>
  db
    .selectFrom('dataset_examples')
    .where('dataset_id', '=', datasetId)
    .where((row) =>
      version === null
        ? row('removed_in', 'is', null)
        : row.and([
            row('added_in', '<=', version),
            row.or([row('removed_in', 'is', null), row('removed_in', '>', version)]),
          ]),
    );

export async function countErased(db: Db, datasetId: string, version: number | null): Promise<number> {
  const row = await ofVersion(db, datasetId, version)
    .where('erased_at', 'is not', null)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The members of a version, or with null of the draft, in order. */
export async function readMembers(
  db: Db,
  datasetId: string,
  version: number | null,
  page?: { limit: number; offset: number },
): Promise<ExampleMember[]> {
  const rows = await ofVersion(db, datasetId, version)
    .select(['example_id', 'content_hash', 'trace_id', 'span_id', 'erased_at'])
    .orderBy('position')
    .$if(page !== undefined, (query) => query.limit(page?.limit ?? 0).offset(page?.offset ?? 0))
    .execute();
  return rows.map((row) => ({
    id: row.example_id as ExampleId,
    hash: row.content_hash,
    source:
      row.trace_id === null || row.span_id === null
        ? null
        : { traceId: row.trace_id as TraceId, spanId: row.span_id as SpanId },
    erasedAt: row.erased_at?.toISOString() ?? null,
  }));
}
