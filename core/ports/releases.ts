import type {
  Actor,
  JsonObject,
  Nanos,
  ProjectId,
  Release,
  ReleaseCopies,
  ReleaseDrafts,
  ReleaseEvent,
  ReleaseObservation,
  ReleasePlan,
  ReleaseState,
  ReleaseVerdict,
  StickyKind,
  TraceId,
} from '../records/index.ts';

export type NewRelease = ReleasePlan &
  Pick<Release, 'id' | 'model' | 'alias' | 'candidate' | 'share' | 'evidence' | 'seenUntil' | 'message'> & {
    /** A release of the same versions that only listened: it stops, in the same transaction. */
    follows?: string;
  };

/** What one look at telemetry came to. */
export type ReleaseLook = {
  /** The one that was read; nothing is written when somebody changed it since. */
  revision: number;
  evidence: JsonObject;
  verdict: ReleaseVerdict;
  share: number;
  /** Why the share is that; kept where it is another than before. */
  shareReason: string;
  seenUntil: string;
  /** Whether the verdict, or the state of a rail, is another than before: then it is kept for good. */
  isNews: boolean;
  /** What follows at once; `promoted` moves the alias. */
  ends: 'promoted' | 'rolled_back' | null;
};

export type ReleaseFilter = { limit: number; before?: string; model?: string; state?: ReleaseState };

/** While one runs, its alias says so: `Alias.release`. Moving the alias otherwise stops it. */
export type ReleaseStore = {
  /**
   * From the version that the alias is at.
   * @throws WheelhouseError `not_found` without model, alias or version; `conflict` while another one of the alias runs,
   * when the alias is at that version, or when what it follows is over
   */
  start(by: Actor, release: NewRelease): Promise<Release>;
  get(project: ProjectId, id: string): Promise<Release | null>;
  /** Newest first. */
  list(project: ProjectId, filter: ReleaseFilter): Promise<Release[]>;
  /** Newest first, the latest 200. */
  events(project: ProjectId, id: string): Promise<ReleaseEvent[]>;
  /** Those that run, of all projects. */
  running(): Promise<{ project: ProjectId; release: Release }[]>;
  /** Writes a look, all of it or nothing; false: it has ended, or another look came first. */
  look(project: ProjectId, id: string, look: ReleaseLook): Promise<boolean>;
  /**
   * Ends it: `promoted` moves the alias to the candidate. One that was promoted is taken back by `rolled_back`, which moves
   * the alias to where it was.
   * @throws WheelhouseError `not_found`; `conflict` when it has ended otherwise, or the alias was moved since
   */
  end(by: Actor, id: string, end: { as: 'promoted' | 'rolled_back'; reason: string }): Promise<Release>;
  /**
   * Some that were rolled back and whose calls have to become draft examples, of all projects; they are the caller's for
   * half a minute.
   */
  claimDrafts(): Promise<{ project: ProjectId; release: Release }[]>;
  /** Says what became of them; the first word stands. */
  drafted(project: ProjectId, id: string, drafts: Omit<ReleaseDrafts, 'at'>): Promise<void>;
};

export type ReleaseAsk = Pick<Release, 'model' | 'alias' | 'incumbent' | 'candidate'> & {
  sticky: StickyKind;
  /** Names of scores that are looked for. */
  scores: string[];
  /** When it began, by the clock of what arrived: whoever was seen since counts no more. */
  sinceNs: Nanos;
  /** What arrived in this time. */
  fromNs: Nanos;
  untilNs: Nanos;
};

/**
 * What was seen of a call. `key`: the user, session or request, and the score where it is one; `atMs`: when it came, by the
 * store's clock.
 */
export type ReleaseArrival = { key: string; atMs: number; traceId: TraceId; seen: ReleaseObservation };

/** One of a release that only listens. */
export type PairAsk = ReleaseAsk & { release: string };

/** What both versions made of the same call. */
export type ReleasePair = Record<'incumbent' | 'candidate', { traceId: TraceId; failed: boolean }>;

/** What telemetry knows of two versions of an alias. Evaluations and answers of the cache are left out. */
export type ReleaseTelemetry = {
  /** By the clock that says when something arrived. */
  now(): Promise<Nanos>;
  /**
   * What arrived, in that order: of each user, session or request the first call and the first score of each name alone.
   */
  arrived(project: ProjectId, ask: ReleaseAsk): Promise<ReleaseArrival[]>;
  /** The same of the candidate alone, the latest `most` calls and as many scores. */
  answers(project: ProjectId, ask: ReleaseAsk & { most: number }): Promise<ReleaseArrival[]>;
  /**
   * What arrived of calls that were copied, as pairs: of each user, session or request the first pair of calls, and the first
   * pair of scores of each name. Copies that were refused because there were too many, or ended with their server, are none.
   */
  paired(project: ProjectId, ask: PairAsk): Promise<ReleaseArrival[]>;
  /** All of its copies until then. */
  copies(project: ProjectId, ask: PairAsk): Promise<ReleaseCopies>;
  /** The latest `most` pairs. */
  pairs(project: ProjectId, ask: PairAsk & { most: number }): Promise<ReleasePair[]>;
  /** What a version did under an alias since then. */
  history(
    project: ProjectId,
    ask: { model: string; alias: string; version: number; fromNs: Nanos },
  ): Promise<{
    calls: number;
    p95Ns: Nanos | null;
    cost: { meanNanoUsd: number; p95NanoUsd: number } | null;
    /** Those that are numbers or truths, most first. `given`: by people, who never see an answer that only listens. */
    scores: { name: string; count: number; given: number; mean: number; least: number; most: number }[];
  }>;
};
