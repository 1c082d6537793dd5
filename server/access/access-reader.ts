import type { AccessSnapshot, AccessStore } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type Key,
  type KeyId,
  lesserRole,
  type Person,
  type PersonId,
  type Project,
  type ProjectId,
  type Role,
  type Session,
  type TeamId,
} from '@wheelhouse/core/records';

export type Seat = { project: Project; role: Role; team: TeamId | null };

type KnownKey = { caller: Caller; expiresMs: number; usedMs: number };
type Known = {
  projects: Map<string, Project>;
  people: Map<PersonId, Person>;
  seats: Map<PersonId, Seat[]>;
  keys: Map<string, KnownKey>;
  sessions: Map<string, Session>;
};

/** Uses of a key closer than this are one. */
const usedEveryMs = 60_000;

export type AccessReader = {
  /** By the hash of the secret; null: there is none, or it is over. */
  key(hash: string, nowMs: number): Caller | null;
  session(hash: string, nowMs: number): Session | null;
  /** Newest first. */
  sessionsOf(person: PersonId): Session[];
  person(id: PersonId): Person | null;
  /** Where a person may act, the oldest first. */
  seats(person: PersonId): readonly Seat[];
  project(id: string): Project | null;
  projects(): Project[];
  /** Keys that were used since this was asked last. */
  takeUsed(): { id: KeyId; atMs: number }[];
  /** Reads everything again; concurrent calls share one read that starts after each of them. */
  refresh(): Promise<void>;
};

function keyCaller(
  { id, name, role, person, team, project }: Key & { project: ProjectId },
  seats: ReadonlyMap<PersonId, Seat[]>,
): Caller | null {
  const actor = `key:${name}`;
  if (person === null) return { project, actor, role, key: id, person, team };
  const seat = seats.get(person)?.find((one) => one.project.id === project);
  // A viewer's key could call models, which viewers may not.
  if (!seat || (role === null && seat.role === 'viewer')) return null;
  return { project, actor, role: lesserRole(role, seat.role), key: id, person, team: team ?? seat.team };
}

function arrange(snapshot: AccessSnapshot, before: Known): Known {
  const projects = new Map<string, Project>(snapshot.projects.map((project) => [project.id, project]));
  const seats = new Map<PersonId, Seat[]>();
  for (const { person, project: id, role, team } of snapshot.memberships) {
    const project = projects.get(id);
    if (project) seats.set(person, [...(seats.get(person) ?? []), { project, role, team }]);
  }
  const keys = new Map<string, KnownKey>();
  for (const key of snapshot.keys) {
    const caller = keyCaller(key, seats);
    if (caller === null) continue;
    const expiresMs = key.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt);
    const stored = key.lastUsedAt === null ? 0 : Date.parse(key.lastUsedAt);
    keys.set(key.hash, { caller, expiresMs, usedMs: Math.max(stored, before.keys.get(key.hash)?.usedMs ?? 0) });
  }
  return {
    projects,
    people: new Map(snapshot.people.map((person) => [person.id, person])),
    seats,
    keys,
    sessions: new Map(snapshot.sessions.map((session) => [session.hash, session])),
  };
}

/** Who may do what, in memory, because every call asks. */
export function createAccessReader(store: Pick<AccessStore, 'snapshot'>, nowMs: () => number): AccessReader {
  let known: Known = { projects: new Map(), people: new Map(), seats: new Map(), keys: new Map(), sessions: new Map() };
  const used = new Map<KeyId, number>();
  let queue: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const snapshot = await store.snapshot(nowMs());
    known = arrange(snapshot, known);
  }

  return {
    key(hash, now) {
      const found = known.keys.get(hash);
      if (found === undefined || found.expiresMs <= now) return null;
      if (now - found.usedMs >= usedEveryMs && found.caller.key !== null) {
        found.usedMs = now;
        used.set(found.caller.key, now);
      }
      return found.caller;
    },
    session(hash, now) {
      const found = known.sessions.get(hash);
      return found !== undefined && Date.parse(found.expiresAt) > now ? found : null;
    },
    sessionsOf: (person) =>
      [...known.sessions.values()]
        .filter((session) => session.person === person)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    person: (id) => known.people.get(id) ?? null,
    seats: (person) => known.seats.get(person) ?? [],
    project: (id) => known.projects.get(id) ?? null,
    projects: () => [...known.projects.values()],
    takeUsed() {
      const taken = [...used].map(([id, atMs]) => ({ id, atMs }));
      used.clear();
      return taken;
    },
    refresh() {
      const next = queue.then(read);
      queue = next.catch(() => {});
      return next;
    },
  };
}

/** Where a person acts who names no project. */
export const usualSeat = (seats: readonly Seat[]): Seat | undefined =>
  seats.find(({ project }) => project.id === defaultProjectId) ?? seats[0];
