import type {
  Actor,
  Cell,
  Evaluation,
  EvaluationId,
  EvaluationStatus,
  ExampleId,
  GateResult,
  GateState,
  MeasureSummary,
  Nanos,
  NanoUsd,
  PairedResult,
  ProjectId,
  RunId,
  TraceId,
} from '../records/index.ts';

/** How far an evaluation is, or a part of it. */
export type EvaluationCounts = Pick<Evaluation, 'done' | 'failed' | 'cached' | 'erased' | 'costNanoUsd'>;

export type NewEvaluation = Omit<
  Evaluation,
  | keyof EvaluationCounts
  | 'status'
  | 'error'
  | 'turn'
  | 'summaries'
  | 'results'
  | 'gateResults'
  | 'createdAt'
  | 'startedAt'
  | 'finishedAt'
> & {
  /** Examples that are known to have lost their content. */
  erased: number;
};

/** What an evaluation says in the end. */
export type EvaluationOutcome = { summaries: MeasureSummary[]; results: PairedResult[]; gateResults: GateResult[] };

/** Members of the dataset version that one seat works on: so many that fit, behind a place, up to another. */
export type RowChunk = { after: number; last: number; rows: number };

/** Behind which place nobody has taken members yet, null when all are taken; and how many were. */
export type RowsTaken = { next: number | null; taken: number };

/** What a seat finds: the chunks that it had taken and are not done, and how many cells it has counted so far. */
export type Sat = RowsTaken & { held: RowChunk[]; recorded: number };

/**
 * One of the workers that share an evaluation. A seat is a job, and a job is done by one worker at a time: whoever
 * comes to sit there goes on with what the seat had taken. Of an earlier turn, nothing is taken any more.
 */
export type Seat = { id: EvaluationId; turn: number; seat: number };

export type EvaluationFilter = {
  limit: number;
  before?: string;
  dataset?: string;
  /** A model's name, or `name@version`. */
  model?: string;
  status?: EvaluationStatus;
  /** Only those whose metadata says of which release they are the replay. */
  replays?: true;
};

/** A completed evaluation is final: changes after that leave it as it is. */
export type EvaluationStore = {
  /** Queued, or running at once where a client makes the calls. */
  create(by: Actor, evaluation: NewEvaluation): Promise<Evaluation>;
  get(project: ProjectId, id: EvaluationId): Promise<Evaluation | null>;
  /** Which evaluation the run is a column of. */
  ofRun(project: ProjectId, run: RunId): Promise<Evaluation | null>;
  /** Newest first. */
  list(project: ProjectId, page: EvaluationFilter): Promise<Evaluation[]>;
  /** `conflict` unless it is queued or running. */
  stop(by: Actor, id: EvaluationId): Promise<Evaluation>;
  /** Queued again, or running where a client makes the calls; `conflict` unless it was stopped or failed. */
  resume(by: Actor, id: EvaluationId, change?: { capNanoUsd: NanoUsd | null }): Promise<Evaluation>;
  remove(by: Actor, id: EvaluationId): Promise<void>;

  /** The seat's place is taken: the evaluation runs from now on. null: it is not to run. */
  sit(seat: Seat): Promise<Sat | null>;
  /**
   * Takes the members behind `next`, unless another seat did meanwhile: then `isMine` is false, and what is next is
   * another. Taking the same again is taking it once. `isEnd`: there are no more behind them. null: it is not to run.
   */
  take(seat: Seat, chunk: RowChunk & { isEnd: boolean }): Promise<(RowsTaken & { isMine: boolean }) | null>;
  /** How far the seat's chunks are. Gives how far the whole is; null: it is not to run any more. */
  report(seat: Seat, chunks: readonly (RowChunk & EvaluationCounts)[]): Promise<EvaluationCounts | null>;
  /** The chunk is done. false: it is not to run any more. */
  finish(seat: Seat, chunk: RowChunk & EvaluationCounts): Promise<boolean>;
  /** Whether every member was taken and every chunk is done. */
  isDone(id: EvaluationId): Promise<boolean>;
  /** Of an evaluation whose calls a client makes: how far it is. */
  setCounts(id: EvaluationId, counts: EvaluationCounts): Promise<void>;
  /** With what was done in the end: examples may be erased while it runs. */
  complete(id: EvaluationId, outcome: EvaluationOutcome, counts: EvaluationCounts): Promise<void>;
  /** It ends before its end, with the reason; resumable. */
  end(id: EvaluationId, turn: number, how: { status: 'stopped' | 'failed'; reason: string }): Promise<void>;
  /** Whether another evaluation of any project waits for a worker or runs. */
  othersWait(id: EvaluationId): Promise<boolean>;
};

