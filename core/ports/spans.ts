import type { LiveEvent, Span } from '../records/index.ts';

/** The one door for spans. */
export type SpanSink = {
  /** Resolves when the spans are stored and synced; rejects with `store_unavailable` when they could not be. */
  append(spans: Span[]): Promise<void>;
  /** For the gateway, which never waits: buffers, counts what could not be kept. */
  record(span: Span): void;
};

export type LiveFeed = {
  publish(event: LiveEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
};
