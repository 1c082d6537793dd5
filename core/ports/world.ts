import type { Nanos } from '../records/index.ts';

export type Clock = {
  /** Nanoseconds since 1970 UTC. */
  now(): Nanos;
};

/** Does something later, unless it is called off by what it gives. */
export type Timer = { after(ms: number, action: () => void): () => void };

export type Random = {
  /** Cryptographically strong bytes. */
  bytes(count: number): Uint8Array;
};

/**
 * Lets others go on in the middle of long work. null while it is too early for that; else wait for it, and whatever has
 * come meanwhile is served first.
 */
export type Breathe = () => Promise<void> | null;

/** The part of AbortSignal that pure code may know. */
export type CancelSignal = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

export type SchemaChecker = {
  /** null when the value fits, else one sentence that names the place and the reason. */
  check(schema: object, value: unknown): string | null;
  /** null when it is a JSON Schema (2020-12), else why it is not. */
  checkSchema(schema: object): string | null;
};
