import type { Caller, JsonObject, NanoUsd, ProjectId } from '../records/index.ts';

/** What a call may take, before it is made. */
export type AdmissionAsk = {
  by: Caller;
  /** The end user that the request names. */
  user: string | null;
  /** `provider/model`. */
  model: string;
  inputTokens: number;
  /** The most that may be answered. */
  outputTokens: number;
  /** null: no price is known. Found out when it is read. */
  readonly costNanoUsd: NanoUsd | null;
  nowMs: number;
};

/** Exactly one of both is called, once, whatever becomes of the call. */
export type Admitted = {
  /** What it really took. */
  settle(used: { tokens: number; costNanoUsd: NanoUsd | null }): void;
  /** It was not made. */
  release(): void;
  /** What is left, as `x-ratelimit-*` headers. */
  headers: Record<string, string>;
  /** Nothing counts it, so that what it took need not be found out. */
  free?: true;
};

/**
 * Budgets and rate limits of key, person, team, project and end user: a call reserves the most that it may cost and
 * settles what it did cost, so that calls at the same time cannot pass a limit together.
 */
export type Admission = {
  /**
   * Answers at once unless replicas must be asked.
   * @throws WheelhouseError `rate_limited`, `budget_exceeded`, with `retryAfterMs`, or `store_unavailable`
   */
  admit(ask: AdmissionAsk): Admitted | Promise<Admitted>;
};

/** What a call's answer depends on. */
export type CacheAsk = {
  by: Caller;
  /** The end user that the request names. */
  user: string | null;
  /** The model as the caller named it, the route it means, if any, and every `provider/model` that may answer. */
  model: string;
  route: string | null;
  targets: readonly string[];
  /** Hash of the registered version; null for a base model. */
  version: string | null;
  /** Of the endpoint, with `embeddings` beside the dialects. */
  dialect: string;
  streamed: boolean;
  /** As it is asked, what a registered version adds included. */
  body: JsonObject;
  /** What the caller says in `x-wheelhouse-cache`: `no-store`, `no-cache`, `max-age=60` …; null: nothing. */
  wish: string | null;
};

/** `key`: a hash of everything in the ask that an answer depends on, the tenant included. */
export type CachePlan = {
  key: string;
  /** Whether an answer that is there may be given. */
  read: boolean;
  /** How long a new answer is kept; null: it is not. */
  keepSeconds: number | null;
  /** How an answer to another question is found that asks the same; null: only the very same question finds one. */
  meaning: Meaning | null;
};

export type Meaning = {
  /** The model, as callers name it, that turns the question into a vector. */
  embedder: string;
  /** The last message, of a user. */
  question: string;
  /** How long the call may wait for what comes of it. */
  waitMs: number;
  /** A hash of all that must be the very same: the tenant, everything else in the ask, and facts of the question. */
  within: string;
  /** What the question says, in its order, and which of it is no fact. */
  said: readonly string[];
  content: readonly string[];
  /** How near the nearest question has to be: the cosine of both vectors. */
  threshold: number;
};

/** A question whose answer is kept under `key`. */
export type KeptQuestion = Pick<Meaning, 'said' | 'content'> & {
  key: string;
  /** Of length 1. */
  vector: Float32Array;
  untilMs: number;
};

/** `similarity`: the cosine of both questions. */
export type NearAnswer = { answer: CachedAnswer; similarity: number };

/** Whole answers by what was asked; tenants never share one. */
export type AnswerCache = {
  /** null: this call has nothing to do with the cache, as nearly none has where no policy says otherwise. */
  plan(ask: CacheAsk): CachePlan | null;
  get(project: ProjectId, plan: CachePlan, ask: CacheAsk): CachedAnswer | null | Promise<CachedAnswer | null>;
  put(project: ProjectId, plan: CachePlan, ask: CacheAsk, answer: CachedAnswer): void;
  /** The answer to a kept question that asks the same. A vector is asked for only where one is kept that might. */
  nearest(project: ProjectId, plan: CachePlan, vector: () => Promise<Float32Array | null>): Promise<NearAnswer | null>;
  /** Has an answer that was put found by what its question means. */
  place(project: ProjectId, plan: CachePlan, vector: Float32Array): void;
};

export type CachedAnswer = {
  status: number;
  headers: Record<string, string>;
  /** As it went to the caller who asked first; of a stream all of its events. */
  body: Uint8Array;
  streamed: boolean;
  storedAtMs: number;
  /** Of the call that it was made for. */
  traceId: string;
};
