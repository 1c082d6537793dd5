import { timingSafeEqual } from 'node:crypto';
import type { AccessStore, Identity, Random } from '@wheelhouse/core/ports';
import {
  type Invitation,
  idRandomBytes,
  newId,
  type PersonId,
  type Project,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { AccessReader } from './access-reader.ts';
import { type Attempt, createAttempts } from './attempts.ts';
import { adminSessionPrefix, hashSession, sessionPrefix } from './gate.ts';
import type { Passwords } from './passwords.ts';
import { hashSecret, newSecret } from './secrets.ts';

export type SignInDeps = {
  store: AccessStore;
  reader: AccessReader;
  passwords: Passwords;
  random: Random;
  adminKey: string;
  nowMs(): number;
};

/** Where a try comes from. */
export type Visitor = { address: string; agent: string };
export type SignedIn = { token: string; expiresMs: number };
export type Invited = Pick<Invitation, 'email' | 'role'> & { project: Project; known: boolean };

export type SignIns = {
  /** @throws WheelhouseError `unauthorized` in the same words whatever is wrong; `rate_limited` */
  withPassword(given: { email: string; password: string }, visitor: Visitor): Promise<SignedIn>;
  withAdminKey(key: string, visitor: Visitor): Promise<SignedIn>;
  /** Somebody whom a provider of identities vouches for; `email` null: it does not vouch for one. */
  withIdentity(given: { identity: Identity; email: string | null; name: string }, visitor: Visitor): Promise<SignedIn>;
  invitation(token: string): Promise<Invited | null>;
  /** @throws WheelhouseError `invalid_request`, `unauthorized`, `rate_limited`, `not_found` */
  join(token: string, given: { name: string; password: string }, visitor: Visitor): Promise<SignedIn>;
  end(token: string): Promise<void>;
};

const lifetimeMs = 30 * 24 * 3600 * 1000;
const shortestPassword = 12;
const agentLength = 200;

const digest = (text: string) => Buffer.from(hashSecret(text));
/** Compares in constant time, whatever the lengths. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const wrong = () =>
  new WheelhouseError('unauthorized', 'This address and this password do not fit.', {
    hint: 'Correct them, or ask an admin of your project for an invitation.',
  });
const gone = () =>
  new WheelhouseError('not_found', 'This invitation is used up, over, or was taken back.', {
    hint: 'Ask for another one.',
  });

export function createSignIns(deps: SignInDeps): SignIns {
  const { store, reader, passwords, random, adminKey, nowMs } = deps;
  const attempts = createAttempts({ store, random, nowMs });

  async function begin(account: string, { address }: Visitor): Promise<Attempt> {
    const attempt = await attempts.begin(account, address);
    const { waitMs } = attempt;
    if (waitMs === 0) return attempt;
    const minutes = Math.ceil(waitMs / 60_000);
    throw new WheelhouseError('rate_limited', 'There were too many failed tries.', {
      hint: `Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
      retryAfterMs: waitMs,
    });
  }

  async function start(person: PersonId | null, { agent }: Visitor): Promise<SignedIn> {
    const token = newSecret(person === null ? adminSessionPrefix : sessionPrefix, random);
    const expiresMs = nowMs() + lifetimeMs;
    await store.startSession({
      id: newId('ses', nowMs(), random.bytes(idRandomBytes)),
      person,
      agent: agent.slice(0, agentLength),
      expiresAt: new Date(expiresMs).toISOString(),
      hash: hashSession(token, adminKey),
    });
    await reader.refresh();
    return { token, expiresMs };
  }

  /** The account of an address, when the password is its own; takes as long when there is none. */
  async function prove(email: string, password: string, visitor: Visitor): Promise<PersonId> {
    const attempt = await begin(email, visitor);
    const person = await store.personOfEmail(email);
    const fits = await passwords.fits(password, person?.passwordHash ?? null);
    if (!fits || person === null) throw wrong();
    await attempt.succeeded();
    return person.id;
  }

  return {
    async withPassword({ email, password }, visitor) {
      return start(await prove(email.trim().toLowerCase(), password, visitor), visitor);
    },

    async withAdminKey(key, visitor) {
      const attempt = await begin('admin key', visitor);
      if (!sameSecret(key, adminKey))
        throw new WheelhouseError('unauthorized', 'This is not the admin key.', {
          hint: 'It is the value of WHEELHOUSE_ADMIN_KEY on the server.',
        });
      await attempt.succeeded();
      return start(null, visitor);
    },

    async withIdentity({ identity, email, name }, visitor) {
      const address = email?.trim().toLowerCase() ?? null;
      const joining = {
        id: newId('pn', nowMs(), random.bytes(idRandomBytes)),
        name: name.trim().slice(0, 100) || (address ?? ''),
        passwordHash: null,
        identity,
      };
      const invited = address === null ? null : await store.joinByAddress(address, joining);
      const person = invited ?? (await store.personOfIdentity(identity, address));
      if (person === null)
        throw new WheelhouseError('forbidden', 'Nobody of this address was invited here.', {
          hint: 'Ask an admin of a project for an invitation to the address that you sign in with.',
        });
      return start(person.id, visitor);
    },

    async invitation(token) {
      const found = await store.invitation(hashSecret(token));
      return found && { email: found.email, role: found.role, project: found.project, known: found.known };
    },

    async join(token, { name, password }, visitor) {
      const hash = hashSecret(token);
      const invitation = await store.invitation(hash);
      if (invitation === null) throw gone();
      if (invitation.known) await prove(invitation.email, password, visitor);
      else if (password.length < shortestPassword || password.length > 500)
        throw new WheelhouseError('invalid_request', `A password takes ${shortestPassword} characters or more.`, {
          param: 'password',
        });
      const person = await store.join(hash, {
        id: newId('pn', nowMs(), random.bytes(idRandomBytes)),
        name: name.trim().slice(0, 100) || invitation.email,
        passwordHash: invitation.known ? null : await passwords.hash(password),
        identity: null,
      });
      if (person === null) throw gone();
      return start(person.id, visitor);
    },

    async end(token) {
      const session = reader.session(hashSession(token, adminKey), nowMs());
      if (session === null) return;
      await store.endSession(session.id);
      await reader.refresh();
    },
  };
}
