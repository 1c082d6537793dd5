import type { Answered, Judgement, Optimizer } from '@wheelhouse/core/optimize';
import type { Module, Retriever } from '@wheelhouse/core/program';
import type { JsonObject } from '@wheelhouse/core/records';
import type { Data, Row, ScorerDefinition } from '../../eval/index.ts';

/** A row in code: inputs by name, or the value of the one input. */
export type OptimizationRow<I extends object = JsonObject> = Omit<Row, 'input'> & { input: I | I[keyof I] };

/** As data of an evaluation, or a file beside: CSV, JSON lines or a JSON list. Rows in code stay where they are. */
export type OptimizationData<I extends object = JsonObject> =
  | Exclude<Data, { rows: unknown }>
  | { rows: readonly OptimizationRow<I>[] | (() => Promise<readonly OptimizationRow<I>[]>) }
  | { file: string };

/** At least one of them. */
type AtLeastOne<T> = { [K in keyof T]-?: Required<Pick<T, K>> & Omit<T, K> }[keyof T];

type Judged = boolean | number | Judgement;
/** Judges an answer from 0 to 1; `feedback` is what optimizers that reflect learn from. `expected` and `metadata` are the row's. */
export type OptimizationMetric<I, O> = (
  answered: Answered<I, O> & { metadata: JsonObject },
) => Judged | Promise<Judged>;

type NamedScorer = Exclude<ScorerDefinition, { score: unknown }>;

export type OptimizationDefinition<I extends object = JsonObject, O = JsonObject> = {
  /** What it is called. */
  name: string;
  /** Modules in code or as data; or a registered program or prompt: `triage@production`. */
  program: Module<I, O> | string;
  /** What is asked, as an OpenAI client would name it; of a registered one its own unless said. */
  model?: string;
  /** Writes instructions; `model` unless said. */
  proposer?: string;
  /** The embedding model, where what is optimized or its optimizer looks for what is near. */
  embedWith?: string;
  /** Where the program retrieves: what finds passages, or the passages themselves, compared by `embedWith`. */
  retriever?: Retriever | readonly string[];
  /** How signatures become messages; `chat` unless said. Not of registered ones, which say it themselves. */
  adapter?: 'chat' | 'json' | 'xml';
  /** Rows of the split `validation` are what candidates are chosen by; those of `test` are held out; all others train. */
  data: OptimizationData<NoInfer<I>>;
  /** Seen by nobody but the comparison at the end, all of it; 30 % of those for training unless `data` has some. */
  heldOut?: OptimizationData<NoInfer<I>>;
  /** A function, or scorers by their names, of which the mean is taken. */
  metric: OptimizationMetric<I, O> | NamedScorer | readonly NamedScorer[];
  optimizer: Optimizer;
  /** At least one of them; it stops at the first that is spent. */
  budget: AtLeastOne<{ dollars?: number; calls?: number; minutes?: number }>;
  /** Another number is another search; 0 unless said. */
  seed?: number;
  /** Runs under way at one time; 8 unless said. */
  concurrency?: number;
};

/** An optimization as code; the default export of a `*.program.ts` file. */
export const defineOptimization = <I extends object = JsonObject, O = JsonObject>(
  definition: OptimizationDefinition<I, O>,
): OptimizationDefinition<I, O> => definition;
