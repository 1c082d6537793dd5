import type {
  Actor,
  Json,
  Optimization,
  OptimizationBudget,
  OptimizationCandidate,
  OptimizationProgress,
  OptimizationSetup,
  OptimizationState,
  OptimizationSummary,
  ProjectId,
  PublishedVersion,
} from '../records/index.ts';

export type NewOptimization = OptimizationSetup & Pick<Optimization, 'id' | 'budget' | 'madeFrom'>;

export type OptimizationFilter = {
  limit: number;
  /** An id, below which the page begins. */
  before?: string;
  state?: OptimizationState;
  /** A registered name, of any version. */
  program?: string;
  dataset?: string;
};

/** Who works on it: what another resumed since is not to go on. */
export type OptimizationTurn = { id: string; turn: number };

/** An answer of a search, which is not to be asked for again. */
export type KeptAnswer = { key: string; entry: Json };

export type OptimizationEnd = Pick<Optimization, 'error' | 'report' | 'definition' | 'madeFrom'> & {
  state: 'done' | 'stopped' | 'failed';
};

export type OptimizationStore = {
  /** Queued, or running where the client runs it. */
  create(by: Actor, optimization: NewOptimization): Promise<Optimization>;
  get(project: ProjectId, id: string): Promise<Optimization | null>;
  /** Newest first. @throws WheelhouseError `invalid_request` for a place that is none */
  list(project: ProjectId, filter: OptimizationFilter): Promise<OptimizationSummary[]>;
  /** All but what is tuned in them, in the order in which they came. */
  candidates(id: string): Promise<Omit<OptimizationCandidate, 'instances'>[]>;
  candidate(id: string, candidateId: string): Promise<OptimizationCandidate | null>;

  /** Says that it runs; false, and nothing is written, where it is not to. */
  begin(turn: OptimizationTurn): Promise<boolean>;
  /** Those of one that was removed are dropped. */
  keep(id: string, answers: readonly KeptAnswer[]): Promise<void>;
  /** Answers in the order in which they came, behind a number of them. */
  answers(id: string, page: { after: string; limit: number }): Promise<{ n: string; entry: Json }[]>;
  countAnswers(id: string): Promise<number>;
  /** How far it is, also where it was stopped meanwhile; false where it is not to go on. Candidates that are there stay as they are. */
  report(
    turn: OptimizationTurn,
    told: { progress: OptimizationProgress; candidates: readonly OptimizationCandidate[] },
  ): Promise<boolean>;
  /** Leaves one that has ended as it is; null where it is gone, or another's turn. */
  end(turn: OptimizationTurn, end: OptimizationEnd): Promise<Optimization | null>;

  /** @throws WheelhouseError `not_found`, `conflict` where it has ended */
  stop(by: Actor, id: string): Promise<Optimization>;
  /**
   * Another turn, with what is left of it forgotten but answers and candidates.
   * @throws WheelhouseError `not_found`, `conflict` where it has not ended
   */
  resume(by: Actor, id: string, change: { budget?: OptimizationBudget }): Promise<Optimization>;
  /** @throws WheelhouseError `not_found` */
  setPublished(by: Actor, id: string, published: PublishedVersion): Promise<void>;
  /** @throws WheelhouseError `not_found` */
  remove(by: Actor, id: string): Promise<void>;
};