export type GateReader = {
  /**
   * What gates say of a version against another, or on its own, in the newest completed evaluation that has both;
   * `evaluation` is null when none has.
   */
  decide(
    project: ProjectId,
    ask: { model: string; version: number; against: number | null; gates: string[] },
  ): Promise<{
    evaluation: EvaluationId | null;
    results: { text: string; state: GateState | 'not_measured'; sentence: string }[];
  }>;
};

/** What is there of a cell, without its texts. */
export type CellMark = Pick<Cell, 'runId' | 'exampleId' | 'repetition' | 'cached' | 'costNanoUsd' | 'judgeNanoUsd'> & {
  failed: boolean;
};

/** An answer that was given before to the same question. */
export type EarlierAnswer = {
  output: string;
  latencyNs: Nanos;
  costNanoUsd: NanoUsd | null;
  traceId: TraceId | null;
};

export type CellTally = Pick<EvaluationCounts, 'done' | 'failed' | 'cached' | 'costNanoUsd'>;

/** One cell's value of a measure; both null where it has none. */
export type MeasuredCell = { exampleId: ExampleId; repetition: number; value: number | null; label: string | null };

/** A row that every run has answered as often as it is to. `means`: by run, null where it has no value. */
export type FinishedRow = { exampleId: ExampleId; means: (number | null)[] };

export type RowKind = 'regressions' | 'improvements' | 'errors' | 'flaky';
export type RowAsk = {
  baseline: RunId;
  /** Runs that are compared with it, one or more. */
  runs: RunId[];
  measure: string;
  /** Whether less of the measure is better. */
  lessIsBetter: boolean;
};

/** The ledger of finished cells; putting a cell twice keeps the first. */
export type CellStore = {
  put(project: ProjectId, cells: Cell[]): Promise<void>;
  /** Whole, in no promised order. */
  ofRows(project: ProjectId, of: { runs: RunId[]; examples: ExampleId[] }): Promise<Cell[]>;
  marks(project: ProjectId, of: { runs: RunId[]; examples: ExampleId[] }): Promise<CellMark[]>;
  tally(project: ProjectId, runs: RunId[]): Promise<CellTally>;
  /** The answers that were given first under these keys, failures left out. */
  answers(project: ProjectId, keys: string[]): Promise<Map<string, EarlierAnswer>>;
  /** Every cell of a run by example and repetition, after one of them when given. */
  measured(
    project: ProjectId,
    ask: {
      run: RunId;
      measure: string;
      limit: number;
      after?: Pick<MeasuredCell, 'exampleId' | 'repetition'> | undefined;
    },
  ): Promise<MeasuredCell[]>;
  /**
   * Rows that have so many cells over all of the runs, in the order in which they were finished: what was first stays
   * first when more come. `means` are in the order of `runs`.
   */
  finishedRows(
    project: ProjectId,
    ask: { runs: RunId[]; measure: string; cells: number; limit: number },
  ): Promise<FinishedRow[]>;
  /** Examples of the kind, the largest change first, then by id. */
  rowsOf(
    project: ProjectId,
    ask: RowAsk & { kind: RowKind; limit: number; offset: number },
  ): Promise<{ exampleId: ExampleId; change: number | null }[]>;
  countRows(project: ProjectId, ask: RowAsk): Promise<Record<RowKind, number>>;
  /** For good. */
  removeRuns(project: ProjectId, runs: RunId[]): Promise<void>;
};
