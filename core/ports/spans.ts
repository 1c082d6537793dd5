import type { LiveEvent, ProjectId, Span } from '../records/index.ts';

/** The door for spans that are sent here. */
export type SpanSink = {
  /**
   * Resolves when the spans are stored and synced; rejects with `store_unavailable` when they could not be.
   * @param source the door they came through, in whose account the ledger counts them; `otlp` unless said otherwise
   */
  append(spans: Span[], source?: string): Promise<void>;
};

/** One call of the gateway as it passed, to be read elsewhere and later: reading costs more than serving it did. */
export type Recording = {
  project: ProjectId;
  /** What else is known of it: text that only the gateway reads again. */
  facts: string;
  /** JSON text. */
  request: string;
  answer: Uint8Array;
};

/** For the gateway, which never waits: what cannot be kept is counted. */
export type CallRecorder = {
  record(recording: Recording): void;
};

export type LiveFeed = {
  publish(event: LiveEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
};
