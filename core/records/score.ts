import type { ScoreId, SpanId, TraceId } from './ids.ts';
import type { JsonObject } from './json.ts';

export type ScoreSource = 'api' | 'code' | 'judge' | 'human' | 'user';

/** A judgement on a trace, on one span of it, or on a session. */
export type Score = {
  /** Its client's own id where it gave one; the newest of one id counts. */
  id: ScoreId;
  /** null: on a whole session. */
  traceId: TraceId | null;
  spanId: SpanId | null;
  sessionId: string | null;
  name: string;
  value: number | string | boolean;
  comment: string | null;
  metadata: JsonObject;
  source: ScoreSource;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** What a scorer says of one output: a number in [0, 1], or why it could not say. A failure is never a zero. */
export type ScorerResult = { ok: true; score: number; reason: string | null } | { ok: false; error: string };
