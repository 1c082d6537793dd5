import type { LiveEvent, Span } from '../records/index.ts';

/** A span that is made only when it is stored, so that a busy gateway serves its callers first. */
export type Recording = {
  /** Roughly what it holds in memory until then. */
  bytes: number;
  read(): Span;
};

/** The one door for spans. */
export type SpanSink = {
  /**
   * Resolves when the spans are stored and synced; rejects with `store_unavailable` when they could not be.
   * @param source the door they came through, in whose account the ledger counts them; `otlp` unless said otherwise
   */
  append(spans: Span[], source?: string): Promise<void>;
  /** For the gateway, which never waits: buffers, counts what could not be kept. */
  record(recording: Recording): void;
};

export type LiveFeed = {
  publish(event: LiveEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
};
