import type { ProviderStore, SealedProviderKey } from '@wheelhouse/core/ports';
import { type OwnProvider, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

export function fakeProviderStore(audit: FakeAuditStore): ProviderStore {
  let providers: (OwnProvider & { project: ProjectId })[] = [];
  let keys: SealedProviderKey[] = [];
  return {
    create: async (by, given) => {
      if (providers.some(({ project, name }) => project === by.project && name === given.name))
        throw new WheelhouseError('conflict', `There is already a provider \`${given.name}\`.`, { param: 'name' });
      const { name, ...detail } = given;
      const provider: OwnProvider = { ...given, createdBy: by.actor, createdAt: audit.now() };
      providers.push({ ...provider, project: by.project });
      audit.record(by, { action: 'provider.create', subject: name, detail });
      return provider;
    },
    remove: async (by, name) => {
      const isIt = (one: OwnProvider & { project: ProjectId }) => one.project === by.project && one.name === name;
      if (!providers.some(isIt)) return false;
      const its = keys.filter(({ project, provider }) => project === by.project && provider === name);
      providers = providers.filter((one) => !isIt(one));
      keys = keys.filter((key) => !its.includes(key));
      audit.record(by, { action: 'provider.remove', subject: name, detail: { keys: its.length } });
      return true;
    },
    addKey: async (by, { sealed, ...given }) => {
      const key = { ...given, createdBy: by.actor, createdAt: audit.now() };
      keys.push({ ...key, project: by.project, sealed });
      const { id, label, last4, provider } = given;
      audit.record(by, { action: 'provider.key.add', subject: provider, detail: { id, label, last4 } });
      return key;
    },
    removeKey: async (by, provider, id) => {
      const key = keys.find((one) => one.project === by.project && one.provider === provider && one.id === id);
      if (!key) return false;
      keys = keys.filter((one) => one !== key);
      const { label, last4 } = key;
      audit.record(by, { action: 'provider.key.remove', subject: provider, detail: { id, label, last4 } });
      return true;
    },
    snapshot: async () => ({ providers: [...providers], keys: [...keys] }),
  };
}
