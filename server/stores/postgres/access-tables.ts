import type { ProjectContents, Role } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type MaybeTime = ColumnType<Date | null, string | null, Date | string | null>;

type People = {
  id: string;
  email: string;
  name: string;
  /** null: only a provider of identities lets them in. */
  password_hash: string | null;
  created_at: GeneratedAlways<Date>;
};

type Memberships = {
  project_id: string;
  person_id: string;
  role: Role;
  team_id: ColumnType<string | null, string | null | undefined, string | null>;
  since: GeneratedAlways<Date>;
};

type Invitations = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  email: string;
  role: Role;
  hash: string;
  created_by: string;
  created_at: GeneratedAlways<Date>;
  expires_at: ColumnType<Date, string, never>;
};

type Keys = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  name: string;
  hash: string;
  last4: string;
  role: Role | null;
  person_id: string | null;
  team_id: string | null;
  created_by: string;
  created_at: GeneratedAlways<Date>;
  expires_at: MaybeTime;
  revoked_at: ColumnType<Date | null, never, Date>;
  last_used_at: ColumnType<Date | null, never, Date>;
};

type Sessions = {
  id: string;
  hash: string;
  person_id: string | null;
  agent: string;
  created_at: GeneratedAlways<Date>;
  expires_at: ColumnType<Date, string, never>;
};

type ProjectRemovals = {
  seq: GeneratedAlways<string>;
  project_id: string;
  contents: ColumnType<ProjectContents, string, never>;
  error: ColumnType<string | null, never, string | null>;
  requested_by: string;
  requested_at: GeneratedAlways<Date>;
  removed_at: ColumnType<Date | null, never, Date>;
};

/** People, teams, keys, invitations and who is signed in. */
export type AccessTables = {
  people: People;
  identities: { issuer: string; subject: string; person_id: string };
  teams: { id: string; project_id: string; name: string; created_at: GeneratedAlways<Date> };
  memberships: Memberships;
  invitations: Invitations;
  keys: Keys;
  sessions: Sessions;
  project_removals: ProjectRemovals;
  sign_in_tries: { subject: string; at: ColumnType<Date, Date, never>; id: string };
};
