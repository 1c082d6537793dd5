import type { WheelhouseError } from '@wheelhouse/core/records';
import type { EndedCall } from './ended-call.ts';

/** What an answer's head says. */
export type Head = {
  status: number;
  /** As the vendor sent them. */
  headers: Record<string, string>;
  /** Of this server, which stand before the vendor's. */
  own: Record<string, string>;
  /** What is left of the caller's limits; they stand before the vendor's too. */
  limits: Readonly<Record<string, string>>;
  /** It was looked for among kept answers, and was not there. */
  missed: boolean;
  streamed: boolean;
  /** Whether the bytes are as they are, without an encoding. */
  pure: boolean;
};

/** Where an answer goes: start once, then pieces, then end; or fail, at any time before the end. */
export type Outlet = {
  start(head: Head): void;
  /** Returns false to have the vendor pause until {@link Running.resume}. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** `headers`: for an answer that has not begun. */
  fail(error: WheelhouseError, headers: Record<string, string>): void;
  /** Last, where there is a span; null: of a model that is no single call, which keeps its own. */
  over(call: EndedCall | null): void;
};

/** A call that somebody waits for. */
export type Running = {
  /** Nobody waits any more. */
  abort(reason: string): void;
  resume(): void;
};
