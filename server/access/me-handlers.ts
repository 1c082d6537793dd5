import type { Handlers } from '@wheelhouse/core/contract';
import { type Caller, type PersonId, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { AccessReader } from './access-reader.ts';
import type { Passwords } from './passwords.ts';
import type { PeopleDeps } from './people-handlers.ts';

export type MeDeps = PeopleDeps & { reader: AccessReader; passwords: Passwords };

type RouteIds =
  | 'getMe'
  | 'changePassword'
  | 'listSessionsOfMine'
  | 'endSession'
  | 'listProjects'
  | 'createProject'
  | 'renameProject';

function asPerson(by: Caller): PersonId {
  if (by.person !== null && by.key === null) return by.person;
  throw new WheelhouseError('forbidden', 'Only a person who is signed in has that.', { hint: 'Sign in at /sign-in.' });
}

/** Who asks, what they may do and where. */
export function createMeHandlers({ store, changed, reader, passwords }: MeDeps): Handlers<RouteIds> {
  function projectsOf(by: Caller) {
    if (by.key !== null) {
      const project = reader.project(by.project);
      return project ? [{ ...project, role: by.role }] : [];
    }
    if (by.person === null) return reader.projects().map((project) => ({ ...project, role: by.role }));
    return reader.seats(by.person).map(({ project, role }) => ({ ...project, role }));
  }
  const sorted = (by: Caller) => projectsOf(by).sort((a, b) => (a.id < b.id ? -1 : 1));

  return {
    async getMe({ by }) {
      const known = by.person === null ? null : reader.person(by.person);
      const account = known && (await store.personOfEmail(known.email));
      const { id, name, createdAt } = reader.project(by.project) ?? { id: by.project, name: by.project, createdAt: '' };
      return {
        actor: by.actor,
        project: { id, name, createdAt },
        role: by.role,
        person: account && {
          ...{ id: account.id, email: account.email, name: account.name },
          password: account.passwordHash !== null,
        },
        key: by.key,
        session: by.session ?? null,
        projects: sorted(by),
      };
    },

    async changePassword({ by, body }) {
      const person = asPerson(by);
      const account = await store.personOfEmail(reader.person(person)?.email ?? '');
      if (!(await passwords.fits(body.current, account?.passwordHash ?? null)))
        throw new WheelhouseError('invalid_request', 'This is not your password.', {
          param: 'current',
          hint: 'Enter the one that you sign in with.',
        });
      await store.setPassword(by, person, await passwords.hash(body.next), by.session ?? null);
      await changed();
      return { changed: true };
    },

    async listSessionsOfMine({ by }) {
      const sessions = reader.sessionsOf(asPerson(by));
      return {
        data: sessions.map(({ id, agent, createdAt, expiresAt }) => ({
          ...{ id, agent, createdAt, expiresAt },
          current: id === by.session,
        })),
      };
    },

    async endSession({ by, params }) {
      const found = reader.sessionsOf(asPerson(by)).find(({ id }) => id === params.sessionId);
      if (found === undefined) return { removed: false };
      await store.endSession(found.id);
      await changed();
      return { removed: true };
    },

    listProjects: async ({ by }) => ({ data: sorted(by) }),

    async createProject({ by, body }) {
      const project = await store.createProject(by, {
        id: body.id as ProjectId,
        name: body.name ?? body.id,
        owner: by.person,
      });
      await changed();
      return project;
    },

    async renameProject({ by, body }) {
      const project = await store.renameProject(by, body.name);
      await changed();
      return project;
    },
  };
}
