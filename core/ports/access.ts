import type {
  Actor,
  Invitation,
  InvitationId,
  Key,
  KeyId,
  Member,
  Person,
  PersonId,
  Project,
  ProjectId,
  Role,
  Session,
  SessionId,
  Team,
  TeamId,
} from '../records/index.ts';

/** Everything that deciding who may do what needs, of all projects; secrets are hashes. */
export type AccessSnapshot = {
  projects: Project[];
  people: Person[];
  memberships: { project: ProjectId; person: PersonId; role: Role; team: TeamId | null }[];
  /** Without those that were revoked. */
  keys: (Key & { project: ProjectId; hash: string })[];
  /** Without those that are over. */
  sessions: (Session & { hash: string })[];
};

/** How a person is found again who signed in elsewhere. */
export type Identity = { issuer: string; subject: string };

/** What lets somebody in who was invited. `null`: the account that has the address is meant. */
export type Joining = { id: PersonId; name: string; passwordHash: string | null; identity: Identity | null };

/** A try to sign in, and under each of its names how many that failed within the time are too many. */
export type SignInTry = { id: string; atMs: number; windowMs: number; counts: { name: string; most: number }[] };

/** Projects, people, keys. A change takes its actor and is written with its audit entry. */
export type AccessStore = {
  snapshot(nowMs: number): Promise<AccessSnapshot>;

  /** Its creator, when a person, becomes its owner. `conflict` when the id is taken. */
  createProject(by: Actor, project: { id: ProjectId; name: string; owner: PersonId | null }): Promise<Project>;
  renameProject(by: Actor, name: string): Promise<Project>;

  /** By address. */
  members(project: ProjectId): Promise<Member[]>;
  /** null: no such member. */
  changeMember(by: Actor, person: PersonId, change: { role?: Role; team?: TeamId | null }): Promise<Member | null>;
  /** Whether they were one. */
  removeMember(by: Actor, person: PersonId): Promise<boolean>;

  /** Takes the place of one of the same address. */
  invite(
    by: Actor,
    invitation: Pick<Invitation, 'id' | 'email' | 'role' | 'expiresAt'> & { hash: string },
  ): Promise<Invitation>;
  /** Open ones, newest first. */
  invitations(project: ProjectId): Promise<Invitation[]>;
  removeInvitation(by: Actor, id: InvitationId): Promise<boolean>;
  /** An open one, by the hash of its token, and whether its address has an account that takes a password. */
  invitation(hash: string): Promise<(Invitation & { project: Project; known: boolean }) | null>;
  /**
   * Uses an invitation up: who was invited is a member, with the account of the address, made now when there is none.
   * null: it is gone.
   */
  join(hash: string, joining: Joining): Promise<Person | null>;

  /** Who has the identity; else who has the address, which takes the identity on; else null. */
  personOfIdentity(identity: Identity, email: string | null): Promise<Person | null>;
  /** Makes an account of the address and every open invitation of it used; null: nobody invited it. */
  joinByAddress(email: string, joining: Joining): Promise<Person | null>;
  /** `passwordHash` null: only the provider of identities lets them in. */
  personOfEmail(email: string): Promise<(Person & { passwordHash: string | null }) | null>;
  /** Ends the other sessions of the person. */
  setPassword(by: Actor, person: PersonId, passwordHash: string, keep: SessionId | null): Promise<void>;

  /** By name; `conflict` when it is taken. */
  createTeam(by: Actor, team: { id: TeamId; name: string }): Promise<Team>;
  teams(project: ProjectId): Promise<(Team & { people: number; keys: number })[]>;
  /** Leaves its people and keys without one. */
  removeTeam(by: Actor, id: TeamId): Promise<boolean>;

  createKey(
    by: Actor,
    key: Pick<Key, 'id' | 'name' | 'last4' | 'role' | 'person' | 'team' | 'expiresAt'> & { hash: string },
  ): Promise<Key>;
  /** Newest first, the revoked ones too. */
  keys(project: ProjectId): Promise<Key[]>;
  /** null: there is none; one that was revoked before is given as it is. */
  revokeKey(by: Actor, id: KeyId): Promise<Key | null>;
  /** No change: nothing is audited. */
  noteKeyUse(used: { id: KeyId; atMs: number }[]): Promise<void>;

  startSession(session: Pick<Session, 'id' | 'person' | 'agent' | 'expiresAt'> & { hash: string }): Promise<void>;
  endSession(id: SessionId): Promise<void>;

  /**
   * Counts a try as failed, under each of its names or under none, exactly whichever servers count at the same time.
   * Resolves with the milliseconds until it would be taken; 0: it was.
   */
  countTry(attempt: SignInTry): Promise<number>;
  /** It did not fail: takes it back, and forgets every try under the name `forget`. */
  takeBackTry(id: string, forget: string): Promise<void>;
};
