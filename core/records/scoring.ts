import type { SpanKind } from './span.ts';
import type { Nanos } from './time.ts';

/** A scorer, and the name that its scores have. */
export type NamedScoring = { name: string; label: string };

/** How far it is. */
export type ScoringProgress = {
  /** Traces, spans or sessions that were looked at. */
  done: number;
  /** Scores that were given. */
  scored: number;
  /** Scores that were there already, of the same scorer. */
  kept: number;
  /** Scores that could not be given. */
  failed: number;
  /** What judges cost, in nano-dollars; text, as it is kept in JSON. */
  costNanoUsd: string;
  /** Some of what could not be given, and why. */
  problems: { target: string; scorer: string; error: string }[];
  /** The place after the last page that was looked at; null: none yet. */
  after: string | null;
};

/** Which spans of traces; null: any. */
export type SpanChoice = { kind: SpanKind | null; name: string | null };

/** Scores traces, spans or sessions that are there already. */
export type Scoring = {
  id: string;
  of: 'traces' | 'spans' | 'sessions';
  /** Of `spans`: which of them; `*` in a name stands for anything. */
  span: SpanChoice;
  /** Which, in the filter language; times count from `nowNs`. */
  q: string;
  nowNs: Nanos;
  scorers: NamedScoring[];
  /** Share of those that fit. */
  sample: number;
  /** So many at most. */
  most: number;
  /** Decimal nano-dollars at which it stops; null: none. */
  capNanoUsd: string | null;
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  error: string | null;
  /** As far as it is known; of sessions at most `most`, of spans about. */
  total: number;
  progress: ScoringProgress;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
};
