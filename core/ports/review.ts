import type {
  Actor,
  FeedbackKey,
  FeedbackKeyId,
  ProjectId,
  ReviewDraw,
  ReviewItem,
  ReviewLabel,
  ReviewQueue,
  ReviewRule,
  ReviewState,
  TraceId,
} from '../records/index.ts';

export type NewReviewQueue = Pick<ReviewQueue, 'id' | 'name' | 'instructions' | 'form' | 'blind' | 'overlap'>;
export type NewReviewItem = Pick<ReviewItem, 'target' | 'traceId' | 'otherTraceId' | 'reason' | 'probability'>;
export type NewReviewLabel = Pick<ReviewLabel, 'decides' | 'skipped' | 'answers' | 'comment'>;

/** What one item is to whoever asks. */
export type LabelledItem = { item: ReviewItem; labels: ReviewLabel[] };

/** Times of leases are the caller's, in milliseconds since 1970. */
export type ReviewStore = {
  /** `conflict` when the name is taken. */
  create(by: Actor, queue: NewReviewQueue): Promise<ReviewQueue>;
  /** By name. */
  list(project: ProjectId): Promise<ReviewQueue[]>;
  get(project: ProjectId, name: string): Promise<ReviewQueue | null>;
  /** With its items and labels; whether it was there. Scores stay. */
  remove(by: Actor, name: string): Promise<boolean>;
  /** null: traces that come go nowhere any more. */
  setRule(by: Actor, name: string, rule: ReviewRule | null): Promise<ReviewQueue>;
  /** Queues with a rule, of all projects; their items are not counted. */
  ruled(): Promise<{ project: ProjectId; queue: ReviewQueue }[]>;

  /**
   * Gives how many are new. An item that is there stays as it is, but takes the probability that it was drawn with.
   * `conflict` when the queue was drawn from in another way.
   */
  addItems(by: Actor, name: string, items: readonly NewReviewItem[], draw?: ReviewDraw): Promise<number>;
  /** In the order they came, behind a number. */
  items(
    project: ProjectId,
    name: string,
    page: { limit: number; after: number; state?: ReviewState },
  ): Promise<LabelledItem[]>;
  item(project: ProjectId, name: string, number: number): Promise<LabelledItem | null>;
  /**
   * The item that the caller holds already, or the first that wants labels, is not labelled or skipped by the caller, and is
   * not held by as many others as labels are missing. `disputed`: the first that nobody else holds.
   */
  take(
    by: Actor,
    name: string,
    ask: { of: 'open' | 'disputed'; nowMs: number; leaseMs: number },
  ): Promise<LabelledItem | null>;
  /** In the place of what the caller, or of a decision anybody, said before. */
  label(
    by: Actor,
    name: string,
    number: number,
    label: NewReviewLabel,
    nowMs: number,
  ): Promise<{ item: ReviewItem; label: ReviewLabel; before: ReviewLabel | null }>;
  /** Takes back the caller's label, and leases the item to the caller again; null: there was none. */
  unlabel(
    by: Actor,
    name: string,
    number: number,
    lease: { nowMs: number; leaseMs: number },
  ): Promise<{ item: ReviewItem; label: ReviewLabel } | null>;
  /** Removes items on these traces, and what was said of them, for good. */
  eraseOn(project: ProjectId, traces: readonly TraceId[]): Promise<void>;
};

export type FeedbackKeyStore = {
  create(by: Actor, key: Pick<FeedbackKey, 'id' | 'name' | 'key' | 'scores' | 'origins'>): Promise<FeedbackKey>;
  /** Newest first. */
  list(project: ProjectId): Promise<FeedbackKey[]>;
  /** null: there is none. */
  revoke(by: Actor, id: FeedbackKeyId): Promise<FeedbackKey | null>;
  /** Those that count, of all projects. */
  active(): Promise<(FeedbackKey & { project: ProjectId })[]>;
};
