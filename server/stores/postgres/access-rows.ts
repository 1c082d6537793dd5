import type {
  Invitation,
  InvitationId,
  Key,
  KeyId,
  Person,
  PersonId,
  Project,
  ProjectId,
  Session,
  SessionId,
  Team,
  TeamId,
} from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database } from './database.ts';

type Row<Table extends keyof Database> = Selectable<Database[Table]>;

const iso = (time: Date) => time.toISOString();
const isoOrNull = (time: Date | null) => time?.toISOString() ?? null;

export const toProject = (row: Row<'projects'>): Project => ({
  id: row.id as ProjectId,
  name: row.name,
  createdAt: iso(row.created_at),
});

export const toPerson = (row: Row<'people'>): Person => ({
  id: row.id as PersonId,
  email: row.email,
  name: row.name,
  createdAt: iso(row.created_at),
});

export const toTeam = (row: Row<'teams'>): Team => ({
  id: row.id as TeamId,
  name: row.name,
  createdAt: iso(row.created_at),
});

export const toInvitation = (row: Row<'invitations'>): Invitation => ({
  id: row.id as InvitationId,
  email: row.email,
  role: row.role,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
});

export const toKey = (row: Row<'keys'>): Key => ({
  id: row.id as KeyId,
  name: row.name,
  last4: row.last4,
  role: row.role,
  person: row.person_id as PersonId | null,
  team: row.team_id as TeamId | null,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
  expiresAt: isoOrNull(row.expires_at),
  revokedAt: isoOrNull(row.revoked_at),
  lastUsedAt: isoOrNull(row.last_used_at),
});

export const toSession = (row: Row<'sessions'>): Session => ({
  id: row.id as SessionId,
  person: row.person_id as PersonId | null,
  agent: row.agent,
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
});
