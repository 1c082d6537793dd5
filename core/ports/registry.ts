import type {
  Actor,
  AliasRequest,
  AliasRequestId,
  AliasRequestStatus,
  AliasRule,
  Comment,
  CommentId,
  LineageRef,
  Nanos,
  NanoUsd,
  ProjectId,
  SpanId,
  TraceId,
} from '../records/index.ts';

/** Places in lists are what the page before gave as `next`. */
type Page = { limit: number; cursor?: string };
type Paged<T> = { data: T[]; next: string | null };

/** Rules of aliases, and requests to move them. */
export type AliasRuleStore = {
  /** By alias. */
  rules(project: ProjectId): Promise<AliasRule[]>;
  rule(project: ProjectId, alias: string): Promise<AliasRule | null>;
  /** Replaces the rule of that alias; an equal one is left as it is. */
  setRule(by: Actor, rule: Pick<AliasRule, 'alias' | 'role' | 'review' | 'gates'>): Promise<AliasRule>;
  /** Resolves with whether there was one. */
  removeRule(by: Actor, alias: string): Promise<boolean>;

  /** Names the model's alias as it is now; `conflict` while the same move is asked for already. */
  ask(by: Actor, request: Pick<AliasRequest, 'id' | 'model' | 'alias' | 'to' | 'message'>): Promise<AliasRequest>;
  request(project: ProjectId, id: AliasRequestId): Promise<AliasRequest | null>;
  /** Newest first. */
  requests(
    project: ProjectId,
    filter: Page & { status?: AliasRequestStatus; model?: string },
  ): Promise<Paged<AliasRequest>>;
  /**
   * Ends an open request; an approval moves the alias with it. `conflict` when it is not open any more, or when the alias
   * has moved since it was asked for.
   */
  decide(
    by: Actor,
    id: AliasRequestId,
    decision: { status: Exclude<AliasRequestStatus, 'open'>; comment: string },
  ): Promise<AliasRequest>;
};

export type CommentFilter = { on?: LineageRef /** In lower case, any of them. */; mentioning?: string[] };

/** The audit log has the hashes of texts alone, so that a text that was removed is gone. */
export type CommentStore = {
  write(by: Actor, comment: Pick<Comment, 'id' | 'on' | 'text' | 'mentions'>): Promise<Comment>;
  /** `not_found` when it is not there. */
  change(by: Actor, id: CommentId, said: Pick<Comment, 'text' | 'mentions'>): Promise<Comment>;
  /** Resolves with whether there was one. */
  remove(by: Actor, id: CommentId): Promise<boolean>;
  /** Those on these traces and on spans of them, for good; may be repeated. */
  eraseOn(project: ProjectId, traces: TraceId[]): Promise<void>;
  get(project: ProjectId, id: CommentId): Promise<Comment | null>;
  /** Newest first. */
  list(project: ProjectId, filter: CommentFilter & Page): Promise<Paged<Comment>>;
};

/** What a thing was made from: `to` was made from `from`. */
export type LineageEdge = { from: LineageRef; to: LineageRef };

/** What records say of what was made from what. */
export type LineageStore = {
  /** Edges to what these were made from, so many of each at most, the newest first. */
  above(project: ProjectId, refs: LineageRef[], limit: number): Promise<LineageEdge[]>;
  /** Edges to what was made from these. */
  below(project: ProjectId, refs: LineageRef[], limit: number): Promise<LineageEdge[]>;
  /** Those that are there. Traces and spans are not looked for. */
  known(project: ProjectId, refs: LineageRef[]): Promise<Set<LineageRef>>;
};

/** What a version did in a time. Evaluations are left out. */
export type VersionUse = {
  model: string;
  version: number;
  /** By which aliases it was called; none: by its number. */
  aliases: string[];
  calls: number;
  errors: number;
  /** null: none is known. */
  costNanoUsd: NanoUsd | null;
  /** Calls without a known cost. */
  unpriced: number;
  /** Estimated; null: none has ended. */
  latency: { p50: Nanos; p95: Nanos } | null;
  lastNs: Nanos;
  /** Of these calls and their traces, by name. `mean`: of the numbers and truths; null: there are none. */
  scores: { name: string; count: number; mean: number | null; newest: number | string | boolean }[];
};

export type SpanTally = {
  count: number;
  newest: { traceId: TraceId; spanId: SpanId; startNs: Nanos } | null;
};

/** Traffic of registered models, from their spans. */
export type ModelTraffic = {
  /**
   * Counts the newest calls of these models, up to a bound; `whole` says whether these are all.
   * @param ask.models null: of every model
   */
  uses(
    project: ProjectId,
    ask: { models: string[] | null; fromNs: Nanos; untilNs: Nanos },
  ): Promise<{ whole: boolean; uses: VersionUse[] }>;
  /** Calls of each since then: `version:<model>@<number>` or `alias:<model>@<alias>`. */
  spansOf(project: ProjectId, refs: LineageRef[], fromNs: Nanos): Promise<Map<LineageRef, SpanTally>>;
  /** Versions that answered in each, or in one span of it, as `version:<model>@<number>`. */
  versionsIn(project: ProjectId, refs: LineageRef[]): Promise<LineageEdge[]>;
};
