import {
  type Budget,
  type CandidateChange,
  type Compiled,
  type CompileState,
  candidateChanges,
  compile,
  countRows,
  judge,
  type Metric,
  type OnEvent,
  type SplitRows,
  type Subject,
} from '@wheelhouse/core/optimize';
import { type AnyModule, candidateOf, memoryRetriever, type ProgramWorld, runProgram } from '@wheelhouse/core/program';
import { type Json, type JsonObject, type ModelDefinition, WheelhouseError } from '@wheelhouse/core/records';
import { type ClientOptions, createClient } from '../../client/index.ts';
import { createEmbedder, programWorld } from '../program-world.ts';
import type { OptimizationDefinition } from './definition.ts';
import { metricOf } from './metric.ts';
import type { RecordSetup } from './record.ts';
import { type ReadRows, rowsOf } from './rows.ts';
import { subjectOf } from './subject.ts';

export type OptimizeOptions = ClientOptions & {
  /** Calls it off; what was asked so far is in the state. */
  signal?: AbortSignal;
  /** Reads `data: { file }`, where there are files. */
  readFile?: ReadRows;
};

/** A compilation's result, and what a version of it would be. */
export type Optimized = Compiled<JsonObject, JsonObject> & {
  /** null: the program holds code, so only the candidate can be kept. */
  definition: ModelDefinition | null;
  /** What the search came to, better or not, against the program as it was. */
  changes: CandidateChange[];
  /** Lineage references. */
  madeFrom: string[];
};

export type RunOptions = {
  /** Where an earlier run of the same got to. */
  state?: CompileState | Json;
  onEvent?: OnEvent;
};

/** One run of the program, for an estimate, and what it gave; null: it failed, or the metric did. */
export type Tried = {
  calls: number;
  costNanoUsd: bigint | null;
  seconds: number;
  error: string | null;
  output: Json;
  score: number | null;
  feedback: string | null;
};

export type Optimization = {
  name: string;
  /** What a record says of it; `program` is what code is called. */
  setup(program: string): RecordSetup;
  model: string;
  optimizer: string;
  budget: Budget;
  concurrency: number;
  rows: Pick<SplitRows, 'train' | 'validation' | 'heldOut'>;
  /** How many are for what, those among them that are drawn to be held out. */
  counts: { train: number; validation: number; heldOut: number };
  /** Whether what comes out can be a version that the server runs. */
  isPublishable: boolean;
  /** Runs the program on one row; null: there is none. */
  tryOne(): Promise<Tried | null>;
  /** @throws WheelhouseError `invalid_request`; what `onEvent` throws */
  run(options?: RunOptions): Promise<Optimized>;
};

const clock = { now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)) };

const budgetOf = ({ dollars, calls, minutes }: OptimizationDefinition['budget']): Budget => ({
  ...(dollars === undefined ? {} : { costNanoUsd: BigInt(Math.round(dollars * 1e9)) }),
  ...(calls === undefined ? {} : { calls }),
  ...(minutes === undefined ? {} : { minutes }),
});

/** `version:triage@3` as its name and number; null: none of these is one. */
function referenceOf(madeFrom: readonly string[], kind: 'version' | 'dataset') {
  const found = madeFrom.find((one) => one.startsWith(`${kind}:`))?.slice(kind.length + 1);
  const at = found?.lastIndexOf('@') ?? -1;
  return found === undefined || at < 1 ? null : { name: found.slice(0, at), version: Number(found.slice(at + 1)) };
}

function setupOf(
  { name, optimizer, budget, proposer, seed = 0, concurrency = 8 }: OptimizationDefinition<never, never>,
  { subject, rows, labels }: { subject: Subject; rows: { madeFrom: string[] }; labels: string[] | null },
): Optimization['setup'] {
  const registered = referenceOf(subject.madeFrom, 'version');
  const dataset = referenceOf(rows.madeFrom, 'dataset');
  return (program) => ({
    ...{
      name,
      registered,
      model: subject.model,
      proposer: proposer ?? null,
      budget,
      seed,
      concurrency,
      scorers: labels ?? [],
    },
    program: registered ? `${registered.name}@${registered.version}` : program,
    ...{ dataset: dataset?.name ?? null, datasetVersion: dataset?.version ?? null },
    optimizer: { name: optimizer.name, options: optimizer.options },
  });
}

