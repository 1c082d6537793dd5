import type { ModelStore } from '@wheelhouse/core/ports';
import { type Actor, type Alias, WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { lockModel, toAlias, touch } from './model-rows.ts';
import { recordChange } from './record-change.ts';
import { stopReleaseOf } from './release-rows.ts';

/** Further back leads no rollback. */
const keptBefores = 50;

const noAlias = (name: string, alias: string) =>
  new WheelhouseError('not_found', `\`${name}\` has no alias \`${alias}\`.`);

/** The alias as it is, of a model that is locked. */
export const readAlias = (tx: Tx, modelId: string, alias: string) =>
  tx
    .selectFrom('model_aliases')
    .selectAll()
    .where('model_id', '=', modelId)
    .where('alias', '=', alias)
    .executeTakeFirst();

/** As a part of a transaction. `why`: what the audit log says of it beside. */
export async function moveAliasIn(
  tx: Tx,
  by: Actor,
  {
    name,
    alias,
    version,
    why = {},
  }: { name: string; alias: string; version: number; why?: { request?: string; release?: string; message?: string } },
): Promise<Alias> {
  const model = await lockModel(tx, by.project, name);
  if (version < 1 || version > model.latest)
    throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
  const was = await readAlias(tx, model.id, alias);
  if (was?.version === version) return toAlias(was);
  await stopReleaseOf(tx, by, model.id, alias);
  const befores = was ? [...was.befores, was.version].slice(-keptBefores) : [];
  const row = await tx
    .insertInto('model_aliases')
    .values({ model_id: model.id, alias, version, befores })
    .onConflict((conflict) =>
      conflict.columns(['model_id', 'alias']).doUpdateSet({ version, befores, moved_at: sql`now()` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  await touch(tx, model.id, {});
  await recordChange(tx, by, {
    action: 'alias.move',
    subject: `${name}@${alias}`,
    detail: { ...why, before: was ? { version: was.version } : null, after: { version } },
  });
  return toAlias(row);
}

export function createAliasMoves(db: Db): Pick<ModelStore, 'moveAlias' | 'rollBackAlias' | 'removeAlias'> {
  return {
    moveAlias: (by, name, alias, version, message = '') =>
      inTransaction(db, (tx) => moveAliasIn(tx, by, { name, alias, version, why: message === '' ? {} : { message } })),

    rollBackAlias: (by, name, alias) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        const was = await readAlias(tx, model.id, alias);
        if (!was) throw noAlias(name, alias);
        const version = was.befores.at(-1);
        if (version === undefined)
          throw new WheelhouseError('conflict', `\`${name}@${alias}\` was nowhere before version ${was.version}.`, {
            hint: 'Move it to the version that shall answer.',
          });
        await stopReleaseOf(tx, by, model.id, alias);
        const row = await tx
          .updateTable('model_aliases')
          .set({ version, befores: was.befores.slice(0, -1), moved_at: sql`now()` })
          .where('model_id', '=', model.id)
          .where('alias', '=', alias)
          .returningAll()
          .executeTakeFirstOrThrow();
        await touch(tx, model.id, {});
        await recordChange(tx, by, {
          action: 'alias.rollback',
          subject: `${name}@${alias}`,
          detail: { before: { version: was.version }, after: { version } },
        });
        return toAlias(row);
      }),

    removeAlias: (by, name, alias) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        await stopReleaseOf(tx, by, model.id, alias);
        const removed = await tx
          .deleteFrom('model_aliases')
          .where('model_id', '=', model.id)
          .where('alias', '=', alias)
          .returning('version')
          .executeTakeFirst();
        if (!removed) throw noAlias(name, alias);
        await touch(tx, model.id, {});
        await recordChange(tx, by, {
          action: 'alias.remove',
          subject: `${name}@${alias}`,
          detail: { before: { version: removed.version }, after: null },
        });
      }),
  };
}
