import type { Handlers } from '@wheelhouse/core/contract';
import type { AccessStore, Random } from '@wheelhouse/core/ports';
import {
  atLeast,
  type Caller,
  type InvitationId,
  idRandomBytes,
  newId,
  type PersonId,
  type Role,
  type TeamId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { hashSecret, newSecret } from './secrets.ts';

export type PeopleDeps = {
  store: AccessStore;
  random: Random;
  nowMs(): number;
  /** What was changed counts from here on. */
  changed(): Promise<void>;
};

type RouteIds =
  | 'listPeople'
  | 'changePerson'
  | 'removePerson'
  | 'listInvitations'
  | 'invitePerson'
  | 'removeInvitation'
  | 'listTeams'
  | 'createTeam'
  | 'removeTeam';

const dayMs = 24 * 3600 * 1000;

/** Nobody gives, or takes, what is above them. */
export function checkRole(by: Caller, role: Role | null): void {
  if (role === null || atLeast(by.role, role)) return;
  throw new WheelhouseError('forbidden', `To decide about the role ${role} takes the role ${role}.`, {
    param: 'role',
    hint: 'Ask somebody who has it.',
  });
}

const noPerson = (id: string) =>
  new WheelhouseError('not_found', `There is no person \`${id.slice(0, 80)}\` in this project.`, {
    hint: 'GET /api/v1/people lists them.',
  });

export function createPeopleHandlers({ store, random, nowMs, changed }: PeopleDeps): Handlers<RouteIds> {
  async function memberOf(by: Caller, id: string) {
    const member = (await store.members(by.project)).find((one) => one.id === id);
    if (!member) throw noPerson(id);
    checkRole(by, member.role);
    return member;
  }

  return {
    listPeople: async ({ by }) => ({
      data: (await store.members(by.project)).map(({ createdAt: _, ...rest }) => rest),
    }),

    async changePerson({ by, params, body }) {
      const before = await memberOf(by, params.personId);
      checkRole(by, body.role ?? null);
      const member = await store.changeMember(by, before.id, {
        ...(body.role !== undefined && { role: body.role }),
        ...(body.team !== undefined && { team: body.team as TeamId | null }),
      });
      if (!member) throw noPerson(params.personId);
      await changed();
      const { createdAt: _, ...person } = member;
      return person;
    },

    async removePerson({ by, params }) {
      const removed = await store.removeMember(by, (await memberOf(by, params.personId)).id as PersonId);
      await changed();
      return { removed };
    },

    listInvitations: async ({ by }) => ({ data: await store.invitations(by.project) }),

    async invitePerson({ by, body }) {
      checkRole(by, body.role);
      const token = newSecret('', random);
      const invitation = await store.invite(by, {
        id: newId('inv', nowMs(), random.bytes(idRandomBytes)),
        email: body.email,
        role: body.role,
        expiresAt: new Date(nowMs() + body.days * dayMs).toISOString(),
        hash: hashSecret(token),
      });
      return { ...invitation, path: `/join?token=${token}` };
    },

    async removeInvitation({ by, params }) {
      return { removed: await store.removeInvitation(by, params.invitationId as InvitationId) };
    },

    listTeams: async ({ by }) => ({ data: await store.teams(by.project) }),

    createTeam: ({ by, body }) =>
      store.createTeam(by, { id: newId('tm', nowMs(), random.bytes(idRandomBytes)), name: body.name }),

    async removeTeam({ by, params }) {
      const removed = await store.removeTeam(by, params.teamId as TeamId);
      await changed();
      return { removed };
    },
  };
}
