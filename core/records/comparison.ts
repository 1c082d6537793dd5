import type { ComparisonId, DatasetId, ExampleId, RunId, TraceId } from './ids.ts';
import type { Json } from './json.ts';
import type { NanoUsd } from './money.ts';
import type { ScorerResult } from './score.ts';
import type { Nanos } from './time.ts';

export type RunStatus = 'queued' | 'running' | 'completed' | 'failed';

/** One side of a comparison: one model version over one dataset version. */
export type Run = {
  id: RunId;
  /** What the user named, for example `support-bot@2`. */
  ref: string;
  model: string;
  /** null for a base model. */
  version: number | null;
};

/** One answer: example × repetition of one run, recorded once. */
export type Cell = {
  runId: RunId;
  exampleId: ExampleId;
  repetition: number;
  /** null when the call failed; then `error` says why. */
  output: string | null;
  error: string | null;
  scores: Record<string, ScorerResult>;
  latencyNs: Nanos;
  costNanoUsd: NanoUsd | null;
  traceId: TraceId;
};

export type Verdict = 'better' | 'worse' | 'no_clear_difference' | 'not_enough_data';

/** B against A on one measure, by pairs of examples. */
export type PairedResult = {
  /** Scorer name, or `latency` (seconds) or `cost` (dollars). */
  measure: string;
  meanA: number | null;
  meanB: number | null;
  /** Mean of B − A over the pairs; null without pairs. */
  difference: number | null;
  /** 95 % interval of the difference; null when there are too few pairs. */
  low: number | null;
  high: number | null;
  confidence: number;
  method: string;
  /** Pairs where B is higher, lower, equal. */
  wins: number;
  losses: number;
  ties: number;
  /** Examples where this side gave no score. */
  failuresA: number;
  failuresB: number;
  pairs: number;
  verdict: Verdict;
  /** One sentence, for people. */
  sentence: string;
};

export type Comparison = {
  id: ComparisonId;
  datasetId: DatasetId;
  dataset: string;
  datasetVersion: number;
  a: Run;
  b: Run;
  scorers: string[];
  repetitions: number;
  status: RunStatus;
  error: string | null;
  /** Cells recorded and wanted. */
  done: number;
  total: number;
  /** Examples that were left out, because their content was erased before it was their turn. */
  erased: number;
  costNanoUsd: NanoUsd | null;
  /** Empty until completed; computed once and stored. */
  results: PairedResult[];
  createdAt: string;
  finishedAt: string | null;
};

/** What a cell is compared with. */
export type ExampleRow = { exampleId: ExampleId; input: Json; expected: Json };
