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

/** The calls of models that a scorer made. In JSON, as the result is kept and shown. */
export type ScorerCalls = {
  traceIds: TraceId[];
  /** Decimal nano-dollars of those with a price; null: none has one. */
  costNanoUsd: string | null;
};

/**
 * What a scorer says of one target, or why it could not say: a failure is never a zero. `score` is in [0, 1] and more is
 * better; at least one of `score` and `label` is there.
 */
export type ScorerResult =
  | {
      ok: true;
      score: number | null;
      /** One of a few words, where a number would say less: a language, a category. */
      label: string | null;
      /** Why, for people. */
      reason: string | null;
      /** What to do better, for whoever improves the model. */
      feedback: string | null;
      /** What it was made of: counts, votes, verdicts. */
      metadata: JsonObject;
      /** null: it asked no model. */
      calls: ScorerCalls | null;
    }
  | { ok: false; error: string; metadata: JsonObject; calls: ScorerCalls | null };
