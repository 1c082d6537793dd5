import type {
  Actor,
  Alias,
  AuditEntry,
  DeletionSubject,
  Model,
  ModelVersion,
  Nanos,
  NanoUsd,
  ProjectId,
  Score,
  Span,
  SpanId,
  SpanKind,
  SpanStatus,
  TraceId,
} from '../records/index.ts';
import type { CancelSignal } from './world.ts';

/** `text`: a part of the name or the description, whatever its case. */
export type ModelFilter = { limit: number; after?: string; text?: string; tag?: string; owner?: string };

/** A change takes its actor; the audit row is written in the same transaction as the change. */
export type ModelStore = {
  /** Creates the model; `conflict` when the name is taken. */
  create(by: Actor, model: Pick<Model, 'id' | 'name' | 'description' | 'tags' | 'owner'>): Promise<Model>;
  /** Changes what is said of it, not what it does. */
  describe(by: Actor, name: string, said: Partial<Pick<Model, 'description' | 'tags' | 'owner'>>): Promise<Model>;
  /** Adds the next version number. A definition equal to the latest version's returns that version, unchanged. */
  publish(
    by: Actor,
    name: string,
    version: Omit<ModelVersion, 'modelId' | 'number' | 'author' | 'createdAt'>,
  ): Promise<ModelVersion>;
  /** Points the alias at the version; creates the alias when new. `message`: why, for the audit log; empty: nobody said. */
  moveAlias(by: Actor, name: string, alias: string, version: number, message?: string): Promise<Alias>;
  /** Back to where it was before it was moved last, and from there further back; `conflict` when it was nowhere else. */
  rollBackAlias(by: Actor, name: string, alias: string): Promise<Alias>;
  removeAlias(by: Actor, name: string, alias: string): Promise<void>;
  /** By name, after `after` when given. */
  list(project: ProjectId, page: ModelFilter): Promise<Model[]>;
  get(project: ProjectId, name: string): Promise<Model | null>;
  /** Newest first. */
  versions(project: ProjectId, name: string): Promise<ModelVersion[]>;
  /** Everything that the gateway needs in memory: all models with the versions that can be called. */
  snapshot(project: ProjectId): Promise<{ model: Model; versions: ModelVersion[] }[]>;
  /** Grows with each change by any replica. */
  changeCounter(): Promise<bigint>;
};

/** Times are ISO 8601. */
export type AuditFilter = {
  /** It and what stands behind an `@` of it: `bot` finds `bot@production` too. */
  subject?: string;
  actor?: string;
  /** The whole, or what stands before its dot: `alias` finds `alias.move`. */
  action?: string;
  from?: string;
  until?: string;
};

export type AuditStore = {
  /** Newest first, below `before` (an entry id) when given. */
  list(project: ProjectId, page: AuditFilter & { limit: number; before?: string }): Promise<AuditEntry[]>;
};

/** What a list shows of a trace; folded from its spans. */
export type TraceSummary = {
  traceId: TraceId;
  name: string;
  kind: SpanKind;
  startNs: Nanos;
  /** null while a span of it is unfinished. */
  endNs: Nanos | null;
  status: SpanStatus;
  statusMessage: string | null;
  /** `support-bot@2` when a registered model answered, else the base model; null when no span names one. */
  model: string | null;
  inputPreview: string;
  outputPreview: string;
  inputTokens: number;
  outputTokens: number;
  /** null when nothing in it has a price; sums what is known, each call once. */
  costNanoUsd: NanoUsd | null;
  /** Calls with usage whose price is unknown. */
  unpricedCalls: number;
  spanCount: number;
  errorCount: number;
  sessionId: string | null;
  userId: string | null;
  service: string | null;
  environment: string | null;
  release: string | null;
  tags: string[];
  /** Every model that it names, registered (`support-bot@2`) and base. */
  models: string[];
  providers: string[];
  /** Kinds of its spans. */
  kinds: string[];
  /** Names of the tools it called. */
  tools: string[];
  /** From the start of its first streamed generation to the first token. */
  firstTokenNs: Nanos | null;
  /** The evaluation that made it. */
  runId: string | null;
  dialect: string;
  scores: { name: string; value: number | string | boolean }[];
};

