import { createHash } from 'node:crypto';
import type { DatasetStore, MemberPage } from '@wheelhouse/core/ports';
import { type Actor, type DatasetVersion, memberText, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { createDatasetDifferences } from './dataset-differences.ts';
import { createDatasetDraft, lockDataset } from './dataset-draft.ts';
import {
  datasetOf,
  findDataset,
  findVersion,
  fits,
  isIn,
  type MemberRow,
  memberColumns,
  readDatasets,
  readMembers,
  toMember,
} from './dataset-rows.ts';
import { createExampleErasing, doom } from './example-erasing.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

/** Changing a million rows in one go takes longer than a change may. */
const revertLimitMs = 60_000;
const hashedAtOnce = 5_000;
const removedAtOnce = 5_000;
/** Tries of a freeze whose draft changes while it is read. */
const freezeTries = 20;

function toVersion(row: Selectable<Database['dataset_versions']>): DatasetVersion {
  return {
    number: row.number,
    hash: row.hash,
    count: row.count,
    madeFrom: row.made_from,
    createdAt: row.created_at.toISOString(),
  };
}

/** Of the draft as it is at one revision; what is read while it changes is of no use, and is read again. */
async function hashDraft(db: Db, datasetId: string): Promise<{ hash: string; count: number }> {
  const hash = createHash('sha256').update('[');
  let count = 0;
  for (let after = 0; ; ) {
    const page: MemberPage = { limit: hashedAtOnce, after };
    const members = await readMembers(db, { datasetId, version: null }, page);
    hash.update(`${count > 0 && members.length > 0 ? ',' : ''}${members.map(memberText).join(',')}`);
    count += members.length;
    if (members.length < hashedAtOnce) return { hash: hash.update(']').digest('hex'), count };
    after = members.at(-1)?.place ?? after;
  }
}

async function revisionOf(db: Db, datasetId: string): Promise<string> {
  const row = await db.selectFrom('datasets').select('revision').where('id', '=', datasetId).executeTakeFirst();
  return row?.revision ?? '';
}

type Hashed = { revision: string; hash: string; count: number; madeFrom: string[] };

/** null: the draft has changed since it was hashed. */
async function freezeHashed(tx: Tx, by: Actor, name: string, hashed: Hashed): Promise<DatasetVersion | null> {
  const dataset = await lockDataset(tx, by.project, name);
  if ((await revisionOf(tx, dataset.id)) !== hashed.revision) return null;
  const { hash, count } = hashed;
  if (count === 0) throw new WheelhouseError('dataset_empty', `The draft of \`${name}\` has no examples.`);
  const head = await tx
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset_id', '=', dataset.id)
    .where('number', '=', dataset.head)
    .executeTakeFirst();
  if (head?.hash === hash) return toVersion(head);
  const row = await tx
    .insertInto('dataset_versions')
    .values({ dataset_id: dataset.id, number: dataset.draft, hash, count, made_from: hashed.madeFrom })
    .returningAll()
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('datasets')
    .set({ head: row.number, draft_added: 0, draft_removed: 0, revision: sql`revision + 1` })
    .where('id', '=', dataset.id)
    .execute();
  await recordChange(tx, by, {
    action: 'dataset.freeze',
    subject: `${name}@${row.number}`,
    detail: { version: row.number, hash, count: row.count },
  });
  return toVersion(row);
}

async function freeze(db: Db, by: Actor, name: string, madeFrom: string[]): Promise<DatasetVersion> {
  for (let tries = 0; tries < freezeTries; tries++) {
    const { id } = await findDataset(db, by.project, name);
    const revision = await revisionOf(db, id);
    const hashed = { ...(await hashDraft(db, id)), revision, madeFrom };
    const version = await inTransaction(db, (tx) => freezeHashed(tx, by, name, hashed));
    if (version !== null) return version;
  }
  throw new WheelhouseError('conflict', `The draft of \`${name}\` keeps changing.`, {
    hint: 'Freeze it when what fills it has ended; GET /api/v1/datasets/{name}/jobs lists what does.',
  });
}

async function revert(tx: Tx, by: Actor, given: { name: string; version: number }): Promise<void> {
  const { name, version } = given;
  const { id, draft } = await lockDataset(tx, by.project, name);
  const then = isIn(version);
  const { rows: own } = await sql<{ content_hash: string }>`
    delete from wheelhouse.dataset_examples e where e.dataset_id = ${id} and e.added_in = ${draft}
    returning e.content_hash`.execute(tx);
  await doom(
    tx,
    by.project,
    own.map((row) => row.content_hash),
  );
  await sql`
    update wheelhouse.dataset_examples e set removed_in = null
    where e.dataset_id = ${id} and e.removed_in = ${draft} and ${then}`.execute(tx);
  await sql`
    update wheelhouse.dataset_examples e set removed_in = ${draft}::integer
    where e.dataset_id = ${id} and e.removed_in is null and not ${then}`.execute(tx);
  await sql`
    insert into wheelhouse.dataset_examples
      (dataset_id, example_id, content_hash, position, trace_id, span_id, tags, split, weight, erased_at, added_in)
    select e.dataset_id, e.example_id, e.content_hash, e.position, e.trace_id, e.span_id, e.tags, e.split, e.weight,
      e.erased_at, ${draft}::integer
    from wheelhouse.dataset_examples e
    where e.dataset_id = ${id} and e.removed_in is not null and ${then}`.execute(tx);
  await sql`
    update wheelhouse.datasets d set revision = revision + 1,
      (draft_count, draft_added, draft_removed) = (
        select count(*) filter (where e.removed_in is null), count(*) filter (where e.added_in > d.head),
          count(*) filter (where e.removed_in > d.head)
        from wheelhouse.dataset_examples e where e.dataset_id = d.id)
    where d.id = ${id}`.execute(tx);
  await recordChange(tx, by, { action: 'dataset.revert', subject: name, detail: { version } });
}

/** Takes away what was left of datasets that nobody sees any more. */
async function sweep(db: Db): Promise<void> {
  const gone = await db
    .selectFrom('datasets')
    .select(['id', 'project_id'])
    .where('removed_at', 'is not', null)
    .execute();
  for (const { id, project_id } of gone) {
    for (let some = removedAtOnce; some === removedAtOnce; )
      some = await inTransaction(db, async (tx) => {
        const { rows } = await sql<{ content_hash: string }>`
          delete from wheelhouse.dataset_examples where ctid = any(array(
            select ctid from wheelhouse.dataset_examples where dataset_id = ${id} limit ${removedAtOnce}))
          returning content_hash`.execute(tx);
        await doom(
          tx,
          project_id as Actor['project'],
          rows.map((row) => row.content_hash),
        );
        return rows.length;
      });
    await inTransaction(db, async (tx) => {
      for (const table of ['dataset_versions', 'dataset_aliases', 'dataset_rules', 'dataset_jobs'] as const)
        await tx.deleteFrom(table).where('dataset_id', '=', id).execute();
      await tx.deleteFrom('datasets').where('id', '=', id).execute();
    });
  }
}

type Reads = 'list' | 'get' | 'versions' | 'members' | 'draftMembers' | 'countMembers' | 'countLabels';

function createDatasetReads(db: Db): Pick<DatasetStore, Reads> {
  return {
    list: (project) => readDatasets(db, project),

    async get(project, name) {
      const [dataset] = await readDatasets(db, project, name);
      return dataset ?? null;
    },

    async versions(project, name) {
      const { id } = await findDataset(db, project, name);
      const rows = await db
        .selectFrom('dataset_versions')
        .selectAll()
        .where('dataset_id', '=', id)
        .orderBy('number', 'desc')
        .execute();
      return rows.map(toVersion);
    },

    async members(project, name, version, page) {
      const { id } = await findVersion(db, project, { name, version });
      return readMembers(db, { datasetId: id, version }, page);
    },

    async draftMembers(project, name, ids) {
      const { id } = await findDataset(db, project, name);
      const { rows } = await sql<MemberRow>`
        select ${memberColumns} from wheelhouse.dataset_examples e
        where e.dataset_id = ${id} and e.example_id = any(${ids}::text[]) and e.removed_in is null`.execute(db);
      return rows.map(toMember);
    },

    async countMembers(project, name, version, where) {
      const { id } = await findVersion(db, project, { name, version });
      const { rows } = await sql<{ members: string; erased: string }>`
        select count(*) as members, count(e.erased_at) as erased from wheelhouse.dataset_examples e
        where e.dataset_id = ${id} and ${isIn(version)} and ${fits(where)}`.execute(db);
      return { members: Number(rows[0]?.members ?? 0), erased: Number(rows[0]?.erased ?? 0) };
    },

    async countLabels(project, name, version) {
      const { id } = await findVersion(db, project, { name, version });
      const of = sql`wheelhouse.dataset_examples e`;
      const inside = sql`e.dataset_id = ${id} and ${isIn(version)}`;
      const [splits, tags] = await Promise.all([
        sql<{ split: string | null; count: string }>`
          select e.split, count(*) as count from ${of} where ${inside} group by 1 order by 2 desc, 1 limit 100`.execute(
          db,
        ),
        sql<{ tag: string; count: string }>`
          select t.tag, count(*) as count from ${of} cross join lateral unnest(e.tags) as t (tag)
          where ${inside} group by 1 order by 2 desc, 1 limit 100`.execute(db),
      ]);
      return {
        splits: splits.rows.map(({ split, count }) => ({ split, count: Number(count) })),
        tags: tags.rows.map(({ tag, count }) => ({ tag, count: Number(count) })),
      };
    },
  };
}

export function createDatasetStore(db: Db): DatasetStore {
  const json = (value: object | null) => (value === null ? null : JSON.stringify(value));
  return {
    ...createDatasetReads(db),
    ...createDatasetDraft(db),
    ...createDatasetDifferences(db),
    ...createExampleErasing(db),

    create: (by, { id, name, description, source = '', licence = '', consent = '' }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('datasets')
          .values({ ...{ id, project_id: by.project, name, description }, source, licence, consent })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `A dataset is already called \`${name}\`.`);
        await recordChange(tx, by, { action: 'dataset.create', subject: name, detail: { id } });
        return datasetOf(tx, by.project, name);
      }),

    change: (by, name, { schema, splits, recipe, ...plain }) =>
      inTransaction(db, async (tx) => {
        const { id } = await lockDataset(tx, by.project, name);
        const set = {
          ...plain,
          ...(schema !== undefined && { schema: JSON.stringify(schema) }),
          ...(splits !== undefined && { splits: json(splits) }),
          ...(recipe !== undefined && { recipe: json(recipe) }),
        };
        const changed = Object.keys(set);
        if (changed.length > 0) {
          await tx.updateTable('datasets').set(set).where('id', '=', id).execute();
          await recordChange(tx, by, { action: 'dataset.change', subject: name, detail: { changed } });
        }
        return datasetOf(tx, by.project, name);
      }),

    freeze: (by, name, madeFrom = []) => freeze(db, by, name, madeFrom),

    async revert(by, name, version) {
      await findVersion(db, by.project, { name, version });
      await inTransaction(db, (tx) => revert(tx, by, { name, version }), revertLimitMs);
      return datasetOf(db, by.project, name);
    },

    async setAlias(by, name, alias, version) {
      const { id } = await findVersion(db, by.project, { name, version });
      return inTransaction(db, async (tx) => {
        await tx
          .insertInto('dataset_aliases')
          .values({ dataset_id: id, alias, version })
          .onConflict((conflict) =>
            conflict.columns(['dataset_id', 'alias']).doUpdateSet({ version, moved_at: sql<Date>`now()` }),
          )
          .execute();
        await recordChange(tx, by, { action: 'dataset.alias', subject: `${name}@${alias}`, detail: { version } });
        return datasetOf(tx, by.project, name);
      });
    },

    removeAlias: (by, name, alias) =>
      inTransaction(db, async (tx) => {
        const { id } = await lockDataset(tx, by.project, name);
        const { numDeletedRows } = await tx
          .deleteFrom('dataset_aliases')
          .where('dataset_id', '=', id)
          .where('alias', '=', alias)
          .executeTakeFirstOrThrow();
        if (numDeletedRows > 0n)
          await recordChange(tx, by, {
            action: 'dataset.alias',
            subject: `${name}@${alias}`,
            detail: { version: null },
          });
        return datasetOf(tx, by.project, name);
      }),

    async remove(by, name) {
      const removed = await inTransaction(db, async (tx) => {
        const row = await tx
          .updateTable('datasets')
          .set({ removed_at: sql<Date>`now()`, name: sql`'~' || id` })
          .where('project_id', '=', by.project)
          .where('name', '=', name)
          .where('removed_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (row) await recordChange(tx, by, { action: 'dataset.remove', subject: name, detail: { id: row.id } });
        return row !== undefined;
      });
      await sweep(db);
      return removed;
    },
  };
}
