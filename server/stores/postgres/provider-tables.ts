import type { ColumnType, GeneratedAlways } from 'kysely';

type OwnProviders = {
  project_id: string;
  name: string;
  vendor: string;
  base_url: string | null;
  /** Written as JSON text. */
  settings: ColumnType<Record<string, string>, string, never>;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type ProviderKeys = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  provider: string;
  label: string;
  last4: string;
  sealed: Buffer;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type ModelHosts = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  model: string;
  version: number;
  url: string;
  sealed: Buffer;
  created_by: string;
  created_at: GeneratedAlways<Date>;
  expires_at: Date;
};

/** Providers and keys that projects set up, and where the code of their models is served. */
export type ProviderTables = { own_providers: OwnProviders; provider_keys: ProviderKeys; model_hosts: ModelHosts };
