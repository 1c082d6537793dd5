import type { RequestBody } from '@wheelhouse/core/contract';
import type { Json, JsonObject } from '@wheelhouse/core/records';

type Body = RequestBody<'createEvaluation'>;

/** One row of data that is given in code. */
export type Row = {
  input: Json;
  expected?: Json;
  metadata?: JsonObject;
  tags?: string[];
  split?: string;
};

/**
 * A dataset of the server by name, or with the version and the rows of it; or rows, which are kept as a dataset of the
 * server's, so that each run of the same rows is a run of the same version.
 */
export type Data =
  | string
  | { dataset: string; version?: number; split?: string; tag?: string }
  | { rows: readonly Row[] | (() => Promise<readonly Row[]>); dataset?: string };

export type RunContext = {
  exampleId: string;
  /** Counted from 0. */
  repetition: number;
  signal: AbortSignal;
};

const answeredKey = Symbol('answered');
export type AnsweredOutput = { [answeredKey]: true; output: Json; costUsd: number | null; traceId: string | null };

/** An answer with what it cost, or the trace that it left. */
export const answered = (output: Json, said: { costUsd?: number; traceId?: string } = {}): AnsweredOutput => ({
  [answeredKey]: true,
  output,
  costUsd: said.costUsd ?? null,
  traceId: said.traceId ?? null,
});

export const isAnswered = (value: unknown): value is AnsweredOutput =>
  typeof value === 'object' && value !== null && answeredKey in value;

/** Answers one row, where it is defined. Text is scored as it is, anything else as JSON. */
export type RunFunction = (input: Json, context: RunContext) => RunResult | Promise<RunResult>;
export type RunResult = Json | AnsweredOutput;

/** A model by the name that an OpenAI client would use, or a function. */
export type RunDefinition = string | { ref: string; label?: string } | { run: RunFunction; label: string };

export type ScoredAnswer = {
  input: Json;
  /** As text. */
  output: string;
  /** null: nothing in particular. */
  expected: Json;
  metadata: JsonObject;
  latencyMs: number;
  /** null: unknown. */
  costUsd: number | null;
};

/** A score from 0 to 1, more is better; a label; or both. null: it cannot say. */
export type Judgement =
  | number
  | boolean
  | null
  | { score?: number | boolean | null; label?: string; reason?: string; feedback?: string };

export type OwnScorer = {
  name: string;
  score(answer: ScoredAnswer, context: { signal: AbortSignal }): Judgement | Promise<Judgement>;
};

type NamedScorer = Exclude<NonNullable<Body['scorers']>[number], { own: string }>;
/** One of the server's by name, with options or without; or a function. */
export type ScorerDefinition = NamedScorer | OwnScorer;

export type EvaluationDefinition = {
  /** What it is called in lists. */
  name: string;
  data: Data;
  /** The first is the baseline. */
  runs: readonly RunDefinition[];
  scorers: readonly ScorerDefinition[];
  /** `exact >= baseline - 5pp`, `latency p95 <= 2.5s`, `errors <= 1% (risk 10%)`. */
  gates?: readonly string[];
  /** Answers per row and run. */
  repetitions?: number;
  /** Calls under way at one time. */
  concurrency?: number;
  /** Only so many rows. */
  first?: number;
  /** Answers of earlier evaluations of the same rollout are taken again. */
  rollout?: string;
  /** Dollars at which it stops, to be resumed. */
  cap?: number;
  /** Free, for example commit and branch. */
  metadata?: JsonObject;
};

/** An evaluation as code; the default export of a `*.eval.ts` file. */
export const defineEvaluation = (definition: EvaluationDefinition): EvaluationDefinition => definition;

export const isOwnScorer = (scorer: ScorerDefinition): scorer is OwnScorer =>
  typeof scorer === 'object' && 'score' in scorer;

export const runFunctionOf = (run: RunDefinition): RunFunction | null =>
  typeof run === 'object' && 'run' in run ? run.run : null;

/** Whether anything in it can only run here. */
export const runsHere = ({ runs, scorers }: EvaluationDefinition): boolean =>
  runs.some((run) => runFunctionOf(run) !== null) || scorers.some(isOwnScorer);
