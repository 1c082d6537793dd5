import { createHmac } from 'node:crypto';
import { type Caller, defaultProjectId, type Role, WheelhouseError } from '@wheelhouse/core/records';
import { type AccessReader, usualSeat } from './access-reader.ts';
import { hashSecret, keyPrefix } from './secrets.ts';

/** Where somebody wants to act. What was asked for in so many words is refused when it cannot be; a habit is passed over. */
export type AskedProject = { id: string; firm: boolean } | null;

/** In whose name a request comes. Answers from memory. */
export type Gate = {
  /** Whether a secret says of itself that it is a key of ours. */
  isKey(secret: string): boolean;
  /** null: no key that counts. */
  ofKey(secret: string, asked: AskedProject): Caller | null;
  /** null: nobody is signed in with it. */
  ofSession(token: string, asked: AskedProject): Caller | null;
  /** Who owns all projects. */
  ofOwner(actor: string, asked: AskedProject): Caller;
  /** Looks whether another replica knows more, once in a while; whether it is worth asking again. */
  lookAgain(): Promise<boolean>;
};

export type GateDeps = {
  reader: AccessReader;
  /** Sessions with it end when it changes. */
  adminKey: string | null;
  /** Whether there may be other replicas. */
  shared: boolean;
  nowMs(): number;
};

export const adminSessionPrefix = 'wha_';
export const sessionPrefix = 'whs_';
const lookEveryMs = 250;

/** What is stored of a session's token. */
export function hashSession(token: string, adminKey: string | null): string {
  if (!token.startsWith(adminSessionPrefix)) return hashSecret(token);
  return createHmac('sha256', adminKey ?? '')
    .update(token)
    .digest('base64url');
}

const noProject = (id: string) =>
  new WheelhouseError('not_found', `There is no project \`${id.slice(0, 80)}\` that you can see.`, {
    param: 'x-wheelhouse-project',
    hint: 'GET /api/v1/projects lists those that there are for you.',
  });

export function createGate({ reader, adminKey, shared, nowMs }: GateDeps): Gate {
  const owners = new Map<string, Caller>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  function ofOwner(actor: string, asked: AskedProject): Caller {
    const found = asked === null ? null : reader.project(asked.id);
    if (asked?.firm && found === null) throw noProject(asked.id);
    const project = found?.id ?? defaultProjectId;
    const known = owners.get(`${actor} ${project}`);
    if (known) return known;
    const caller: Caller = { project, actor, role: 'owner', key: null, person: null, team: null };
    owners.set(`${actor} ${project}`, caller);
    return caller;
  }

  return {
    isKey: (secret) => secret.startsWith(keyPrefix),

    ofKey(secret, asked) {
      const caller = reader.key(hashSecret(secret), nowMs());
      if (caller !== null && asked?.firm && asked.id !== caller.project) throw noProject(asked.id);
      return caller;
    },

    ofSession(token, asked) {
      const session = reader.session(hashSession(token, adminKey), nowMs());
      if (session === null) return null;
      if (session.person === null) return { ...ofOwner('admin', asked), session: session.id };
      const person = reader.person(session.person);
      if (person === null) return null;
      const seats = reader.seats(person.id);
      const wanted = asked === null ? undefined : seats.find(({ project }) => project.id === asked.id);
      if (asked?.firm && wanted === undefined) throw noProject(asked.id);
      const seat = wanted ?? usualSeat(seats);
      if (seat === undefined)
        throw new WheelhouseError('forbidden', 'You are in no project any more.', {
          hint: 'Ask an admin of a project for an invitation.',
        });
      const role: Role = seat.role;
      const { team, project } = seat;
      return {
        project: project.id,
        actor: person.email,
        role,
        key: null,
        person: person.id,
        team,
        session: session.id,
      };
    },

    ofOwner,

    async lookAgain() {
      const now = nowMs();
      if (!shared || now - lookedAt < lookEveryMs) return false;
      lookedAt = now;
      await reader.refresh();
      return true;
    },
  };
}
