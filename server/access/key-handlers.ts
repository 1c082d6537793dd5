import type { Handlers } from '@wheelhouse/core/contract';
import { atLeast, idRandomBytes, type KeyId, newId, type TeamId, WheelhouseError } from '@wheelhouse/core/records';
import { checkRole, type PeopleDeps } from './people-handlers.ts';
import { hashSecret, keyPrefix, newSecret } from './secrets.ts';

const dayMs = 24 * 3600 * 1000;

/** Keys of programs: made and revoked, and never shown again. */
export function createKeyHandlers({
  store,
  random,
  nowMs,
  changed,
}: PeopleDeps): Handlers<'listKeys' | 'createKey' | 'revokeKey'> {
  return {
    listKeys: async ({ by }) => ({ data: await store.keys(by.project) }),

    async createKey({ by, body }) {
      checkRole(by, body.role);
      if (body.mine && by.person === null)
        throw new WheelhouseError('invalid_request', 'Only who signed in as a person can have a key of their own.', {
          param: 'mine',
          hint: 'Leave `mine` out, for a key of the project.',
        });
      if (!body.mine && !atLeast(by.role, 'admin'))
        throw new WheelhouseError('forbidden', 'A key of the project takes the role admin.', {
          param: 'mine',
          hint: 'Set `mine` for a key that acts for you, or ask an admin.',
        });
      const secret = newSecret(keyPrefix, random);
      const key = await store.createKey(by, {
        id: newId('key', nowMs(), random.bytes(idRandomBytes)),
        name: body.name,
        last4: secret.slice(-4),
        role: body.role,
        person: body.mine ? by.person : null,
        team: body.team as TeamId | null,
        expiresAt: body.days === null ? null : new Date(nowMs() + body.days * dayMs).toISOString(),
        hash: hashSecret(secret),
      });
      await changed();
      return { ...key, secret };
    },

    async revokeKey({ by, params }) {
      const found = (await store.keys(by.project)).find(({ id }) => id === params.keyId);
      const mine = found !== undefined && found.person !== null && found.person === by.person;
      if (found && !mine && !atLeast(by.role, 'admin'))
        throw new WheelhouseError('forbidden', 'To revoke a key that is not yours takes the role admin.');
      if (found && !mine) checkRole(by, found.role);
      const revoked = await store.revokeKey(by, params.keyId as KeyId);
      if (revoked === null)
        throw new WheelhouseError('not_found', `There is no key \`${params.keyId.slice(0, 80)}\` in this project.`, {
          hint: 'GET /api/v1/keys lists them.',
        });
      await changed();
      return revoked;
    },
  };
}