/** @throws WheelhouseError `invalid_request` where passages are to be compared, and nothing says by which model */
function retrieverOf(
  { retriever }: OptimizationDefinition<never, never>,
  { embedder }: ProgramWorld,
): Pick<ProgramWorld, 'retriever'> {
  if (retriever === undefined) return {};
  if ('retrieve' in retriever) return { retriever };
  if (embedder) return { retriever: memoryRetriever(retriever, embedder) };
  throw new WheelhouseError('invalid_request', 'Nothing says by which model passages are compared.', {
    ...{ param: 'embedWith', hint: "Name an embedding model: embedWith: 'openai/text-embedding-3-small'" },
  });
}

async function tryOne(
  { program }: Subject,
  rows: SplitRows,
  { world, metric }: { world: ProgramWorld; metric: Metric<object, unknown> },
): Promise<Tried | null> {
  const row = rows.train[0];
  if (!row) return null;
  const { input, expected } = row;
  const began = performance.now();
  const done = await runProgram(program as AnyModule, input, world);
  const seconds = (performance.now() - began) / 1000;
  const judged = done.ok ? await judge(metric, { input, expected, output: done.output, calls: done.calls }) : null;
  const failure = done.ok ? null : done.error.message;
  return {
    calls: done.calls.reduce((sum, { asks }) => sum + asks.length, 0),
    ...{ costNanoUsd: done.costNanoUsd, seconds, output: done.ok ? (done.output as Json) : null },
    error: judged?.ok === false ? judged.message : failure,
    score: judged?.ok ? judged.judgement.score : null,
    feedback: judged?.ok ? (judged.judgement.feedback ?? null) : null,
  };
}

/**
 * Reads what a definition names (rows, a registered version), and checks it; nothing is asked of models yet.
 * @throws WheelhouseError `invalid_request`, and WheelhouseApiError
 */
export async function prepareOptimization<I extends object, O>(
  given: OptimizationDefinition<I, O>,
  options: OptimizeOptions = {},
): Promise<Optimization> {
  const { signal = new AbortController().signal, readFile, ...connection } = options;
  const definition = given as unknown as OptimizationDefinition<never, never>;
  const client = createClient(connection);
  const subject = await subjectOf(definition, { client, signal });
  const rows = await rowsOf(definition, { signature: subject.signature, client, readFile });
  const { name, optimizer, proposer, embedWith, seed = 0, concurrency = 8 } = definition;
  const { model, adapter } = subject;
  const base = programWorld({
    ...connection,
    signal,
    model,
    adapter,
    ...(embedWith === undefined ? {} : { embedWith }),
  });
  const world = { ...base, ...retrieverOf(definition, base) };
  const embedder = createEmbedder(connection);
  const { metric, labels } = metricOf(definition, {
    ...{ runner: world.runner, sandbox: world.sandbox, signal, embedder, metadata: rows.metadata },
  });
  const budget = budgetOf(definition.budget);
  const { train, validation, heldOut } = rows;
  return {
    setup: setupOf(definition, { subject, rows, labels }),
    ...{ name, model, optimizer: optimizer.name, budget, concurrency, rows: { train, validation, heldOut } },
    counts: countRows({ train, validation, heldOut, seed }),
    isPublishable: subject.publish(subject.program, {}) !== null,
    tryOne: () => tryOne(subject, rows, { world, metric }),
    async run({ state, onEvent } = {}) {
      const compiled = await compile<JsonObject, JsonObject>(
        subject.program,
        {
          ...{ train, metric: metric as never, optimizer, budget, seed, concurrency },
          ...(validation && { validation }),
          ...(heldOut && { heldOut }),
          ...(state === undefined ? {} : { state }),
          ...(onEvent && { onEvent }),
        },
        { world, clock, ...(proposer === undefined ? {} : { proposer }) },
      );
      return {
        ...compiled,
        definition: subject.publish(compiled.program, compiled.candidate),
        changes: candidateChanges(candidateOf(subject.program), compiled.best.candidate),
        madeFrom: [...subject.madeFrom, ...rows.madeFrom],
      };
    },
  };
}
