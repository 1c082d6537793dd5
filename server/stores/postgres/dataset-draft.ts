import type { ChangeOptions, DatasetStore, MemberChange, NewMember } from '@wheelhouse/core/ports';
import { type Actor, type ExampleId, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { datasetOf, findDataset, noDataset } from './dataset-rows.ts';
import { checkErasures, doom, spare } from './example-erasing.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

export type Locked = { id: string; name: string; head: number; draft: number; nextPosition: bigint };

const noExample = (name: string, id: string) =>
  new WheelhouseError('not_found', `The draft of \`${name}\` has no example \`${id}\`.`);

/** The dataset's row, held until the transaction ends, so that no change slips between a freeze and what it counted. */
export async function lockDataset(tx: Tx, project: ProjectId, name: string): Promise<Locked> {
  const row = await tx
    .selectFrom('datasets')
    .select(['id', 'head', 'next_position'])
    .where('project_id', '=', project)
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noDataset(name);
  return { id: row.id, name, head: row.head, draft: row.head + 1, nextPosition: BigInt(row.next_position) };
}

type Counts = { count?: number; added?: number; removed?: number; positions?: number };

/** Keeps the counts of a draft that changed. */
async function countDraft(
  tx: Tx,
  { id }: Locked,
  { count = 0, added = 0, removed = 0, positions = 0 }: Counts,
): Promise<void> {
  await sql`
    update wheelhouse.datasets set draft_count = draft_count + ${count}::integer,
      draft_added = draft_added + ${added}::integer, draft_removed = draft_removed + ${removed}::integer,
      next_position = next_position + ${positions}::integer, revision = revision + 1
    where id = ${id}`.execute(tx);
}

async function markJob(tx: Tx, job: ChangeOptions['job']): Promise<void> {
  if (job === undefined) return;
  const { rows } = await sql`
    update wheelhouse.dataset_jobs set status = 'running', progress = ${JSON.stringify(job.progress)}
    where id = ${job.id} and finished_at is null and (progress->>'read')::integer = ${job.from}
    returning id`.execute(tx);
  if (rows.length === 0) throw new WheelhouseError('conflict', 'The job has ended, or another worker goes on with it.');
}

async function insertMembers(tx: Tx, dataset: Locked, examples: NewMember[]): Promise<void> {
  const given = examples.map(({ id, hash, source, tags = [], split = null, weight = 1 }) => ({
    ...{ id, hash, trace: source?.traceId ?? null, span: source?.spanId ?? null, tags, split, weight },
  }));
  // One text for all, because ten thousand rows of parameters would exceed the protocol's 65,535.
  const { rows } = await sql`
    insert into wheelhouse.dataset_examples
      (dataset_id, example_id, content_hash, position, trace_id, span_id, tags, split, weight, added_in)
    select ${dataset.id}, id, hash, ${dataset.nextPosition}::bigint + nth - 1, trace, span, tags, split, weight,
      ${dataset.draft}::integer
    from rows from (json_to_recordset(${JSON.stringify(given)}::json) as
      (id text, hash text, trace text, span text, tags text[], split text, weight double precision)
    ) with ordinality as given (id, hash, trace, span, tags, split, weight, nth)
    on conflict do nothing
    returning 1`.execute(tx);
  if (rows.length < examples.length)
    throw new WheelhouseError('conflict', `An example of the same id is already in the draft of \`${dataset.name}\`.`);
  await countDraft(tx, dataset, { count: rows.length, added: rows.length, positions: rows.length });
}

type Current = { example_id: string; content_hash: string; added_in: number; erased: boolean; same: boolean };

/** The rows of the draft as they are, beside what they are to be. */
async function currentRows(tx: Tx, dataset: Locked, changes: MemberChange[]): Promise<Current[]> {
  const { rows } = await sql<Current>`
    select e.example_id, e.content_hash, e.added_in, e.erased_at is not null as erased,
      e.content_hash = given.hash and e.tags = given.tags and e.split is not distinct from given.split
        and e.weight = given.weight as same
    from json_to_recordset(${JSON.stringify(changes)}::json) as
      given (id text, hash text, tags text[], split text, weight double precision)
    join wheelhouse.dataset_examples e
      on e.dataset_id = ${dataset.id} and e.example_id = given.id and e.removed_in is null`.execute(tx);
  const found = new Set(rows.map((row) => row.example_id));
  const missing = changes.find(({ id }) => !found.has(id));
  if (missing) throw noExample(dataset.name, missing.id);
  const erased = rows.find((row) => row.erased);
  if (erased)
    throw new WheelhouseError(
      'conflict',
      `Example \`${erased.example_id}\` was erased with the trace that it was made of.`,
      { hint: 'Remove it from the draft, and add a new one.' },
    );
  return rows;
}

/** What a frozen version holds is closed and written anew, never changed; the draft's own rows are. */
async function writeChanges(tx: Tx, project: ProjectId, given: { dataset: Locked; changes: MemberChange[] }) {
  const { dataset } = given;
  const current = await currentRows(tx, dataset, given.changes);
  const same = new Set(current.filter((row) => row.same).map((row) => row.example_id));
  const changes = given.changes.filter(({ id }) => !same.has(id));
  if (changes.length === 0) return [];
  const text = JSON.stringify(changes);
  const to = sql`json_to_recordset(${text}::json) as
    given (id text, hash text, tags text[], split text, weight double precision)`;
  const before = new Map(current.map((row) => [row.example_id, row]));
  const isOwn = (id: string) => before.get(id)?.added_in === dataset.draft;
  const own = changes.filter(({ id }) => isOwn(id));
  await sql`
    update wheelhouse.dataset_examples e set content_hash = given.hash, tags = given.tags, split = given.split,
      weight = given.weight
    from ${to}
    where e.dataset_id = ${dataset.id} and e.example_id = given.id and e.added_in = ${dataset.draft}`.execute(tx);
  const { rows: closed } = await sql<{ example_id: string }>`
    with closed as (
      update wheelhouse.dataset_examples e set removed_in = ${dataset.draft}::integer
      from ${to}
      where e.dataset_id = ${dataset.id} and e.example_id = given.id and e.removed_in is null
        and e.added_in < ${dataset.draft}
      returning e.*
    )
    select example_id from closed`.execute(tx);
  await sql`
    insert into wheelhouse.dataset_examples
      (dataset_id, example_id, content_hash, position, trace_id, span_id, tags, split, weight, added_in)
    select e.dataset_id, e.example_id, given.hash, e.position, e.trace_id, e.span_id, given.tags, given.split,
      given.weight, ${dataset.draft}::integer
    from ${to}
    join wheelhouse.dataset_examples e on e.dataset_id = ${dataset.id} and e.example_id = given.id
      and e.removed_in = ${dataset.draft} and e.example_id = any(${closed.map((row) => row.example_id)}::text[])`.execute(
    tx,
  );
  await countDraft(tx, dataset, { added: closed.length, removed: closed.length });
  await doom(
    tx,
    project,
    own.flatMap(({ id }) => before.get(id)?.content_hash ?? []),
  );
  await spare(
    tx,
    project,
    changes.map(({ hash }) => hash),
  );
  return changes.map(({ id, hash }) => ({ id, hash, before: before.get(id)?.content_hash ?? '' }));
}

async function removeMembers(tx: Tx, by: Actor, given: { dataset: Locked; ids: ExampleId[] }): Promise<void> {
  const { dataset, ids } = given;
  const { rows: own } = await sql<{ example_id: string; content_hash: string }>`
    delete from wheelhouse.dataset_examples
    where dataset_id = ${dataset.id} and example_id = any(${ids}::text[]) and removed_in is null
      and added_in = ${dataset.draft}
    returning example_id, content_hash`.execute(tx);
  const { rows: older } = await sql<{ example_id: string }>`
    update wheelhouse.dataset_examples set removed_in = ${dataset.draft}::integer
    where dataset_id = ${dataset.id} and example_id = any(${ids}::text[]) and removed_in is null
    returning example_id`.execute(tx);
  const gone = new Set([...own, ...older].map((row) => row.example_id));
  const missing = ids.find((id) => !gone.has(id));
  if (missing !== undefined) throw noExample(dataset.name, missing);
  await doom(
    tx,
    by.project,
    own.map((row) => row.content_hash),
  );
  await countDraft(tx, dataset, { count: -gone.size, added: -own.length, removed: older.length });
}

/** A change of many rows may last a millisecond a row more than others: cut off, it would only be made again. */
const limitOf = (rows: readonly unknown[]): number => 2_000 + rows.length;

/** Grows by one whenever a dataset has doubled, from a thousand rows on. */
const sizeOf = (rows: number): number => Math.max(-1, Math.floor(Math.log2(rows / 1_000)));

type Ids = 'addExamples' | 'changeExamples' | 'removeExamples' | 'hasContents';

/** What changes a draft. */
export function createDatasetDraft(db: Db): Pick<DatasetStore, Ids> {
  return {
    async addExamples(by, name, examples, { seen, job } = {}) {
      const { changed, before } = await inTransaction(
        db,
        async (tx) => {
          const dataset = await lockDataset(tx, by.project, name);
          await checkErasures(tx, by.project, seen);
          await markJob(tx, job);
          if (examples.length > 0) {
            await insertMembers(tx, dataset, examples);
            await spare(
              tx,
              by.project,
              examples.map(({ hash }) => hash),
            );
            await recordChange(tx, by, { action: 'examples.add', subject: name, detail: { count: examples.length } });
          }
          return { changed: await datasetOf(tx, by.project, name), before: Number(dataset.nextPosition) };
        },
        limitOf(examples),
      );
      // Without statistics a page is planned as if the table were small, and reads all of the dataset; the embedded
      // database makes none by itself.
      if (sizeOf(before) !== sizeOf(before + examples.length))
        await sql`analyze wheelhouse.dataset_examples`.execute(db);
      return changed;
    },

    changeExamples: (by, name, changes, { seen, job } = {}) =>
      inTransaction(
        db,
        async (tx) => {
          const dataset = await lockDataset(tx, by.project, name);
          await checkErasures(tx, by.project, seen);
          await markJob(tx, job);
          const changed = await writeChanges(tx, by.project, { dataset, changes });
          const [only] = changed;
          if (only && changes.length === 1)
            await recordChange(tx, by, {
              action: 'example.replace',
              subject: name,
              detail: { id: only.id, before: { hash: only.before }, after: { hash: only.hash } },
            });
          else if (changed.length > 0)
            await recordChange(tx, by, { action: 'examples.change', subject: name, detail: { count: changed.length } });
          return datasetOf(tx, by.project, name);
        },
        limitOf(changes),
      ),

    removeExamples: (by, name, ids) =>
      inTransaction(
        db,
        async (tx) => {
          const dataset = await lockDataset(tx, by.project, name);
          const different = [...new Set(ids)];
          if (different.length > 0) {
            await removeMembers(tx, by, { dataset, ids: different });
            const [only] = different;
            if (different.length === 1 && only)
              await recordChange(tx, by, { action: 'example.remove', subject: name, detail: { id: only } });
            else
              await recordChange(tx, by, {
                action: 'examples.remove',
                subject: name,
                detail: { count: different.length },
              });
          }
          return datasetOf(tx, by.project, name);
        },
        limitOf(ids),
      ),

    async hasContents(project, name, hashes) {
      const { id } = await findDataset(db, project, name);
      const { rows } = await sql<{ content_hash: string }>`
        select distinct content_hash from wheelhouse.dataset_examples
        where dataset_id = ${id} and content_hash = any(${hashes}::text[]) and removed_in is null
          and erased_at is null`.execute(db);
      return new Set(rows.map((row) => row.content_hash));
    },
  };
}