/** A span as the waterfall needs it: no payloads. */
export type SpanSummary = Pick<
  Span,
  | 'traceId'
  | 'spanId'
  | 'parentSpanId'
  | 'kind'
  | 'name'
  | 'startNs'
  | 'endNs'
  | 'firstTokenNs'
  | 'status'
  | 'statusMessage'
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'usage'
> & {
  /** `support-bot@2` when a registered model answered. */
  model: string | null;
  costNanoUsd: NanoUsd | null;
};

export type SpanStore = {
  /** Durable when the promise resolves. The token makes a repeated append of the same batch a no-op. */
  append(spans: Span[], token: string): Promise<void>;
  /** In no promised order; ids without spans are left out. */
  traceSummaries(project: ProjectId, ids: TraceId[]): Promise<TraceSummary[]>;
  /** By start time. */
  spansOfTrace(project: ProjectId, id: TraceId): Promise<SpanSummary[]>;
  span(project: ProjectId, trace: TraceId, span: SpanId): Promise<Span | null>;
};

/** Spans as a store writes them. */
export type PackedSpans = {
  count: number;
  /** What they take in memory. */
  bytes: number;
};

/** Storing in two steps: what waits for its turn is packed, and smaller than spans are. */
export type SpanBatches<Packed extends PackedSpans> = {
  pack(spans: Iterable<Span>): Promise<Packed>;
  /** As {@link SpanStore.append}, of several together. */
  appendPacked(packed: readonly Packed[], token: string): Promise<void>;
};

/** Looks spans up by ids that came from outside, without what is in them. */
export type SpanFinder = {
  hasTrace(project: ProjectId, id: TraceId): Promise<boolean>;
  /** Reads much, because spans are kept by trace; ids that are nowhere are left out. */
  tracesOf(project: ProjectId, ids: SpanId[]): Promise<Map<SpanId, TraceId>>;
};

/**
 * Removes for good what was stored of traces. Everything may be repeated, and goes on where it was cut off. What is
 * stored while it runs, and later, stays.
 */
export type TraceEraser = {
  /**
   * The subject's traces, those with any span of the session or user: spans, lists, minutes and scores, and a tombstone
   * in the place of each. Resolves with how many there were.
   * @param options.around is handed traces before anything of them goes, and removes them by calling `erase`
   */
  erase(
    project: ProjectId,
    subject: DeletionSubject,
    options?: { signal?: CancelSignal; around?: (traces: TraceId[], erase: () => Promise<void>) => Promise<void> },
  ): Promise<number>;
  /** Everything that started before that hour, but for traces that went on after it. */
  expire(project: ProjectId, before: Nanos): Promise<void>;
  /** Contents that only erased spans referred to. Resolves with how many there were. */
  sweep(project: ProjectId, signal?: CancelSignal): Promise<number>;
  /** Which of these traces were erased, and when: ISO 8601, UTC. */
  tombstones(project: ProjectId, ids: TraceId[]): Promise<Map<TraceId, string>>;
};

export type ScoreFilter = {
  limit: number;
  /** Continue after this place, which is the `next` of the page before. */
  cursor?: string;
  ids?: string[];
  traceIds?: TraceId[];
  spanIds?: SpanId[];
  sessionId?: string;
  name?: string;
};

export type ScoreStore = {
  /** Durable when the promise resolves; of one id on one trace the newest stays. */
  put(project: ProjectId, scores: Score[]): Promise<void>;
  /** Oldest first. */
  ofTrace(project: ProjectId, id: TraceId): Promise<Score[]>;
  /** Newest first. */
  list(project: ProjectId, filter: ScoreFilter): Promise<{ data: Score[]; next: string | null }>;
  /** Removes the score for good; `traceId` names the trace when the same id stands on several. */
  remove(project: ProjectId, id: string, traceId?: TraceId): Promise<void>;
};
