import type { AliasRequestStatus, Role } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type DatabaseTime = GeneratedAlways<Date>;

type AliasRules = {
  project_id: string;
  alias: string;
  role: Role;
  review: boolean;
  gates: string[];
  changed_by: string;
  changed_at: ColumnType<Date, never, Date>;
};

type AliasRequests = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  model_id: string;
  alias: string;
  from_version: number | null;
  to_version: number;
  message: string;
  status: ColumnType<AliasRequestStatus, never, AliasRequestStatus>;
  asked_by: string;
  asked_at: DatabaseTime;
  decided_by: ColumnType<string | null, never, string>;
  decided_at: ColumnType<Date | null, never, Date>;
  comment: ColumnType<string, never, string>;
};

type Comments = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  on_ref: string;
  text: string;
  mentions: string[];
  author: string;
  created_at: DatabaseTime;
  changed_at: ColumnType<Date | null, never, Date>;
};

export type RegistryTables = { alias_rules: AliasRules; alias_requests: AliasRequests; comments: Comments };
