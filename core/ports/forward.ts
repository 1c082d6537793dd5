import type { ProjectId } from '../records/index.ts';
import type { Capabilities, Dialect } from './language-model.ts';

/** One of the keys of a provider. The id may be shown, the secret never. */
export type ProviderKey = { id: string; secret: string };

/** Where a provider takes requests of one dialect. */
export type ProviderEndpoint = {
  dialect: Dialect;
  /** Below the base URL, for example `/chat/completions`. */
  path(model: string, options: { stream: boolean }): string;
  capabilities: Capabilities;
};

/** Where a provider makes embeddings, and in whose shape. */
export type EmbeddingEndpoint = { dialect: 'openai' | 'gemini' | 'bedrock'; path(model: string): string };

/**
 * A vendor, and the connections to it. The gateway prefers an endpoint of the caller's own dialect: bytes in, bytes out,
 * as they come, nothing lost in translation. An answer that is streamed always comes as server-sent events.
 */
export type Provider = {
  readonly name: string;
  /** Of this vendor's account: what is learnt about its health belongs to it. Two projects' own accounts differ in it. */
  readonly id: string;
  /** What answers like an OpenAI SDK expects may be forwarded unread below this provider's base URL. */
  readonly endpoints: readonly ProviderEndpoint[];
  readonly embeddings: EmbeddingEndpoint | null;
  /** Now; keys come and go while the server runs. Empty: it needs none, or has none. */
  keys(): readonly ProviderKey[];
  /** Whether calls without a key are refused, and where one can be set. */
  readonly keyHint: string | null;
  /**
   * Sends one request. The sink gets headers once, then data, then exactly one of end or error, and nothing before this
   * method has returned.
   * @throws WheelhouseError `invalid_request` for a path that leads out of the base URL
   */
  forward(request: ForwardRequest, sink: ForwardSink): ForwardHandle;
};

/** Who can be called, from memory. A project's own providers and keys serve nobody else. */
export type ProviderReader = {
  find(project: ProjectId, name: string): Provider | null;
  /** Every name that {@link find} knows. */
  names(project: ProjectId): ReadonlySet<string>;
};

export type ForwardRequest = {
  method: string;
  /** Below the provider's base URL, with its query. */
  path: string;
  /** Lower-case names; never the caller's credentials. */
  headers: Record<string, string>;
  body: Uint8Array | null;
  key: ProviderKey | null;
  /** Longest wait for a connection. Other waits belong to the caller. */
  connectTimeoutMs: number;
};

export type ForwardSink = {
  onHeaders(status: number, headers: Record<string, string>): void;
  /** Returns false when the sink wants the source to pause until {@link ForwardHandle.resume}. */
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  /**
   * A WheelhouseError: `upstream_unreachable` (nothing was sent), `upstream_timeout`, `upstream_cut`, `upstream_failed` (a
   * redirect, or no proper HTTP), `upstream_key_missing` (no token for the key), `invalid_request` (headers that cannot be
   * sent).
   */
  onError(error: Error): void;
};

export type ForwardHandle = {
  /** Closes the connection; after this no sink method is called any more. */
  abort(): void;
  resume(): void;
};
