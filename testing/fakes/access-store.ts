import type { AccessStore, Identity, Joining, ProjectRemovalStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  type Invitation,
  type Key,
  type Member,
  type Person,
  type PersonId,
  type Project,
  type ProjectId,
  type ProjectRemoval,
  type Role,
  type Session,
  type Team,
  type TeamId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type OfProject = { project: ProjectId };
type Membership = OfProject & { person: PersonId; role: Role; team: TeamId | null; since: string };
type State = {
  audit: FakeAuditStore;
  projects: Project[];
  removals: ProjectRemoval[];
  people: (Person & { passwordHash: string | null })[];
  identities: (Identity & { person: PersonId })[];
  memberships: Membership[];
  invitations: (Invitation & OfProject & { hash: string })[];
  teams: (Team & OfProject)[];
  keys: (Key & OfProject & { hash: string })[];
  sessions: (Session & { hash: string })[];
  tries: { id: string; name: string; atMs: number }[];
};

/** Removes those that fit, and gives them back. */
function take<T>(list: T[], fits: (one: T) => boolean): T[] {
  const taken = list.filter(fits);
  list.splice(0, list.length, ...list.filter((one) => !fits(one)));
  return taken;
}

const isOpen = ({ expiresAt }: { expiresAt: string }) => Date.parse(expiresAt) > Date.now();
const bareKey = ({ project: _, hash: __, ...key }: Key & OfProject & { hash: string }): Key => key;
const barePerson = ({ id, email, name, createdAt }: Person): Person => ({ id, email, name, createdAt });
const bareInvitation = ({ project: _, hash: __, ...rest }: Invitation & OfProject & { hash: string }): Invitation =>
  rest;

function checkTeam({ teams }: State, project: ProjectId, team: TeamId | null | undefined): void {
  if (team === null || team === undefined) return;
  if (!teams.some((one) => one.project === project && one.id === team))
    throw new WheelhouseError('not_found', `There is no team \`${team}\`.`, { param: 'team' });
}

function projects(state: State): Pick<AccessStore, 'snapshot' | 'createProject' | 'renameProject'> {
  const { audit, removals } = state;
  const isClosed = (id: ProjectId) => removals.some(({ project }) => project === id);
  return {
    async snapshot(nowMs) {
      return structuredClone({
        projects: state.projects.filter(({ id }) => !isClosed(id)).sort((a, b) => (a.id < b.id ? -1 : 1)),
        people: state.people.map(barePerson),
        memberships: state.memberships
          .filter(({ project }) => !isClosed(project))
          .map(({ since: _, ...membership }) => membership),
        keys: state.keys.filter(({ project, revokedAt }) => revokedAt === null && !isClosed(project)),
        sessions: state.sessions.filter(({ expiresAt }) => Date.parse(expiresAt) > nowMs),
      });
    },
    async createProject(by, { id, name, owner }) {
      if (state.projects.some((project) => project.id === id))
        throw new WheelhouseError('conflict', `There is, or was, a project \`${id}\`.`, { param: 'id' });
      const project = { id, name, createdAt: audit.now() };
      state.projects.push(project);
      if (owner !== null)
        state.memberships.push({ project: id, person: owner, role: 'owner', team: null, since: audit.now() });
      audit.record({ ...by, project: id }, { action: 'project.create', subject: id, detail: { name } });
      return { ...project };
    },
    async renameProject(by, name) {
      const project = state.projects.find(({ id }) => id === by.project);
      if (!project) throw new Error('There is no such project.');
      const before = { name: project.name };
      project.name = name;
      audit.record(by, { action: 'project.rename', subject: by.project, detail: { before, after: { name } } });
      return { ...project };
    },
  };
}

type Members = Pick<AccessStore, 'members' | 'changeMember' | 'removeMember'>;

function members(state: State): Members {
  const { audit } = state;
  const membersOf = (project: ProjectId): Member[] =>
    state.memberships
      .filter((one) => one.project === project)
      .flatMap(({ person, role, team, since }) =>
        state.people.filter(({ id }) => id === person).map((one) => ({ ...barePerson(one), role, team, since })),
      )
      .sort((a, b) => (a.email < b.email ? -1 : 1));
  return {
    members: async (project) => membersOf(project),
    async changeMember(by, person, change) {
      checkTeam(state, by.project, change.team);
      const seat = state.memberships.find((one) => one.project === by.project && one.person === person);
      const before = membersOf(by.project).find(({ id }) => id === person);
      if (!seat || !before) return null;
      Object.assign(seat, change);
      const next = { ...before, ...change };
      const part = ({ role, team }: Member) => ({ role, team });
      audit.record(by, {
        action: 'person.change',
        subject: person,
        detail: { email: before.email, before: part(before), after: part(next) },
      });
      return next;
    },
    async removeMember(by, person) {
      const [gone] = take(state.memberships, (one) => one.project === by.project && one.person === person);
      if (!gone) return false;
      for (const key of state.keys)
        if (key.project === by.project && key.person === person) key.revokedAt ??= audit.now();
      audit.record(by, { action: 'person.remove', subject: person, detail: { role: gone.role } });
      return true;
    },
  };
}

type Invitations = Pick<
  AccessStore,
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

function invitations(state: State): Invitations {
  const { audit, people } = state;
  const byEmail = (email: string) => people.find((one) => one.email === email);
  function link(person: PersonId, identity: Identity | null): void {
    const same = (one: Identity) => one.issuer === identity?.issuer && one.subject === identity.subject;
    if (identity !== null && !state.identities.some(same)) state.identities.push({ ...identity, person });
  }
  function accept(taken: State['invitations'], joining: Joining): Person | null {
    const email = taken[0]?.email;
    if (email === undefined) return null;
    const { id, name, passwordHash, identity } = joining;
    const person = byEmail(email) ?? { id, email, name, passwordHash, createdAt: audit.now() };
    if (!byEmail(email)) people.push(person);
    link(person.id, identity);
    for (const { project, role, id: invitation } of taken) {
      const seat = state.memberships.find((one) => one.project === project && one.person === person.id);
      if (seat) seat.role = role;
      else state.memberships.push({ project, person: person.id, role, team: null, since: audit.now() });
      const by: Actor = { project, actor: email };
      audit.record(by, { action: 'person.join', subject: person.id, detail: { email, role, invitation } });
    }
    return barePerson(person);
  }
  return {
    async invite(by, { id, email, role, expiresAt, hash }) {
      take(state.invitations, (one) => one.project === by.project && one.email === email);
      const made = {
        id,
        email,
        role,
        expiresAt,
        hash,
        createdBy: by.actor,
        createdAt: audit.now(),
        project: by.project,
      };
      state.invitations.push(made);
      audit.record(by, { action: 'invitation.create', subject: id, detail: { email, role } });
      return bareInvitation(made);
    },
    invitations: async (project) =>
      state.invitations
        .filter((one) => one.project === project && isOpen(one))
        .map(bareInvitation)
        .reverse(),
    async removeInvitation(by, id) {
      const [gone] = take(state.invitations, (one) => one.project === by.project && one.id === id);
      if (gone) audit.record(by, { action: 'invitation.remove', subject: id, detail: { email: gone.email } });
      return gone !== undefined;
    },
    async invitation(hash) {
      const found = state.invitations.find((one) => one.hash === hash && isOpen(one));
      const project = state.projects.find(({ id }) => id === found?.project);
      if (!found || !project) return null;
      return { ...bareInvitation(found), project: { ...project }, known: byEmail(found.email) !== undefined };
    },
    join: async (hash, joining) =>
      accept(
        take(state.invitations, (one) => one.hash === hash && isOpen(one)),
        joining,
      ),
    joinByAddress: async (email, joining) =>
      accept(
        take(state.invitations, (one) => one.email === email && isOpen(one)),
        joining,
      ),
    async personOfIdentity(identity, email) {
      const linked = state.identities.find((one) => one.issuer === identity.issuer && one.subject === identity.subject);
      const person = linked ? people.find(({ id }) => id === linked.person) : byEmail(email ?? '');
      if (!person) return null;
      link(person.id, identity);
      return barePerson(person);
    },
    async personOfEmail(email) {
      const person = byEmail(email);
      return person ? { ...person } : null;
    },
    async setPassword(by, person, passwordHash, keep) {
      for (const one of people) if (one.id === person) one.passwordHash = passwordHash;
      take(state.sessions, (one) => one.person === person && one.id !== keep);
      audit.record(by, { action: 'person.password', subject: person, detail: {} });
    },
  };
}

function teams(state: State): Pick<AccessStore, 'createTeam' | 'teams' | 'removeTeam'> {
  const { audit } = state;
  return {
    async createTeam(by, { id, name }) {
      if (state.teams.some((one) => one.project === by.project && one.name === name))
        throw new WheelhouseError('conflict', `There is already a team \`${name}\`.`, { param: 'name' });
      const team = { id, name, createdAt: audit.now() };
      state.teams.push({ ...team, project: by.project });
      audit.record(by, { action: 'team.create', subject: id, detail: { name } });
      return team;
    },
    teams: async (project) =>
      state.teams
        .filter((one) => one.project === project)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ project: _, ...team }) => ({
          ...team,
          people: state.memberships.filter((one) => one.team === team.id).length,
          keys: state.keys.filter((one) => one.team === team.id && one.revokedAt === null).length,
        })),
    async removeTeam(by, id) {
      const [gone] = take(state.teams, (one) => one.project === by.project && one.id === id);
      if (!gone) return false;
      for (const one of [...state.memberships, ...state.keys]) if (one.team === id) one.team = null;
      audit.record(by, { action: 'team.remove', subject: id, detail: { name: gone.name } });
      return true;
    },
  };
}

