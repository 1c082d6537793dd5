import { isDeepStrictEqual } from 'node:util';
import type { ModelStore } from '@wheelhouse/core/ports';
import { type ModelId, type ModelVersion, WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import { createAliasMoves } from './alias-moves.ts';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { lockModel, noModel, readModels, readVersions, touch, toVersion } from './model-rows.ts';
import { recordChange } from './record-change.ts';

function createModelReads(db: Db): Pick<ModelStore, 'list' | 'get' | 'versions' | 'snapshot' | 'changeCounter'> {
  return {
    list: (project, filter) => readModels(db, project, filter),

    async get(project, name) {
      const [model] = await readModels(db, project, { name });
      return model ?? null;
    },

    async versions(project, name) {
      const [model] = await readModels(db, project, { name });
      if (!model) throw noModel(name);
      return readVersions(db, [model.id]);
    },

    async snapshot(project) {
      const models = await readModels(db, project, {});
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
    ...createAliasMoves(db),

    create: (by, model) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('models')
          .values({
            id: model.id,
            project_id: by.project,
            name: model.name,
            description: model.description,
            tags: model.tags,
            owner: model.owner,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning(['latest', 'created_at', 'changed_at'])
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `A model is already registered as \`${model.name}\`.`);
        await recordChange(tx, by, {
          action: 'model.create',
          subject: model.name,
          detail: { id: model.id, after: { description: model.description, tags: model.tags, owner: model.owner } },
        });
        return {
          ...model,
          latest: row.latest,
          aliases: [],
          createdAt: row.created_at.toISOString(),
          changedAt: row.changed_at.toISOString(),
        };
      }),

    describe: (by, name, said) =>
      inTransaction(db, async (tx) => {
        const { id } = await lockModel(tx, by.project, name);
        const [before] = await readModels(tx, by.project, { name });
        const changed = Object.entries(said).filter(
          ([key, value]) => !isDeepStrictEqual(before?.[key as keyof typeof said], value),
        );
        if (before && changed.length === 0) return before;
        await tx
          .updateTable('models')
          .set({ ...Object.fromEntries(changed), changed_at: sql`now()` })
          .where('id', '=', id)
          .execute();
        const was = Object.fromEntries(changed.map(([key]) => [key, before?.[key as keyof typeof said] ?? null]));
        await recordChange(tx, by, {
          action: 'model.describe',
          subject: name,
          detail: { before: was, after: Object.fromEntries(changed) },
        });
        const [after] = await readModels(tx, by.project, { name });
        if (!after) throw noModel(name);
        return after;
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
            example: JSON.stringify(version.example),
            message: version.message,
            author: by.actor,
            made_from: version.madeFrom,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await touch(tx, model.id, { latest: row.number });
        await recordChange(tx, by, {
          action: 'model.publish',
          subject: `${name}@${row.number}`,
          detail: { after: { version: row.number, hash: row.hash, message: row.message } },
        });
        return toVersion(row);
      }),
  };
}
