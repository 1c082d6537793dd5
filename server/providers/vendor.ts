import type { Dialect, EmbeddingEndpoint, ProviderEndpoint } from '@wheelhouse/core/ports';

/** How a key goes onto a request. `aws`: signed, or a bearer token; `google`: a service account, or a bearer token. */
export type Auth =
  | { type: 'none' }
  | { type: 'bearer' }
  | { type: 'header'; name: string }
  | { type: 'query'; name: string }
  | { type: 'aws'; service: string }
  | { type: 'google' };

/** Where a machine may have an identity instead of a key. */
export type MachineIdentity = 'aws' | 'google' | 'azure';

/** A part of the base URL that differs from customer to customer. */
export type VendorSetting = {
  name: string;
  /** Environment variables that say it, best first. */
  variables: readonly string[];
  /** null: it must be said. */
  fallback: string | null;
  description: string;
};

export type VendorSettings = Readonly<Record<string, string>>;

/** Everything that sets one vendor apart from another, as data. `docs/guides/add-a-vendor.md` has the checklist. */
export type Vendor = {
  /** What models begin with: `groq` in `groq/llama-3.3-70b-versatile`. */
  name: string;
  title: string;
  /** Up to and including `/v1`, made of the settings where there are any. null: each provider of this vendor says its own. */
  baseUrl: string | ((settings: VendorSettings) => string) | null;
  /** Environment variable that says another. */
  baseUrlVariable: string | null;
  /** Added to what {@link baseUrlVariable} says, unless it is there. */
  baseUrlSuffix: string;
  settings: readonly VendorSetting[];
  auth: Auth;
  /** null: keys only. */
  identity: MachineIdentity | null;
  /** Environment variables that hold a key, best first. */
  keyVariables: readonly string[];
  /** Whether the vendor's own address refuses calls without a key. */
  keyNeeded: boolean;
  /** What a key looks like, where it is no plain text. */
  keyForm: string | null;
  headers: Readonly<Record<string, string>>;
  endpoints: readonly ProviderEndpoint[];
  embeddings: EmbeddingEndpoint | null;
};

type OpenAiLike = Pick<Vendor, 'name' | 'title' | 'baseUrl'> &
  Partial<Vendor> & {
    /** Members that its models cannot do, see `Capabilities`. */
    refuses?: readonly string[];
    dialects?: readonly ('openai-chat' | 'openai-completions' | 'openai-responses')[];
    /** See `Capabilities`. Most know a limit by its older name alone. */
    renames?: Readonly<Record<string, string | null>>;
  };

const olderLimit = { max_completion_tokens: 'max_tokens' };

const openAiPaths = {
  'openai-chat': '/chat/completions',
  'openai-completions': '/completions',
  'openai-responses': '/responses',
} as const;

export const openAiEmbeddings: EmbeddingEndpoint = { dialect: 'openai', path: () => '/embeddings' };

/** An endpoint at a path that names no model. */
export const fixedEndpoint = (
  dialect: Dialect,
  path: string,
  capabilities: Partial<ProviderEndpoint['capabilities']> = {},
): ProviderEndpoint => ({
  dialect,
  path: () => path,
  capabilities: { refuses: [], needsMaxTokens: null, ...capabilities },
});

/** A vendor that answers like OpenAI; whatever is not said is as OpenAI has it. */
export function openAiLike(given: OpenAiLike): Vendor {
  const { refuses = [], dialects = ['openai-chat'], renames = olderLimit, ...own } = given;
  return {
    baseUrlVariable: null,
    baseUrlSuffix: '',
    settings: [],
    auth: { type: 'bearer' },
    identity: null,
    keyVariables: [],
    keyNeeded: true,
    keyForm: null,
    headers: {},
    endpoints: dialects.map((dialect) => fixedEndpoint(dialect, openAiPaths[dialect], { refuses, renames })),
    embeddings: null,
    ...own,
  };
}
