import type { KeyId, PersonId, ProjectId, SessionId, TeamId } from './ids.ts';

/** In whose name something is done. */
export type Actor = { project: ProjectId; actor: string };

/** Each may do what those before it may. */
export const roles = ['viewer', 'editor', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

/** Who asks, as the door made out. */
export type Caller = Actor & {
  /** In this project; null: a key that may call models and send traces, and nothing else. */
  role: Role | null;
  /** null: signed in, or nobody needs to. */
  key: KeyId | null;
  person: PersonId | null;
  /** Whose budget it is, besides the key's own. */
  team: TeamId | null;
  /** Left out: no browser is signed in. */
  session?: SessionId;
};
