import type { ProviderKeyId } from './ids.ts';

/** A provider that a project set up for itself. */
export type OwnProvider = {
  /** What its models begin with. */
  name: string;
  /** Whose form it has, for example `openai-compatible`. */
  vendor: string;
  /** null: the vendor's own. */
  baseUrl: string | null;
  settings: Record<string, string>;
  createdBy: string;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** A vendor's key that a project stored. The secret itself is sealed, and nobody is shown it again. */
export type OwnProviderKey = {
  id: ProviderKeyId;
  provider: string;
  label: string;
  /** Last four characters of the secret. */
  last4: string;
  createdBy: string;
  /** ISO 8601, UTC. */
  createdAt: string;
};
