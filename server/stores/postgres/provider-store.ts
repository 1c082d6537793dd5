import type { ProviderStore } from '@wheelhouse/core/ports';
import {
  type OwnProvider,
  type OwnProviderKey,
  type ProjectId,
  type ProviderKeyId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toProvider = (row: Selectable<Database['own_providers']>): OwnProvider => ({
  name: row.name,
  vendor: row.vendor,
  baseUrl: row.base_url,
  settings: row.settings,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

const toKey = (row: Omit<Selectable<Database['provider_keys']>, 'seq'>): OwnProviderKey => ({
  id: row.id as ProviderKeyId,
  provider: row.provider,
  label: row.label,
  last4: row.last4,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

export function createProviderStore(db: Db): ProviderStore {
  return {
    create: (by, { name, vendor, baseUrl, settings }) =>
      inTransaction(db, async (tx) => {
        const values = { project_id: by.project, name, vendor, base_url: baseUrl, created_by: by.actor };
        const row = await tx
          .insertInto('own_providers')
          .values({ ...values, settings: JSON.stringify(settings) })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('conflict', `There is already a provider \`${name}\`.`, {
            param: 'name',
            hint: 'Take another name, or remove that provider first.',
          });
        await recordChange(tx, by, { action: 'provider.create', subject: name, detail: { vendor, baseUrl, settings } });
        return toProvider(row);
      }),

    remove: (by, name) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('own_providers')
          .where('project_id', '=', by.project)
          .where('name', '=', name)
          .returning('vendor')
          .executeTakeFirst();
        if (!row) return false;
        const keys = await tx
          .deleteFrom('provider_keys')
          .where('project_id', '=', by.project)
          .where('provider', '=', name)
          .returning('id')
          .execute();
        await recordChange(tx, by, { action: 'provider.remove', subject: name, detail: { keys: keys.length } });
        return true;
      }),

    addKey: (by, { id, provider, label, last4, sealed }) =>
      inTransaction(db, async (tx) => {
        const values = { id, project_id: by.project, provider, label, last4, created_by: by.actor };
        const row = await tx
          .insertInto('provider_keys')
          .values({ ...values, sealed: Buffer.from(sealed) })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'provider.key.add', subject: provider, detail: { id, label, last4 } });
        return toKey(row);
      }),

    removeKey: (by, provider, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('provider_keys')
          .where('project_id', '=', by.project)
          .where('provider', '=', provider)
          .where('id', '=', id)
          .returning(['label', 'last4'])
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'provider.key.remove', subject: provider, detail: { id, ...row } });
        return true;
      }),

    async snapshot() {
      const providers = await db
        .selectFrom('own_providers')
        .selectAll()
        .orderBy('created_at')
        .orderBy('name')
        .execute();
      const keys = await db.selectFrom('provider_keys').selectAll().orderBy('seq').execute();
      return {
        providers: providers.map((row) => ({ ...toProvider(row), project: row.project_id as ProjectId })),
        keys: keys.map((row) => ({ ...toKey(row), project: row.project_id as ProjectId, sealed: row.sealed })),
      };
    },
  };
}
