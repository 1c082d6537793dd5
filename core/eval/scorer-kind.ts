import type { z } from 'zod';
import type { CancelSignal, Embedder, ModelRunner, Sandbox, SchemaChecker } from '../ports/index.ts';
import type { Json, JsonObject, Nanos, NanoUsd, ScorerCalls, ScorerResult, Span, TraceId } from '../records/index.ts';

/** What is scored: one answer, a whole trace, or a session of traces. */
export type ScoringTarget = {
  input: Json;
  /** The answer as it was written. */
  output: string;
  /** null: nothing in particular. */
  expected: Json;
  /** Of the example, or of the trace. */
  metadata: JsonObject;
  latencyNs: Nanos | null;
  /** null: no price is known. */
  costNanoUsd: NanoUsd | null;
  /** Reads what was traced, in the order in which it began, for the scorers that look at it; null: nothing was. */
  spans: (() => Promise<readonly Span[]>) | null;
};

/** What scorers ask of the world; most ask nothing. */
export type ScoringWorld = {
  /** Asks judges. */
  runner: ModelRunner;
  embedder: Embedder;
  /** Runs scorers that are code. */
  sandbox: Sandbox;
  signal: CancelSignal;
};

/** What answers are judged in: as {@link ScoringWorld}, and the traces of the answers. */
export type JudgingWorld = Omit<ScoringWorld, 'signal'> & {
  /** All spans of a trace that has ended; rejects when they are not there in time. */
  spansOf(traceId: TraceId, signal: CancelSignal): Promise<readonly Span[]>;
};

/** Judges one target. A missing expected value where one is needed is a failure to score, never a zero. */
export type Scorer = (target: ScoringTarget, world: ScoringWorld) => ScorerResult | Promise<ScorerResult>;

/** What options are checked with. */
type Tools = { checker: SchemaChecker };

/** Makes a scorer of its options; a text says why they do not work. */
export type ScorerKind = (options: JsonObject, tools: Tools) => Scorer | string;

type Said = { label?: string; feedback?: string; metadata?: JsonObject; calls?: ScorerCalls | null };

export const scored = (
  score: number | null,
  reason: string | null = null,
  { label, feedback, metadata = {}, calls = null }: Said = {},
): ScorerResult => ({ ok: true, score, label: label ?? null, reason, feedback: feedback || null, metadata, calls });

/** Why a scorer that compares says nothing where nothing is expected. */
export const noExpectedValue = 'no expected value';

export const failed = (
  error: string,
  { metadata = {}, calls = null }: Pick<Said, 'metadata' | 'calls'> = {},
): ScorerResult => ({ ok: false, error, metadata, calls });

/** A kind of scorer whose options are read by a schema. */
export const defineScorer =
  <Options extends object>(
    schema: z.ZodType<Options>,
    make: (options: Options, tools: Tools) => Scorer | string,
  ): ScorerKind =>
  (given, tools) => {
    const read = schema.safeParse(given);
    if (read.success) return make(read.data, tools);
    const [issue] = read.error.issues;
    const place = issue?.path.join('.') ?? '';
    return `${place === '' ? '' : `\`${place}\`: `}${issue?.message ?? 'they cannot be read'}`;
  };

/**
 * A kind that compares the output with what was expected.
 * @param instead the option that stands in for the expected value; without it every example needs one
 */
export const defineComparing = <Options extends object>(
  schema: z.ZodType<Options>,
  make: (options: Options, tools: Tools) => ((output: string, expected: Json) => ScorerResult) | string,
  instead?: keyof Options & string,
): ScorerKind =>
  defineScorer(schema, (options, tools) => {
    const compare = make(options, tools);
    if (typeof compare === 'string') return compare;
    const isNeeded = instead === undefined || options[instead] === undefined;
    return ({ output, expected }) =>
      expected === null && isNeeded ? failed(noExpectedValue) : compare(output, expected);
  });
