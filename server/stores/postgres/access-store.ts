import type { AccessSnapshot, AccessStore } from '@wheelhouse/core/ports';
import type { PersonId, ProjectId, TeamId } from '@wheelhouse/core/records';
import { WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import { toKey, toPerson, toProject, toSession, toTeam } from './access-rows.ts';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { checkTeam, createPeopleStore } from './people-store.ts';
import { countChange, recordChange } from './record-change.ts';
import { createSignInTries } from './sign-in-tries.ts';

async function readSnapshot(db: Db, nowMs: number): Promise<AccessSnapshot> {
  const now = new Date(nowMs);
  const closed = db.selectFrom('project_removals').select('project_id');
  const projects = await db.selectFrom('projects').selectAll().where('id', 'not in', closed).orderBy('id').execute();
  const people = await db.selectFrom('people').selectAll().execute();
  const memberships = await db
    .selectFrom('memberships')
    .selectAll()
    .where('project_id', 'not in', closed)
    .orderBy('since')
    .execute();
  const keys = await db
    .selectFrom('keys')
    .selectAll()
    .where('revoked_at', 'is', null)
    .where('project_id', 'not in', closed)
    .execute();
  const sessions = await db.selectFrom('sessions').selectAll().where('expires_at', '>', now).execute();
  return {
    projects: projects.map(toProject),
    people: people.map(toPerson),
    memberships: memberships.map((row) => ({
      project: row.project_id as ProjectId,
      person: row.person_id as PersonId,
      role: row.role,
      team: row.team_id as TeamId | null,
    })),
    keys: keys.map((row) => ({ ...toKey(row), project: row.project_id as ProjectId, hash: row.hash })),
    sessions: sessions.map((row) => ({ ...toSession(row), hash: row.hash })),
  };
}

function createProjects(db: Db): Pick<AccessStore, 'createProject' | 'renameProject'> {
  return {
    createProject: (by, { id, name, owner }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('projects')
          .values({ id, name })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('conflict', `There is, or was, a project \`${id}\`.`, {
            param: 'id',
            hint: 'Take another id.',
          });
        if (owner !== null)
          await tx.insertInto('memberships').values({ project_id: id, person_id: owner, role: 'owner' }).execute();
        await recordChange(tx, { ...by, project: id }, { action: 'project.create', subject: id, detail: { name } });
        return toProject(row);
      }),

    renameProject: (by, name) =>
      inTransaction(db, async (tx) => {
        const before = await tx
          .selectFrom('projects')
          .select('name')
          .where('id', '=', by.project)
          .forUpdate()
          .executeTakeFirstOrThrow();
        const row = await tx
          .updateTable('projects')
          .set({ name })
          .where('id', '=', by.project)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'project.rename',
          subject: by.project,
          detail: { before, after: { name } },
        });
        return toProject(row);
      }),
  };
}

function createTeams(db: Db): Pick<AccessStore, 'createTeam' | 'teams' | 'removeTeam'> {
  return {
    createTeam: (by, { id, name }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('teams')
          .values({ id, project_id: by.project, name })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('conflict', `There is already a team \`${name}\`.`, {
            param: 'name',
            hint: 'Take another name.',
          });
        await recordChange(tx, by, { action: 'team.create', subject: id, detail: { name } });
        return toTeam(row);
      }),

    async teams(project) {
      const rows = await db
        .selectFrom('teams as t')
        .selectAll('t')
        .select([
          sql<string>`(select count(*) from wheelhouse.memberships m where m.team_id = t.id)`.as('people'),
          sql<string>`(select count(*) from wheelhouse.keys k where k.team_id = t.id and k.revoked_at is null)`.as(
            'keys',
          ),
        ])
        .where('t.project_id', '=', project)
        .orderBy('t.name')
        .execute();
      return rows.map((row) => ({ ...toTeam(row), people: Number(row.people), keys: Number(row.keys) }));
    },

    removeTeam: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('teams')
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .returning('name')
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'team.remove', subject: id, detail: { name: row.name } });
        return true;
      }),
  };
}

function createKeys(db: Db): Pick<AccessStore, 'createKey' | 'keys' | 'revokeKey' | 'noteKeyUse'> {
  return {
    createKey: (by, { id, name, last4, role, person, team, expiresAt, hash }) =>
      inTransaction(db, async (tx) => {
        await checkTeam(tx, by.project, team);
        const row = await tx
          .insertInto('keys')
          .values({
            id,
            project_id: by.project,
            name,
            hash,
            last4,
            role,
            person_id: person,
            team_id: team,
            created_by: by.actor,
            expires_at: expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'key.create', subject: id, detail: { name, role, person, team } });
        return toKey(row);
      }),

    async keys(project) {
      const rows = await db
        .selectFrom('keys')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('seq', 'desc')
        .execute();
      return rows.map(toKey);
    },

    revokeKey: (by, id) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('keys')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!row) return null;
        if (row.revoked_at !== null) return toKey(row);
        const revoked = await tx
          .updateTable('keys')
          .set({ revoked_at: sql`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'key.revoke', subject: id, detail: { name: row.name } });
        return toKey(revoked);
      }),

    async noteKeyUse(used) {
      for (const { id, atMs } of used)
        await db
          .updateTable('keys')
          .set({ last_used_at: new Date(atMs) })
          .where('id', '=', id)
          .execute();
    },
  };
}

export function createAccessStore(db: Db): AccessStore {
  return {
    snapshot: (nowMs) => readSnapshot(db, nowMs),
    ...createProjects(db),
    ...createPeopleStore(db),
    ...createTeams(db),
    ...createKeys(db),
    ...createSignInTries(db),

    startSession: ({ id, person, agent, expiresAt, hash }) =>
      inTransaction(db, async (tx) => {
        await tx.deleteFrom('sessions').where('expires_at', '<', sql<Date>`now()`).execute();
        await tx.insertInto('sessions').values({ id, hash, person_id: person, agent, expires_at: expiresAt }).execute();
        await countChange(tx);
      }),

    endSession: (id) =>
      inTransaction(db, async (tx) => {
        await tx.deleteFrom('sessions').where('id', '=', id).execute();
        await countChange(tx);
      }),
  };
}
