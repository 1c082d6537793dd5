import type { ScoreId, SpanId, TraceId } from './ids.ts';

export type ScoreSource = 'api' | 'code' | 'judge' | 'human' | 'user';

/** A judgement on a trace or on one span of it. */
export type Score = {
  id: ScoreId;
  traceId: TraceId;
  spanId: SpanId | null;
  name: string;
  value: number | string | boolean;
  comment: string | null;
  source: ScoreSource;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** What a scorer says of one output: a number in [0, 1], or why it could not say. A failure is never a zero. */
export type ScorerResult = { ok: true; score: number; reason: string | null } | { ok: false; error: string };
