import type {
  Actor,
  Cost,
  Nanos,
  NanoUsd,
  Period,
  Price,
  ProjectId,
  Repricing,
  RepricingProgress,
  SpanId,
  TraceId,
  Usage,
} from '../records/index.ts';

/** A project's own prices. */
export type PriceStore = {
  create(by: Actor, price: Omit<Price, 'createdBy' | 'createdAt' | 'endedBy' | 'validUntil'>): Promise<Price>;
  /** Puts an end to it; `not_found` when there is none, `conflict` when it has ended before. */
  end(by: Actor, id: string, at: string): Promise<Price>;
  /** Newest first, the ended ones too. */
  list(project: ProjectId): Promise<Price[]>;
};

export type RepricingStore = {
  /** Numbers grow. */
  create(by: Actor, repricing: { id: string; period: Period; total: number }): Promise<Repricing>;
  get(project: ProjectId, id: string): Promise<Repricing | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Repricing[]>;
  /** Says how far it is, and that it runs; false, and nothing is written, when it has ended or was cancelled. */
  advance(id: string, progress: RepricingProgress): Promise<boolean>;
  /** Leaves one that has ended before as it is. */
  finish(id: string, status: 'completed' | 'failed', error?: string): Promise<void>;
  /** Leaves one that has ended as it is; `not_found` when there is none. */
  cancel(by: Actor, id: string): Promise<Repricing>;
};

/** A span with usage, as far as its price depends on it. */
export type PricedCall = {
  traceId: TraceId;
  spanId: SpanId;
  startNs: Nanos;
  provider: string;
  requestModel: string | null;
  responseModel: string | null;
  serviceTier: string | null;
  usage: Usage;
  costNanoUsd: NanoUsd | null;
};

export type DailyCost = {
  /** UTC. */
  day: string;
  provider: string;
  model: string;
  calls: number;
  unpriced: number;
  /** null: none of them has a price. */
  costNanoUsd: NanoUsd | null;
};

/** What calls cost, in the span store. */
export type CallCosts = {
  totals(project: ProjectId, period: Period): Promise<{ calls: number; unpriced: number; costNanoUsd: NanoUsd | null }>;
  /**
   * In a fixed order, after the place that `next` of the page before names (null: from the first), with the figures as
   * they were before the re-pricing of that number.
   */
  page(
    project: ProjectId,
    period: Period,
    place: { after: string | null; limit: number; before: number },
  ): Promise<{ calls: PricedCall[]; next: string | null }>;
  /** Some of them, without a pattern, the same ones each time. */
  sample(project: ProjectId, period: Period, limit: number): Promise<PricedCall[]>;
  /** Every figure of a span, the one that counts first. */
  history(project: ProjectId, trace: TraceId, span: SpanId): Promise<(Cost & { writtenAt: string })[]>;
  /** Each call once, by the model that answered; days are UTC, both inclusive. */
  daily(project: ProjectId, days: { from: string; until: string }): Promise<DailyCost[]>;
};
