import type { PairedResult } from './evaluation.ts';
import type { JsonObject } from './json.ts';
import type { ModelDefinition } from './model.ts';

/** `done`: also where the budget was spent. */
export type OptimizationState = 'queued' | 'running' | 'stopped' | 'done' | 'failed';
export type OptimizationVerdict = 'gain' | 'no_gain' | 'not_compared';
/** Which part of the work it is at. */
export type OptimizationPhase = 'measuring' | 'searching' | 'comparing';

/** How much may be spent in all; money is decimal nano-dollars, as in all that is kept as JSON. */
export type OptimizationBudget = { costNanoUsd: string | null; calls: number | null; minutes: number | null };

export type OptimizationSpent = {
  calls: number;
  /** null: the price of some calls is not known. */
  costNanoUsd: string | null;
  tokens: { input: number; output: number } | null;
  minutes: number;
};

/** A mean score with its interval at 95 %. */
export type MeasuredScore = { value: number; low: number | null; high: number | null; rows: number };

/** What a search says of a candidate so far. */
export type CandidateScore = {
  /** On all rows that candidates are chosen by. */
  score: MeasuredScore | null;
  /** On a part of them, the last time. */
  minibatch: MeasuredScore | null;
  /** That scoring it took. */
  calls: number;
  costNanoUsd: string | null;
  /** Mean of a run. */
  latencyMs: number | null;
};

/** A candidate of an optimization; what is tuned in it stands by the paths of its predictors. */
export type OptimizationCandidate = {
  id: string;
  by: string;
  parents: string[];
  /** What differs from the first parent, as `path member`. */
  changed: string[];
  instances: JsonObject;
};

export type OptimizationPoint = {
  calls: number;
  costNanoUsd: string | null;
  minutes: number;
  score: number;
  best: number;
  candidateId: string;
};

/** The candidates that are the best on some row, with the rows, by their places. */
export type OptimizationFront = { rows: number; members: { id: string; score: number; leads: number[] }[] };

export type OptimizationFailures = { answer: number; call: number; metric: number; first: string | null };

/** How far an optimization is, but for what is tuned in its candidates. */
export type OptimizationProgress = {
  phase: OptimizationPhase | null;
  rows: { train: number; validation: number; heldOut: number } | null;
  spend: OptimizationSpent;
  points: OptimizationPoint[];
  /** By candidate. */
  scores: Record<string, CandidateScore>;
  front: OptimizationFront | null;
  failures: OptimizationFailures;
  /** The program as it was. */
  startId: string | null;
  bestId: string | null;
};

export const noOptimizationProgress = (): OptimizationProgress => ({
  ...{ phase: null, rows: null, points: [], scores: {}, front: null, startId: null, bestId: null },
  spend: { calls: 0, costNanoUsd: '0', tokens: { input: 0, output: 0 }, minutes: 0 },
  failures: { answer: 0, call: 0, metric: 0, first: null },
});

type ReportSide = { id: string; rows: number; failures: number; spent: OptimizationSpent };

/** How an optimization ended: the best candidate against the program as it was, on rows that no search has seen. */
export type OptimizationReport = {
  verdict: OptimizationVerdict;
  sentence: string;
  stopped: { reason: 'done' | 'budget' | 'price_unknown' | 'failing' | 'called_off'; message: string };
  rows: { train: number; validation: number; heldOut: number; compared: number; overlapping: number };
  before: ReportSide;
  after: ReportSide | null;
  comparison: Omit<PairedResult, 'runId'>[] | null;
  spent: { search: OptimizationSpent; comparison: OptimizationSpent; total: OptimizationSpent };
  failures: OptimizationFailures;
};

/** What an optimization is of and by; nothing of it changes but the budget. */
export type OptimizationSetup = {
  name: string;
  /** `client`: it runs where its code is, and tells how far it is. */
  place: 'server' | 'client';
  /** `name@version`; of code what it is called there. */
  program: string;
  registered: { name: string; version: number } | null;
  model: string;
  proposer: string | null;
  dataset: string | null;
  datasetVersion: number | null;
  /** Labels; none: a function of the client. */
  scorers: string[];
  optimizer: { name: string; options: JsonObject };
  seed: number;
  concurrency: number;
};

export type PublishedVersion = { name: string; version: number; alias: string | null };

/** Scores as lists show them. */
export type OptimizationScore = {
  /** On the rows that candidates are chosen by: of the program as it was, and of the best candidate. */
  start: number | null;
  best: number | null;
  /** On rows that no search has seen. */
  heldOutStart: number | null;
  heldOut: number | null;
};

export const optimizationScore = (
  { scores, startId, bestId }: OptimizationProgress,
  report: OptimizationReport | null,
): OptimizationScore => {
  const scoreOf = (id: string | null) => (id === null ? null : (scores[id]?.score?.value ?? null));
  const compared = report?.comparison?.find(({ measure }) => measure === 'score');
  return {
    ...{ start: scoreOf(startId), best: scoreOf(bestId) },
    ...{ heldOutStart: compared?.meanA ?? null, heldOut: compared?.meanB ?? null },
  };
};

/** A line of a list. */
export type OptimizationSummary = OptimizationSetup & {
  id: string;
  state: OptimizationState;
  error: string | null;
  /** How often it was resumed; what was begun before is not to go on. */
  turn: number;
  budget: OptimizationBudget;
  score: OptimizationScore;
  spend: Pick<OptimizationSpent, 'calls' | 'costNanoUsd'>;
  verdict: OptimizationVerdict | null;
  published: PublishedVersion | null;
  author: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** When whoever runs it last told of it, which is every few seconds; null where a server runs it. */
  heardAt: string | null;
};

/** A search for a better candidate of a program, within a budget. */
export type Optimization = Omit<OptimizationSummary, 'spend'> & {
  spend: OptimizationSpent;
  progress: OptimizationProgress;
  report: OptimizationReport | null;
  /** What a version of the result would be; null: there is no gain, or it holds code. */
  definition: ModelDefinition | null;
  /** Lineage references. */
  madeFrom: string[];
};

const tellsWithinMs = 60_000;

/** For how many milliseconds nothing was heard of what a client runs; null: it tells, or it does not run there. */
export function silentMs(
  { state, heardAt }: Pick<OptimizationSummary, 'state' | 'heardAt'>,
  nowMs: number,
): number | null {
  if (state !== 'running' || heardAt === null) return null;
  const ms = nowMs - Date.parse(heardAt);
  return ms > tellsWithinMs ? ms : null;
}
