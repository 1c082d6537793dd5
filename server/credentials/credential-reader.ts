import type { ProviderCatalogue, ProviderStore, SecretBox } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';

export type CredentialReaderDeps = {
  store: ProviderStore;
  box: SecretBox;
  catalogue: ProviderCatalogue;
  log: { warn(fields: object, message: string): void };
};

/** Ties a sealed secret to the place it was stored for. */
export const contextOf = (project: ProjectId, id: string): string => `provider key ${project} ${id}`;

/** Reads what projects set up, opens the secrets, and gives it to those who make the calls. */
export function createCredentialReader(deps: CredentialReaderDeps): { refresh(): Promise<void> } {
  const warned = new Set<string>();
  return {
    async refresh() {
      const { providers, keys } = await deps.store.snapshot();
      const opened = keys.map(({ sealed, ...key }) => {
        const secret = deps.box.open(sealed, contextOf(key.project, key.id));
        if (secret === null && !warned.has(key.id)) {
          warned.add(key.id);
          deps.log.warn({ provider: key.provider, key: key.id }, 'a stored key was sealed with another master key');
        }
        return { ...key, secret };
      });
      deps.catalogue.setOwn({ providers, keys: opened });
    },
  };
}
