import type { DatasetId, ExampleId, SpanId, TraceId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';

export type Dataset = {
  id: DatasetId;
  name: string;
  description: string;
  /** Newest frozen version; 0 before the first. */
  head: number;
  /** Examples in the draft, which the next freeze makes version `head + 1`. */
  draftCount: number;
  /** Whether the draft differs from the head. */
  changed: boolean;
  createdAt: string;
};

export type DatasetVersion = {
  number: number;
  /** Covers the ids and contents of the examples in order. */
  hash: string;
  count: number;
  createdAt: string;
};

/** The content of an example; stored once per content hash. */
export type ExampleContent = { input: Json; expected: Json; metadata: JsonObject };

export type Example = ExampleContent & {
  id: ExampleId;
  /** Hash of input, expected and metadata. */
  hash: string;
  source: { traceId: TraceId; spanId: SpanId } | null;
  /** When the trace that it was made of was deleted, and its content with it; ISO 8601, UTC. */
  erasedAt: string | null;
};

/** An example without its content. The hash of one that was erased stays, so that its version's hash holds. */
export type ExampleMember = Pick<Example, 'id' | 'hash' | 'source' | 'erasedAt'>;
