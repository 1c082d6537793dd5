import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, ProviderCatalogue, ProviderStore, Random, SecretBox } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  type ProviderKeyId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { contextOf } from './credential-reader.ts';

export type ProviderDeps = {
  store: ProviderStore;
  catalogue: ProviderCatalogue;
  box: SecretBox;
  clock: Clock;
  random: Random;
  /** Has every reader see the change before it is answered. */
  changed(): Promise<unknown>;
};

/** Keys that take turns; more of one project for one provider are surely a mistake. */
const mostKeys = 100;

const last4 = (secret: string) => (secret.length < 12 ? '' : secret.slice(-4));

type ProviderRoutes =
  | 'listVendors'
  | 'listProviders'
  | 'createProvider'
  | 'removeProvider'
  | 'addProviderKey'
  | 'removeProviderKey';

/** Which providers a project can call, and the keys that it stores for them. No answer holds a secret. */
export function createProviderHandlers(deps: ProviderDeps): Handlers<ProviderRoutes> {
  const { store, catalogue, box } = deps;

  const find = (project: ProjectId, name: string) => {
    const found = catalogue.describe(project).find((provider) => provider.name === name);
    if (found) return found;
    throw new WheelhouseError('not_found', `There is no provider \`${name}\`.`, {
      hint: 'GET /api/v1/providers lists them.',
    });
  };

  return {
    listVendors: async () => ({ data: catalogue.vendors() }),
    listProviders: async ({ by }) => ({ data: catalogue.describe(by.project) }),

    async createProvider({ by, body }) {
      const refusal = catalogue.refusal(by.project, body);
      if (refusal) throw refusal;
      await store.create(by, body);
      await deps.changed();
      return find(by.project, body.name);
    },

    async removeProvider({ by, params }) {
      const removed = await store.remove(by, params.provider);
      await deps.changed();
      return { removed };
    },

    async addProviderKey({ by, params, body }) {
      const provider = find(by.project, params.provider);
      if (provider.vendor === 'sim')
        throw new WheelhouseError('invalid_request', 'The simulated model takes no key.', { param: 'provider' });
      if (provider.keys.filter(({ from }) => from === 'project').length >= mostKeys)
        throw new WheelhouseError('conflict', `The project has ${mostKeys} keys for ${provider.name} already.`);
      const secret = body.secret.trim();
      if (secret === '') throw new WheelhouseError('invalid_request', 'The secret is empty.', { param: 'secret' });
      const id = newId('pk', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      await store.addKey(by, {
        id,
        provider: provider.name,
        label: body.label,
        last4: last4(secret),
        sealed: box.seal(secret, contextOf(by.project, id)),
      });
      await deps.changed();
      return find(by.project, provider.name);
    },

    async removeProviderKey({ by, params }) {
      const removed = await store.removeKey(by, params.provider, params.keyId as ProviderKeyId);
      await deps.changed();
      return { removed };
    },
  };
}