function keys(state: State): Pick<AccessStore, 'createKey' | 'keys' | 'revokeKey' | 'noteKeyUse'> {
  const { audit } = state;
  return {
    async createKey(by, { hash, ...given }) {
      checkTeam(state, by.project, given.team);
      const key = { ...given, createdBy: by.actor, createdAt: audit.now(), revokedAt: null, lastUsedAt: null };
      state.keys.push({ ...key, hash, project: by.project });
      const { name, role, person, team } = given;
      audit.record(by, { action: 'key.create', subject: given.id, detail: { name, role, person, team } });
      return key;
    },
    keys: async (project) =>
      state.keys
        .filter((one) => one.project === project)
        .map(bareKey)
        .reverse(),
    async revokeKey(by, id) {
      const key = state.keys.find((one) => one.project === by.project && one.id === id);
      if (!key) return null;
      if (key.revokedAt === null) {
        key.revokedAt = audit.now();
        audit.record(by, { action: 'key.revoke', subject: id, detail: { name: key.name } });
      }
      return bareKey(key);
    },
    async noteKeyUse(used) {
      for (const { id, atMs } of used)
        for (const key of state.keys) if (key.id === id) key.lastUsedAt = new Date(atMs).toISOString();
    },
  };
}

function signIns(state: State): Pick<AccessStore, 'startSession' | 'endSession' | 'countTry' | 'takeBackTry'> {
  return {
    async startSession(session) {
      take(state.sessions, (one) => !isOpen(one));
      state.sessions.push({ ...session, createdAt: state.audit.now() });
    },
    endSession: async (id) => void take(state.sessions, (one) => one.id === id),
    async countTry({ id, atMs, windowMs, counts }) {
      const waits = counts.map(({ name, most }) => {
        const times = state.tries.filter((one) => one.name === name && one.atMs > atMs - windowMs);
        const oldest = times.map((one) => one.atMs).sort((a, b) => b - a)[most - 1];
        return oldest === undefined ? 0 : oldest + windowMs - atMs;
      });
      const waitMs = Math.max(0, ...waits);
      if (waitMs === 0) state.tries.push(...counts.map(({ name }) => ({ id, name, atMs })));
      return waitMs;
    },
    takeBackTry: async (id, forget) => void take(state.tries, (one) => one.id === id || one.name === forget),
  };
}

