import type { AccessStore, Identity, Joining } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Member,
  type Person,
  type ProjectId,
  type TeamId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { sql } from 'kysely';
import { toInvitation, toPerson, toProject } from './access-rows.ts';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

type People = Pick<
  AccessStore,
  | 'members'
  | 'changeMember'
  | 'removeMember'
  | 'invite'
  | 'invitations'
  | 'removeInvitation'
  | 'invitation'
  | 'join'
  | 'personOfIdentity'
  | 'joinByAddress'
  | 'personOfEmail'
  | 'setPassword'
>;

async function membersOf(db: Db | Tx, project: ProjectId, person?: string): Promise<Member[]> {
  const rows = await db
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['p.id', 'p.email', 'p.name', 'p.password_hash', 'p.created_at', 'm.role', 'm.team_id', 'm.since'])
    .where('m.project_id', '=', project)
    .$if(person !== undefined, (query) => query.where('p.id', '=', person ?? ''))
    .orderBy('p.email')
    .execute();
  return rows.map((row) => ({
    ...toPerson(row),
    role: row.role,
    team: row.team_id as TeamId | null,
    since: row.since.toISOString(),
  }));
}

/** @throws WheelhouseError `not_found` when the project has no such team */
export async function checkTeam(tx: Tx, project: ProjectId, team: string | null | undefined): Promise<void> {
  if (team === null || team === undefined) return;
  const row = await tx
    .selectFrom('teams')
    .select('id')
    .where('project_id', '=', project)
    .where('id', '=', team)
    .forShare()
    .executeTakeFirst();
  if (!row) throw new WheelhouseError('not_found', `There is no team \`${team.slice(0, 80)}\`.`, { param: 'team' });
}

const personOf = (tx: Db | Tx, email: string) =>
  tx.selectFrom('people').selectAll().where('email', '=', email).executeTakeFirst();

async function linkIdentity(tx: Tx, person: string, identity: Identity | null): Promise<void> {
  if (identity === null) return;
  await tx
    .insertInto('identities')
    .values({ issuer: identity.issuer, subject: identity.subject, person_id: person })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Makes the account when there is none, and a member of each of the projects that the invitations name. */
async function accept(
  tx: Tx,
  invitations: { project_id: string; id: string; role: Member['role']; email: string }[],
  joining: Joining,
): Promise<Person | null> {
  const email = invitations[0]?.email;
  if (email === undefined) return null;
  await tx
    .insertInto('people')
    .values({ id: joining.id, email, name: joining.name, password_hash: joining.passwordHash })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await personOf(tx, email);
  if (!row) return null;
  await linkIdentity(tx, row.id, joining.identity);
  for (const { project_id, id, role } of invitations) {
    await tx
      .insertInto('memberships')
      .values({ project_id, person_id: row.id, role })
      .onConflict((conflict) => conflict.columns(['project_id', 'person_id']).doUpdateSet({ role }))
      .execute();
    const by: Actor = { project: project_id as ProjectId, actor: email };
    await recordChange(tx, by, { action: 'person.join', subject: row.id, detail: { email, role, invitation: id } });
  }
  return toPerson(row);
}

function createMembers(db: Db): Pick<People, 'members' | 'changeMember' | 'removeMember'> {
  return {
    members: (project) => membersOf(db, project),

    changeMember: (by, person, change) =>
      inTransaction(db, async (tx) => {
        await checkTeam(tx, by.project, change.team);
        const [before] = await membersOf(tx, by.project, person);
        if (!before) return null;
        const next = { ...before, ...change };
        await tx
          .updateTable('memberships')
          .set({ role: next.role, team_id: next.team })
          .where('project_id', '=', by.project)
          .where('person_id', '=', person)
          .execute();
        await recordChange(tx, by, {
          action: 'person.change',
          subject: person,
          detail: {
            email: before.email,
            before: { role: before.role, team: before.team },
            after: { role: next.role, team: next.team },
          },
        });
        return next;
      }),

    removeMember: (by, person) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('memberships')
          .where('project_id', '=', by.project)
          .where('person_id', '=', person)
          .returning('role')
          .executeTakeFirst();
        if (!row) return false;
        await tx
          .updateTable('keys')
          .set({ revoked_at: sql`now()` })
          .where('project_id', '=', by.project)
          .where('person_id', '=', person)
          .where('revoked_at', 'is', null)
          .execute();
        await recordChange(tx, by, { action: 'person.remove', subject: person, detail: { role: row.role } });
        return true;
      }),
  };
}

