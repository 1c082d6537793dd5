import type { Role } from './actor.ts';
import type { InvitationId, KeyId, PersonId, ProjectId, SessionId, TeamId } from './ids.ts';

/** Everything belongs to one; nothing of one is seen in another. Times are ISO 8601, UTC. */
export type Project = { id: ProjectId; name: string; createdAt: string };

/** Who can sign in, with a password or at a provider of identities. */
export type Person = {
  id: PersonId;
  /** In lower case; one person each. */
  email: string;
  name: string;
  createdAt: string;
};

/** A person in a project. */
export type Member = Person & { role: Role; team: TeamId | null; since: string };

/** Whoever has its link, or signs in with its address elsewhere, may join. */
export type Invitation = {
  id: InvitationId;
  email: string;
  role: Role;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
};

/** People and keys with a budget together. */
export type Team = { id: TeamId; name: string; createdAt: string };

/** What programs come with. Its secret is shown once and kept as a hash. */
export type Key = {
  id: KeyId;
  name: string;
  /** Last four characters of the secret. */
  last4: string;
  /** null: it may call models and send traces, and nothing else. */
  role: Role | null;
  /** Whose it is, and may do no more than; null: the project's. */
  person: PersonId | null;
  team: TeamId | null;
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
};

/** A browser that somebody signed in with; `person` null: with the admin key. */
export type Session = {
  id: SessionId;
  person: PersonId | null;
  agent: string;
  createdAt: string;
  expiresAt: string;
};

const rank: Record<Role, number> = { viewer: 1, editor: 2, admin: 3, owner: 4 };

/** Whether a role may do what another may. */
export const atLeast = (role: Role | null, needed: Role): boolean => role !== null && rank[role] >= rank[needed];

/** The one that may do less; null may do least. */
export const lesserRole = (a: Role | null, b: Role | null): Role | null =>
  a === null || b === null ? null : rank[a] < rank[b] ? a : b;
