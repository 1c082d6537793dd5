import type { DatasetId, EvaluationId, ExampleId, RunId, TraceId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { NanoUsd } from './money.ts';
import type { ScorerResult } from './score.ts';
import type { Nanos } from './time.ts';

/** `stopped`: by somebody, to be resumed or not; what was recorded stays. */
export type EvaluationStatus = 'queued' | 'running' | 'completed' | 'stopped' | 'failed';

/** One column of an evaluation: one model version, or a function of whoever runs it, over one dataset version. */
export type Run = {
  id: RunId;
  /** What people read: the reference, unless the user named it otherwise. */
  label: string;
  /** What the user named, for example `support-bot@2`; null for code that runs where the evaluation was started. */
  ref: string | null;
  /** The registered or base model's name; null with `ref`. */
  model: string | null;
  /** null for a base model, and with `ref`. */
  version: number | null;
};

/** Which rows of the dataset version: all that fit. `first` is taken after the others. */
export type RowFilter = { split: string | null; tag: string | null; first: number | null };

/** One answer: example × repetition of one run, recorded once. */
export type Cell = {
  runId: RunId;
  exampleId: ExampleId;
  repetition: number;
  /** null when the call failed; then `error` says why. */
  output: string | null;
  error: string | null;
  scores: Record<string, ScorerResult>;
  /** 0: nobody measured it. */
  latencyNs: Nanos;
  /** What the answer cost; of a cached one, what it cost when it was made. */
  costNanoUsd: NanoUsd | null;
  /** What its judges cost; 0 without. */
  judgeNanoUsd: NanoUsd;
  /** null when it was made outside and not traced. */
  traceId: TraceId | null;
  /** Whether the answer was taken from an earlier evaluation that asked the same. */
  cached: boolean;
  /** Covers version, input, parameters, repetition and rollout: the same key may take the same answer. */
  answerKey: string;
};

export type Verdict = 'better' | 'worse' | 'no_clear_difference' | 'not_enough_data';

/** One measure of one run on its own. */
export type MeasureSummary = {
  runId: RunId;
  /** Scorer label, `latency` (seconds), `cost` (dollars) or `errors` (share of calls that failed). */
  measure: string;
  /** Examples with a value, repetitions averaged within each. */
  examples: number;
  /** Cells without one: the call or the scorer failed. */
  failures: number;
  mean: number | null;
  low: number | null;
  high: number | null;
  /** Over cells. */
  p50: number | null;
  p95: number | null;
  /** How often each label was given; empty for numbers. */
  labels: Record<string, number>;
};

/** A candidate (B) against the baseline (A) on one measure, by pairs of examples. */
export type PairedResult = {
  /** The candidate. */
  runId: RunId;
  measure: string;
  meanA: number | null;
  meanB: number | null;
  /** Mean of B − A over the pairs; null without pairs. */
  difference: number | null;
  /** Interval of the difference at `confidence`; null when there are too few pairs. */
  low: number | null;
  high: number | null;
  confidence: number;
  method: string;
  /** Pairs where B is higher, lower, equal. */
  wins: number;
  losses: number;
  ties: number;
  /** Examples where this side gave no value. */
  failuresA: number;
  failuresB: number;
  pairs: number;
  /** Corrected for several candidates and scorers (Bonferroni); null where no test was made. */
  pValue: number | null;
  /** Rows that would settle a difference of the size seen; null when it is settled or cannot be said. */
  rowsToSettle: number | null;
  /** Share of examples whose repetitions disagree, over both sides; null without repetitions. */
  flaky: number | null;
  /** Share of the uncertainty that more repetitions would take away; null unless both sides repeat. */
  noiseShare: number | null;
  /** The examples that move the difference most, and by how much each does; first the one that moves it furthest. */
  deciding: { exampleId: ExampleId; influence: number }[];
  /** The fewest examples that would have to be left out for the verdict not to stand; null where there is none. */
  toOverturn: number | null;
  verdict: Verdict;
  /** One sentence, for people. */
  sentence: string;
};

/** One candidate against the baseline while more is to come; its interval holds at whatever time one looks. */
export type SoFarResult = Pick<
  PairedResult,
  | 'runId'
  | 'measure'
  | 'meanA'
  | 'meanB'
  | 'difference'
  | 'low'
  | 'high'
  | 'confidence'
  | 'pairs'
  | 'verdict'
  | 'sentence'
>;

export type GateState = 'held' | 'failed' | 'inconclusive';

/**
 * What a candidate must keep, with the risk of being wrong that its author accepts.
 * `than: 'baseline'`: B − A is compared with `limit`; `than: 'limit'`: the statistic of B itself is.
 */
export type Gate = {
  measure: string;
  statistic: 'mean' | 'p50' | 'p90' | 'p95' | 'p99';
  than: 'baseline' | 'limit';
  /** `above` and `below`: the limit itself is not enough. */
  direction: 'at_least' | 'above' | 'at_most' | 'below';
  /** In the measure's own unit: score points (0.05 is 5 pp), seconds, dollars, share. */
  limit: number;
  /** Chance of saying `held` when it is not, for example 0.05. */
  risk: number;
};

export type GateResult = {
  gate: Gate;
  /** As it was written, or written from the gate: `exact ≥ baseline − 5 pp`. */
  text: string;
  runId: RunId;
  state: GateState;
  /** What the samples show: of B itself, or of B − A; null when there is nothing to say it from. */
  value: number | null;
  /** Where the value lies, but for the gate's risk on each side; null where that cannot be said. */
  low: number | null;
  high: number | null;
  sentence: string;
};

export type Evaluation = {
  id: EvaluationId;
  name: string;
  datasetId: DatasetId;
  dataset: string;
  datasetVersion: number;
  rows: RowFilter;
  /** The first is the baseline. */
  runs: Run[];
  scorers: string[];
  gates: Gate[];
  repetitions: number;
  /** Calls under way at one time, in each server that works on it. */
  concurrency: number;
  /** Answers of another rollout are not taken; null: no answer is taken from earlier evaluations. */
  rollout: string | null;
  /** Where calls are made: by the server's workers, or by a program that hands in the cells (`wheelhouse eval`, the SDK). */
  place: 'server' | 'client';
  /** Free, for example commit and branch. */
  metadata: JsonObject;
  status: EvaluationStatus;
  /** Why it failed, or was stopped by the server. */
  error: string | null;
  /** How often it was resumed. */
  turn: number;
  /** Cells recorded and wanted. */
  done: number;
  total: number;
  /** Cells among the recorded ones whose call failed, and those that took an earlier answer. */
  failed: number;
  cached: number;
  /** Examples that were left out, because their content was erased before it was their turn. */
  erased: number;
  /** What was spent so far, judges included, cached answers not; null when no price is known. */
  costNanoUsd: NanoUsd | null;
  /** Before the start, from what these models cost lately or list; null when nothing is known. */
  estimateNanoUsd: NanoUsd | null;
  /** It stops, resumable, when this is reached; null: no limit. */
  capNanoUsd: NanoUsd | null;
  /** Empty until completed; computed once and stored. */
  summaries: MeasureSummary[];
  results: PairedResult[];
  gateResults: GateResult[];
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};

/** What a cell is compared with. */
export type ExampleRow = { exampleId: ExampleId; input: Json; expected: Json; metadata: JsonObject };
