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

/** Providers and keys that projects set up. */
export type ProviderTables = { own_providers: OwnProviders; provider_keys: ProviderKeys };
