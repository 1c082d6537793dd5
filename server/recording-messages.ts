import type { ProjectId, TraceId } from '@wheelhouse/core/records';
import type { TokenUse } from './gateway/index.ts';
import type { LedgerEvent } from './ingest/index.ts';

/** What the process that records tells the server: what happened in one step comes in one message. */
export type FromRecording =
  | { type: 'ledger'; event: LedgerEvent }
  | { type: 'settled'; chunk: number }
  /** It would write spans of these traces, and waits for a word. */
  | { type: 'writing'; write: number; traces: [ProjectId, TraceId][] }
  | { type: 'wrote'; write: number }
  | { type: 'forgot'; request: number }
  | { type: 'used'; tokens: TokenUse[] }
  | { type: 'log'; level: 'warn' | 'error'; fields: object; message: string };