function removals(state: State): ProjectRemovalStore {
  const { audit } = state;
  return {
    async close(by, contents) {
      const before = state.removals.find(({ project }) => project === by.project);
      if (before) return { ...before };
      const removal = {
        ...{ project: by.project, contents, error: null, requestedBy: by.actor },
        ...{ requestedAt: audit.now(), removedAt: null },
      };
      state.removals.push(removal);
      take(state.invitations, ({ project }) => project === by.project);
      const byInstall = { ...by, project: defaultProjectId };
      audit.record(byInstall, { action: 'project.close', subject: by.project, detail: { ...contents } });
      return { ...removal };
    },
    list: async () => structuredClone(state.removals).reverse(),
    async complete(by) {
      const removal = state.removals.find(({ project }) => project === by.project);
      if (!removal || removal.removedAt !== null) return;
      Object.assign(removal, { removedAt: audit.now(), error: null });
      const byInstall = { ...by, project: defaultProjectId };
      audit.record(byInstall, { action: 'project.remove', subject: by.project, detail: {} });
    },
    async fail(project, error) {
      for (const one of state.removals) if (one.project === project && one.removedAt === null) one.error = error;
    },
  };
}

/** Who may do what, and which projects are closed. */
export function fakeAccess(audit: FakeAuditStore): { access: AccessStore; removals: ProjectRemovalStore } {
  const state: State = {
    audit,
    projects: [{ id: defaultProjectId, name: 'Default', createdAt: audit.now() }],
    ...{ removals: [], people: [], identities: [], memberships: [], invitations: [] },
    ...{ teams: [], keys: [], sessions: [], tries: [] },
  };
  const access = {
    ...projects(state),
    ...members(state),
    ...invitations(state),
    ...teams(state),
    ...keys(state),
    ...signIns(state),
  };
  return { access, removals: removals(state) };
}
