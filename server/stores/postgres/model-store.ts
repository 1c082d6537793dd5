import type { ModelStore } from '@wheelhouse/core/ports';
import {
  type Alias,
  type Model,
  type ModelId,
  type ModelVersion,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const noModel = (name: string) => new WheelhouseError('model_not_found', `No model is registered as \`${name}\`.`);

/** The model's row, held until the transaction ends, so that two changes of one model follow each other. */
async function lockModel(tx: Tx, project: ProjectId, name: string) {
  const row = await tx
    .selectFrom('models')
    .select(['id', 'latest'])
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noModel(name);
  return row;
}

function toVersion(row: Selectable<Database['model_versions']>): ModelVersion {
  return {
    modelId: row.model_id as ModelId,
    number: row.number,
    hash: row.hash,
    definition: row.definition,
    signature: row.signature,
    message: row.message,
    createdAt: row.created_at.toISOString(),
  };
}

const toAlias = (row: { alias: string; version: number; moved_at: Date }): Alias => ({
  alias: row.alias,
  version: row.version,
  movedAt: row.moved_at.toISOString(),
});

/** Models by name, with their aliases by name; one query, so that they fit each other. */
async function readModels(db: Db, project: ProjectId, name?: string): Promise<Model[]> {
  const rows = await db
    .selectFrom('models as m')
    .leftJoin('model_aliases as a', 'a.model_id', 'm.id')
    .select(['m.id', 'm.name', 'm.description', 'm.latest', 'm.created_at', 'a.alias', 'a.version', 'a.moved_at'])
    .where('m.project_id', '=', project)
    .$if(name !== undefined, (query) => query.where('m.name', '=', name ?? ''))
    .orderBy('m.name')
    .orderBy('a.alias')
    .execute();
  const models = new Map<string, Model>();
  for (const row of rows) {
    const model = models.get(row.id) ?? {
      id: row.id as ModelId,
      name: row.name,
      description: row.description,
      latest: row.latest,
      aliases: [],
      createdAt: row.created_at.toISOString(),
    };
    models.set(row.id, model);
    const { alias, version, moved_at } = row;
    if (alias !== null && version !== null && moved_at !== null)
      model.aliases.push(toAlias({ alias, version, moved_at }));
  }
  return [...models.values()];
}

/** Newest first. */
async function readVersions(db: Db, modelIds: ModelId[]): Promise<ModelVersion[]> {
  const rows = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('model_id', '=', sql<string>`any(${modelIds})`)
    .orderBy('number', 'desc')
    .execute();
  return rows.map(toVersion);
}

function createModelReads(db: Db): Pick<ModelStore, 'list' | 'get' | 'versions' | 'snapshot' | 'changeCounter'> {
  return {
    list: (project) => readModels(db, project),

    async get(project, name) {
      const [model] = await readModels(db, project, name);
      return model ?? null;
    },

    async versions(project, name) {
      const [model] = await readModels(db, project, name);
      if (!model) throw noModel(name);
      return readVersions(db, [model.id]);
    },

    async snapshot(project) {
      const models = await readModels(db, project);
      const versions = await readVersions(
        db,
        models.map((model) => model.id),
      );
      const byModel = new Map<ModelId, ModelVersion[]>(models.map((model) => [model.id, []]));
      for (const version of versions) byModel.get(version.modelId)?.push(version);
      // Versions are read after the models, so all that an alias names is there; what was published in between is left out.
      return models.map((model) => ({
        model,
        versions: (byModel.get(model.id) ?? []).filter((version) => version.number <= model.latest),
      }));
    },

    async changeCounter() {
      const { value } = await db.selectFrom('change_counter').select('value').executeTakeFirstOrThrow();
      return BigInt(value);
    },
  };
}

export function createModelStore(db: Db): ModelStore {
  return {
    ...createModelReads(db),

    create: (by, model) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('models')
          .values({ id: model.id, project_id: by.project, name: model.name, description: model.description })
          .onConflict((conflict) => conflict.doNothing())
          .returning(['latest', 'created_at'])
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `A model is already registered as \`${model.name}\`.`);
        await recordChange(tx, by, { action: 'model.create', subject: model.name, detail: { id: model.id } });
        return { ...model, latest: row.latest, aliases: [], createdAt: row.created_at.toISOString() };
      }),

    publish: (by, name, version) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        const latest = await tx
          .selectFrom('model_versions')
          .selectAll()
          .where('model_id', '=', model.id)
          .where('number', '=', model.latest)
          .executeTakeFirst();
        if (latest?.hash === version.hash) return toVersion(latest);
        const row = await tx
          .insertInto('model_versions')
          .values({
            model_id: model.id,
            number: model.latest + 1,
            hash: version.hash,
            definition: JSON.stringify(version.definition),
            signature: JSON.stringify(version.signature),
            message: version.message,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await tx.updateTable('models').set({ latest: row.number }).where('id', '=', model.id).execute();
        await recordChange(tx, by, {
          action: 'model.publish',
          subject: `${name}@${row.number}`,
          detail: { version: row.number, hash: row.hash, message: row.message },
        });
        return toVersion(row);
      }),

    moveAlias: (by, name, alias, version) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        if (version < 1 || version > model.latest)
          throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
        const before = await tx
          .selectFrom('model_aliases')
          .selectAll()
          .where('model_id', '=', model.id)
          .where('alias', '=', alias)
          .executeTakeFirst();
        if (before?.version === version) return toAlias(before);
        const row = await tx
          .insertInto('model_aliases')
          .values({ model_id: model.id, alias, version })
          .onConflict((conflict) =>
            conflict.columns(['model_id', 'alias']).doUpdateSet({ version, moved_at: sql`now()` }),
          )
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'alias.move',
          subject: `${name}@${alias}`,
          detail: { from: before?.version ?? null, to: version },
        });
        return toAlias(row);
      }),

    removeAlias: (by, name, alias) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        const removed = await tx
          .deleteFrom('model_aliases')
          .where('model_id', '=', model.id)
          .where('alias', '=', alias)
          .returning('version')
          .executeTakeFirst();
        if (!removed) throw new WheelhouseError('not_found', `\`${name}\` has no alias \`${alias}\`.`);
        await recordChange(tx, by, {
          action: 'alias.remove',
          subject: `${name}@${alias}`,
          detail: { from: removed.version },
        });
      }),
  };
}
