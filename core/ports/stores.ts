import type {
  Actor,
  Alias,
  AuditEntry,
  Cell,
  Comparison,
  ComparisonId,
  Dataset,
  DatasetId,
  DatasetVersion,
  DeletionId,
  DeletionSubject,
  Example,
  ExampleContent,
  ExampleId,
  ExampleMember,
  Model,
  ModelVersion,
  Nanos,
  NanoUsd,
  PairedResult,
  ProjectId,
  RunStatus,
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
  /** Points the alias at the version; creates the alias when new. */
  moveAlias(by: Actor, name: string, alias: string, version: number): Promise<Alias>;
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

export type NewMember = Pick<Example, 'id' | 'hash' | 'source'>;

/** A content that nothing refers to, as it was found; it may be expected again meanwhile. */
export type DoomedContent = { hash: string; number: bigint };

/**
 * How contents of examples go for good when the traces go that they were made of. A kill between any two steps loses
 * nothing: what was noted or doomed stays so until it is done, and each step may be repeated.
 */
export type ExampleErasing = {
  /** Grows whenever contents may go. Read it before the spans and contents that a change stands on, and hand it over. */
  erasures(project: ProjectId): Promise<bigint>;
  /** Contents that are about to be stored: doomed unless a change comes to refer to them. */
  expectContents(project: ProjectId, hashes: string[]): Promise<void>;
  /** Traces that a deletion is about to erase. */
  noteErasing(project: ProjectId, deletion: DeletionId, traces: TraceId[]): Promise<void>;
  /**
   * Turns the examples of the traces that it noted, in drafts and in frozen versions, into tombstones, and dooms their contents.
   * Resolves with how many examples there were.
   */
  eraseNoted(by: Actor, deletion: DeletionId): Promise<number>;
  /** Doomed contents, oldest first; what a living example refers to by now is doomed no more. */
  doomed(project: ProjectId, limit: number): Promise<DoomedContent[]>;
  /** These are gone. What was expected again since stays doomed. */
  forgetDoomed(project: ProjectId, gone: DoomedContent[]): Promise<void>;
};

export type DatasetStore = ExampleErasing & {
  create(by: Actor, dataset: { id: DatasetId; name: string; description: string }): Promise<Dataset>;
  list(project: ProjectId): Promise<Dataset[]>;
  get(project: ProjectId, name: string): Promise<Dataset | null>;
  /**
   * Adds to the draft. The contents must be in {@link ExampleStore} before. `conflict` when `seen`, a number of
   * {@link ExampleErasing.erasures}, is not the newest any more: contents may have gone since.
   */
  addExamples(by: Actor, name: string, examples: NewMember[], seen?: bigint): Promise<Dataset>;
  /** Gives an example of the draft another content; `conflict` for one that was erased, and as with `addExamples`. */
  replaceExample(by: Actor, name: string, example: Pick<Example, 'id' | 'hash'>, seen?: bigint): Promise<Dataset>;
  removeExample(by: Actor, name: string, id: ExampleId): Promise<Dataset>;
  /** Makes the draft version `head + 1`, tombstones included; an unchanged draft returns the head. `dataset_empty` when nothing is in it. */
  freeze(by: Actor, name: string): Promise<DatasetVersion>;
  /** Newest first. */
  versions(project: ProjectId, name: string): Promise<DatasetVersion[]>;
  /** Members in the order they were added; `version` null reads the draft. */
  members(
    project: ProjectId,
    name: string,
    version: number | null,
    page: { limit: number; offset: number },
  ): Promise<ExampleMember[]>;
  /** How many members of a version, or of the draft, have lost their content. */
  erasedMembers(project: ProjectId, name: string, version: number | null): Promise<number>;
};

/** Contents of examples, by content hash. */
export type ExampleStore = {
  /** The store's own time: what is put from now on is later. */
  moment(): Promise<string>;
  /** Removes for good what was put before that moment. */
  remove(project: ProjectId, hashes: string[], before: string): Promise<void>;
  put(project: ProjectId, contents: { hash: string; content: ExampleContent }[]): Promise<void>;
  get(project: ProjectId, hashes: string[]): Promise<Map<string, ExampleContent>>;
};

export type NewComparison = Omit<
  Comparison,
  'status' | 'error' | 'done' | 'costNanoUsd' | 'results' | 'createdAt' | 'finishedAt'
>;

/** A completed comparison is final: changes after that leave it as it is. */
export type ComparisonStore = {
  create(by: Actor, comparison: NewComparison): Promise<Comparison>;
  setStatus(id: ComparisonId, status: RunStatus, error?: string): Promise<void>;
  setProgress(id: ComparisonId, done: number, costNanoUsd: NanoUsd | null): Promise<void>;
  /** With what was done in the end: examples may be erased while it runs. */
  complete(id: ComparisonId, results: PairedResult[], counts: Pick<Comparison, 'total' | 'erased'>): Promise<void>;
  get(project: ProjectId, id: ComparisonId): Promise<Comparison | null>;
  /** Newest first. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Comparison[]>;
};

/** The ledger of finished cells; putting a cell twice keeps one. */
export type CellStore = {
  put(project: ProjectId, cells: Cell[]): Promise<void>;
  ofRuns(project: ProjectId, runIds: string[]): Promise<Cell[]>;
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
