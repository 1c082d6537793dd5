import type { DatasetStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type Dataset,
  type DatasetVersion,
  type ExampleId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { countErased, readDatasets, readMembers } from './dataset-rows.ts';
import { checkErasures, createExampleErasing, doom, spare } from './example-erasing.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

type Locked = { id: string; head: number; draft: number; nextPosition: bigint };

const noDataset = (name: string) => new WheelhouseError('not_found', `No dataset is called \`${name}\`.`);
const noExample = (name: string, id: ExampleId) =>
  new WheelhouseError('not_found', `The draft of \`${name}\` has no example \`${id}\`.`);

async function datasetOf(db: Db, project: ProjectId, name: string): Promise<Dataset> {
  const [dataset] = await readDatasets(db, project, name);
  if (!dataset) throw noDataset(name);
  return dataset;
}

/** The dataset's row, held until the transaction ends, so that no change slips between a freeze and what it counted. */
async function lockDataset(tx: Tx, project: ProjectId, name: string): Promise<Locked> {
  const row = await tx
    .selectFrom('datasets')
    .select(['id', 'head', 'next_position'])
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noDataset(name);
  return { id: row.id, head: row.head, draft: row.head + 1, nextPosition: BigInt(row.next_position) };
}

async function draftMember(tx: Tx, dataset: Locked, name: string, id: ExampleId) {
  const row = await tx
    .selectFrom('dataset_examples')
    .selectAll()
    .where('dataset_id', '=', dataset.id)
    .where('example_id', '=', id)
    .where('removed_in', 'is', null)
    .executeTakeFirst();
  if (!row) throw noExample(name, id);
  return row;
}

/** Takes the row out of the draft. A row that a frozen version holds is closed, never changed; the draft's own goes. */
async function closeMember(
  tx: Tx,
  project: ProjectId,
  { dataset, row }: { dataset: Locked; row: { example_id: string; added_in: number; content_hash: string } },
): Promise<void> {
  const isDraftOwn = row.added_in === dataset.draft;
  const ofRow = { dataset_id: dataset.id, example_id: row.example_id, added_in: row.added_in };
  if (isDraftOwn) {
    await tx
      .deleteFrom('dataset_examples')
      .where((eb) => eb.and(ofRow))
      .execute();
    await doom(tx, project, [row.content_hash]);
  } else
    await tx
      .updateTable('dataset_examples')
      .set({ removed_in: dataset.draft })
      .where((eb) => eb.and(ofRow))
      .execute();
}

function toVersion(row: Selectable<Database['dataset_versions']>): DatasetVersion {
  return { number: row.number, hash: row.hash, count: row.count, createdAt: row.created_at.toISOString() };
}

async function freeze(tx: Tx, by: Actor, name: string): Promise<DatasetVersion> {
  const dataset = await lockDataset(tx, by.project, name);
  const members = await readMembers(tx, dataset.id, null);
  if (members.length === 0) throw new WheelhouseError('dataset_empty', `The draft of \`${name}\` has no examples.`);
  const hash = contentHash(members.map((member) => [member.id, member.hash]));
  const head = await tx
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset_id', '=', dataset.id)
    .where('number', '=', dataset.head)
    .executeTakeFirst();
  if (head?.hash === hash) return toVersion(head);
  const row = await tx
    .insertInto('dataset_versions')
    .values({ dataset_id: dataset.id, number: dataset.draft, hash, count: members.length })
    .returningAll()
    .executeTakeFirstOrThrow();
  await tx.updateTable('datasets').set({ head: row.number }).where('id', '=', dataset.id).execute();
  await recordChange(tx, by, {
    action: 'dataset.freeze',
    subject: `${name}@${row.number}`,
    detail: { version: row.number, hash, count: row.count },
  });
  return toVersion(row);
}

function createDatasetReads(db: Db): Pick<DatasetStore, 'list' | 'get' | 'versions' | 'members' | 'erasedMembers'> {
  return {
    list: (project) => readDatasets(db, project),

    async get(project, name) {
      const [dataset] = await readDatasets(db, project, name);
      return dataset ?? null;
    },

    async versions(project, name) {
      const dataset = await datasetOf(db, project, name);
      const rows = await db
        .selectFrom('dataset_versions')
        .selectAll()
        .where('dataset_id', '=', dataset.id)
        .orderBy('number', 'desc')
        .execute();
      return rows.map(toVersion);
    },

    async members(project, name, version, page) {
      const dataset = await datasetOf(db, project, name);
      if (version !== null && (version < 1 || version > dataset.head))
        throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
      return readMembers(db, dataset.id, version, page);
    },

    async erasedMembers(project, name, version) {
      const dataset = await datasetOf(db, project, name);
      return countErased(db, dataset.id, version);
    },
  };
}

export function createDatasetStore(db: Db): DatasetStore {
  return {
    ...createDatasetReads(db),
    ...createExampleErasing(db),

    create: (by, dataset) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('datasets')
          .values({ id: dataset.id, project_id: by.project, name: dataset.name, description: dataset.description })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `A dataset is already called \`${dataset.name}\`.`);
        await recordChange(tx, by, { action: 'dataset.create', subject: dataset.name, detail: { id: dataset.id } });
        return datasetOf(tx, by.project, dataset.name);
      }),

    addExamples: (by, name, examples, seen) =>
      inTransaction(db, async (tx) => {
        const dataset = await lockDataset(tx, by.project, name);
        await checkErasures(tx, by.project, seen);
        if (examples.length > 0) {
          // One array a column, because ten thousand rows of parameters would exceed the protocol's 65,535.
          const { rows } = await sql<{ example_id: string }>`
            insert into wheelhouse.dataset_examples
              (dataset_id, example_id, content_hash, position, trace_id, span_id, added_in)
            select ${dataset.id}, id, hash, ${dataset.nextPosition}::bigint + nth - 1, trace_id, span_id, ${dataset.draft}::integer
            from unnest(
              ${examples.map((example) => example.id)}::text[],
              ${examples.map((example) => example.hash)}::text[],
              ${examples.map((example) => example.source?.traceId ?? null)}::text[],
              ${examples.map((example) => example.source?.spanId ?? null)}::text[]
            ) with ordinality as given (id, hash, trace_id, span_id, nth)
            on conflict do nothing
            returning example_id`.execute(tx);
          if (rows.length < examples.length)
            throw new WheelhouseError('conflict', `An example of the same id is already in the draft of \`${name}\`.`);
          await spare(
            tx,
            by.project,
            examples.map(({ hash }) => hash),
          );
          await tx
            .updateTable('datasets')
            .set({ next_position: dataset.nextPosition + BigInt(examples.length) })
            .where('id', '=', dataset.id)
            .execute();
          await recordChange(tx, by, { action: 'examples.add', subject: name, detail: { count: examples.length } });
        }
        return datasetOf(tx, by.project, name);
      }),

    replaceExample: (by, name, { id, hash }, seen) =>
      inTransaction(db, async (tx) => {
        const dataset = await lockDataset(tx, by.project, name);
        await checkErasures(tx, by.project, seen);
        const { erased_at, ...row } = await draftMember(tx, dataset, name, id);
        if (erased_at !== null)
          throw new WheelhouseError('conflict', `Example \`${id}\` was erased with the trace that it was made of.`, {
            hint: 'Remove it from the draft, and add a new one.',
          });
        if (row.content_hash !== hash) {
          await closeMember(tx, by.project, { dataset, row });
          await tx
            .insertInto('dataset_examples')
            .values({ ...row, content_hash: hash, added_in: dataset.draft })
            .execute();
          await spare(tx, by.project, [hash]);
          await recordChange(tx, by, {
            action: 'example.replace',
            subject: name,
            detail: { id, before: { hash: row.content_hash }, after: { hash } },
          });
        }
        return datasetOf(tx, by.project, name);
      }),

    removeExample: (by, name, id) =>
      inTransaction(db, async (tx) => {
        const dataset = await lockDataset(tx, by.project, name);
        await closeMember(tx, by.project, { dataset, row: await draftMember(tx, dataset, name, id) });
        await recordChange(tx, by, { action: 'example.remove', subject: name, detail: { id } });
        return datasetOf(tx, by.project, name);
      }),

    freeze: (by, name) => inTransaction(db, (tx) => freeze(tx, by, name)),
  };
}