function createInvitations(
  db: Db,
): Pick<People, 'invite' | 'invitations' | 'removeInvitation' | 'invitation' | 'join' | 'joinByAddress'> {
  return {
    invite: (by, { id, email, role, expiresAt, hash }) =>
      inTransaction(db, async (tx) => {
        await tx.deleteFrom('invitations').where('project_id', '=', by.project).where('email', '=', email).execute();
        const row = await tx
          .insertInto('invitations')
          .values({ id, project_id: by.project, email, role, hash, created_by: by.actor, expires_at: expiresAt })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'invitation.create', subject: id, detail: { email, role } });
        return toInvitation(row);
      }),

    async invitations(project) {
      const rows = await db
        .selectFrom('invitations')
        .selectAll()
        .where('project_id', '=', project)
        .where('expires_at', '>', sql<Date>`now()`)
        .orderBy('seq', 'desc')
        .execute();
      return rows.map(toInvitation);
    },

    removeInvitation: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('invitations')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning('email')
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'invitation.remove', subject: id, detail: { email: row.email } });
        return true;
      }),

    async invitation(hash) {
      const row = await db
        .selectFrom('invitations')
        .selectAll()
        .where('hash', '=', hash)
        .where('expires_at', '>', sql<Date>`now()`)
        .executeTakeFirst();
      if (!row) return null;
      const project = await db
        .selectFrom('projects')
        .selectAll()
        .where('id', '=', row.project_id)
        .executeTakeFirstOrThrow();
      const known = (await personOf(db, row.email)) !== undefined;
      return { ...toInvitation(row), project: toProject(project), known };
    },

    join: (hash, joining) =>
      inTransaction(db, async (tx) => {
        const invitations = await tx
          .deleteFrom('invitations')
          .where('hash', '=', hash)
          .where('expires_at', '>', sql<Date>`now()`)
          .returning(['id', 'project_id', 'email', 'role'])
          .execute();
        return accept(tx, invitations, joining);
      }),

    joinByAddress: (email, joining) =>
      inTransaction(db, async (tx) => {
        const invitations = await tx
          .deleteFrom('invitations')
          .where('email', '=', email)
          .where('expires_at', '>', sql<Date>`now()`)
          .returning(['id', 'project_id', 'email', 'role'])
          .execute();
        return accept(tx, invitations, joining);
      }),
  };
}

export function createPeopleStore(db: Db): People {
  return {
    ...createMembers(db),
    ...createInvitations(db),

    personOfIdentity: (identity, email) =>
      inTransaction(db, async (tx) => {
        const linked = await tx
          .selectFrom('identities as i')
          .innerJoin('people as p', 'p.id', 'i.person_id')
          .selectAll('p')
          .where('i.issuer', '=', identity.issuer)
          .where('i.subject', '=', identity.subject)
          .executeTakeFirst();
        if (linked) return toPerson(linked);
        const row = email === null ? undefined : await personOf(tx, email);
        if (!row) return null;
        await linkIdentity(tx, row.id, identity);
        return toPerson(row);
      }),

    async personOfEmail(email) {
      const row = await personOf(db, email);
      return row ? { ...toPerson(row), passwordHash: row.password_hash } : null;
    },

    setPassword: (by, person, passwordHash, keep) =>
      inTransaction(db, async (tx) => {
        await tx.updateTable('people').set({ password_hash: passwordHash }).where('id', '=', person).execute();
        await tx
          .deleteFrom('sessions')
          .where('person_id', '=', person)
          .$if(keep !== null, (query) => query.where('id', '!=', keep ?? ''))
          .execute();
        await recordChange(tx, by, { action: 'person.password', subject: person, detail: {} });
      }),
  };
}
