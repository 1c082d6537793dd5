import type {
  Actor,
  OwnProvider,
  OwnProviderKey,
  ProjectId,
  ProviderKeyId,
  WheelhouseError,
} from '../records/index.ts';
import type { Dialect } from './language-model.ts';

/** Secrets as they may be stored. */
export type SecretBox = {
  /**
   * Only what is opened with the same `context` comes out again, so that a stored secret cannot be moved to another place.
   * @throws WheelhouseError `config_invalid` when this server has no master key that its replicas share
   */
  seal(secret: string, context: string): Uint8Array;
  /** null: it was sealed with another master key, or damaged. */
  open(sealed: Uint8Array, context: string): string | null;
};

export type SealedProviderKey = OwnProviderKey & { project: ProjectId; sealed: Uint8Array };

/** Providers and keys that projects set up. A change takes its actor and is written with its audit entry. */
export type ProviderStore = {
  /** `conflict` when the project has one of this name. */
  create(by: Actor, provider: Pick<OwnProvider, 'name' | 'vendor' | 'baseUrl' | 'settings'>): Promise<OwnProvider>;
  /** Removes its keys too. Whether it was there. */
  remove(by: Actor, name: string): Promise<boolean>;
  addKey(
    by: Actor,
    key: Pick<OwnProviderKey, 'id' | 'provider' | 'label' | 'last4'> & { sealed: Uint8Array },
  ): Promise<OwnProviderKey>;
  /** Whether it was there. */
  removeKey(by: Actor, provider: string, id: ProviderKeyId): Promise<boolean>;
  /** Of all projects, oldest first. */
  snapshot(): Promise<{ providers: (OwnProvider & { project: ProjectId })[]; keys: SealedProviderKey[] }>;
};

/** What projects set up, with the secrets opened; null: it cannot be opened. */
export type OwnAccounts = {
  providers: readonly (OwnProvider & { project: ProjectId })[];
  keys: readonly (OwnProviderKey & { project: ProjectId; secret: string | null })[];
};

/** A vendor as it is known by name. */
export type VendorDescription = {
  name: string;
  title: string;
  /** null: each provider of it says its own, or it depends on settings. */
  baseUrl: string | null;
  settings: { name: string; description: string; fallback: string | null }[];
  keyNeeded: boolean;
  /** What a key looks like, where it is no plain text. */
  keyForm: string | null;
};

/** A provider as people see it: no secret is in it. */
export type ProviderDescription = {
  name: string;
  title: string;
  vendor: string;
  baseUrl: string | null;
  /** `project`: the project set it up itself. */
  from: 'server' | 'project';
  /** Whether anybody set it up; false: a vendor that is known and has no key. */
  chosen: boolean;
  keyNeeded: boolean;
  keyVariable: string | null;
  dialects: Dialect[];
  embeddings: boolean;
  keys: {
    id: string;
    label: string;
    last4: string;
    from: 'server' | 'project';
    /** `unreadable`: it was sealed with another master key. */
    state: 'ready' | 'unreadable';
    createdBy: string | null;
    createdAt: string | null;
  }[];
};

/** What can be said and asked about providers, besides calling them. */
export type ProviderCatalogue = {
  vendors(): VendorDescription[];
  /** Of the project, by name; its own before the server's. */
  describe(project: ProjectId): ProviderDescription[];
  /** Why a project may not have such a provider; null: it may. */
  refusal(
    project: ProjectId,
    provider: Pick<OwnProvider, 'name' | 'vendor' | 'baseUrl' | 'settings'>,
  ): WheelhouseError | null;
  /** Takes the place of what projects had set up before. */
  setOwn(accounts: OwnAccounts): void;
};
