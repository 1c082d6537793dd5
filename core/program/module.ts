import type { CancelSignal, Embedder, ModelRunner, Sandbox, SchemaChecker } from '../ports/index.ts';
import {
  type JsonObject,
  type Nanos,
  type NanoUsd,
  type TraceId,
  type Usage,
  WheelhouseError,
} from '../records/index.ts';
import type { Adapter } from './adapters/adapter.ts';
import type { Signature } from './signature.ts';
import { type Candidate, overlay, type Tunables } from './tunables.ts';

export type Passage = { text: string; score: number };
/** Finds passages of text; the best first, scores of any scale where more is better. */
export type Retriever = {
  retrieve(query: string, k: number, options: { signal: CancelSignal }): Promise<Passage[]>;
};

/** What a program may ask. What is missing is refused by the module that needs it. */
export type ProgramWorld = {
  runner: ModelRunner;
  /** Asked by predictors whose candidate names none; as an OpenAI client would name it. */
  model: string;
  signal: CancelSignal;
  /** How signatures become messages; Chat unless said. */
  adapter?: Adapter;
  /**
   * Gets what predictors write, a field in pieces as they come, where the runner streams and the adapter is Chat or XML (of
   * which nested values are not told). `ask` is which question of the predictor's call it answers: what could not be read is asked for again.
   */
  onField?: (piece: { path: string; ask: number; field: string; text: string }) => void;
  checker?: SchemaChecker;
  sandbox?: Sandbox;
  retriever?: Retriever;
  embedder?: { embedder: Embedder; model: string };
};

/** One question to a model within a call of a predictor. */
export type PredictorAsk = {
  adapter: string;
  model: string;
  messages: JsonObject[];
  text: string | null;
  error: string | null;
  traceId: TraceId;
  latencyNs: Nanos;
  costNanoUsd: NanoUsd | null;
  /** null: not known. */
  usage: Usage | null;
};

/** What a predictor was given and what it gave. */
export type PredictorCall = {
  /** The predictor's place in the program, for example `answer.predict`. */
  path: string;
  input: JsonObject;
  /** As the model wrote it, read by type; null: it failed. */
  output: JsonObject | null;
  error: string | null;
  /** Which of several tries; 0: the first. */
  rollout: number;
  /** false: of a try that was thrown away, so that it shows nothing of how the output came about. */
  kept: boolean;
  asks: PredictorAsk[];
};

/** What is different in one call of a part. */
export type CallOptions = {
  /** Another number is another sample, also where answers are cached and where a seed decides. */
  rollout?: number;
  /** Members of the request, over the candidate's. */
  parameters?: JsonObject;
  /** Over the candidate, by path within the part. */
  candidate?: Candidate;
  /** Advice by the predictor's path within the part, as one more input. */
  hints?: Readonly<Record<string, string>>;
};

/** Where a module runs: what it may ask, and as what it stands in the program. */
export type Scope = {
  world: ProgramWorld;
  /** Of the module itself; empty: it is the program. */
  path: string;
  /** Of the whole program, by path. */
  candidate: Candidate;
  /** In the order in which they began; those of a try when it ends. */
  calls: PredictorCall[];
  rollout: number;
  parameters: JsonObject;
  /** By whole path. */
  hints: Readonly<Record<string, string>>;
};

/** A part of a program, or all of it. It holds no state: what is tunable comes by the scope. */
export type Module<Input, Output> = {
  readonly parts: Readonly<Record<string, AnyModule>>;
  /** Of a predictor. */
  readonly signature: Signature | null;
  /** What it may be tuned in, itself, and what that is unless a candidate says otherwise; null: nothing. */
  readonly defaults: Tunables | null;
  /** What `withCandidate` laid over it. */
  readonly overlay: Candidate;
  /** What a server can make it again of (`ProgramData`), but for what is tunable; null: it holds code. */
  readonly data: JsonObject | null;
  forward(input: Input, scope: Scope): Promise<Output>;
};
// biome-ignore lint/suspicious/noExplicitAny: whatever goes in and comes out
export type AnyModule = Module<any, any>;
/** A program is a module that is run. */
export type Program<Input = JsonObject, Output = JsonObject> = Module<Input, Output>;
export type InputOfModule<M> = M extends Module<infer I, unknown> ? I : never;
export type OutputOfModule<M> = M extends Module<never, infer O> ? O : never;

/** @throws WheelhouseError `invalid_request` where the world has none */
export function sandboxOf({ sandbox }: ProgramWorld, what: string): Sandbox {
  if (sandbox) return sandbox;
  throw new WheelhouseError('invalid_request', `${what} needs a sandbox.`, {
    ...{ param: 'sandbox', hint: 'programWorld brings that of the server; give another world one of its own.' },
  });
}

export const joinPath = (path: string, part: string): string => (path === '' ? part : `${path}.${part}`);

/** What is said by path within a part, by path within the program. */
const inside = <T>(path: string, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(named).map(([at, value]) => [at === '' ? path : joinPath(path, at), value]));

/** Runs a part in its place. @throws the signal's reason when it aborts */
export function callPart<I, O>(
  scope: Scope,
  name: string,
  part: Module<I, O>,
  input: I,
  options: CallOptions = {},
): Promise<O> {
  const { signal } = scope.world;
  if (signal.aborted) return Promise.reject(signal.reason);
  const path = joinPath(scope.path, name);
  return part.forward(input, {
    ...scope,
    path,
    candidate: options.candidate ? overlay(scope.candidate, inside(path, options.candidate)) : scope.candidate,
    rollout: options.rollout ?? scope.rollout,
    parameters: { ...scope.parameters, ...options.parameters },
    hints: { ...scope.hints, ...inside(path, options.hints ?? {}) },
  });
}

/** Does something of which the calls are thrown away unless it is kept. */
export async function attempt<T>(
  scope: Scope,
  work: (inside: Scope) => Promise<T>,
): Promise<
  { calls: PredictorCall[]; keep(): void } & ({ ok: true; value: T } | { ok: false; error: WheelhouseError })
> {
  const calls: PredictorCall[] = [];
  let kept: PredictorCall[] = [];
  const settle = () => {
    // Not those of tries within it that were thrown away there.
    kept = calls.filter((call) => call.kept);
    for (const call of kept) call.kept = false;
    scope.calls.push(...calls);
  };
  const keep = () => {
    for (const call of kept) call.kept = true;
  };
  try {
    const value = await work({ ...scope, calls });
    settle();
    return { ok: true, value, calls, keep };
  } catch (error) {
    settle();
    if (scope.world.signal.aborted || !(error instanceof WheelhouseError)) throw error;
    return { ok: false, error, calls, keep };
  }
}

/** The tunables of the module itself. */
export const tunablesOf = (scope: Scope): Tunables => scope.candidate[scope.path] ?? {};

/** @throws WheelhouseError `invalid_request` where the candidate has a threshold that is no number */
export function thresholdOf(scope: Scope, name: string, fallback: number): number {
  const value = tunablesOf(scope).thresholds?.[name] ?? fallback;
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new WheelhouseError('invalid_request', `\`${scope.path}\`: the threshold \`${name}\` is no number.`);
}

/** What makes a module of its parts and what it does with them. */
export function defineModule<I, O>(given: {
  parts?: Readonly<Record<string, AnyModule>>;
  signature?: Signature;
  defaults?: Tunables;
  data?: JsonObject | null;
  forward(input: I, scope: Scope): Promise<O>;
}): Module<I, O> {
  const { parts = {}, signature = null, defaults = null, data = null, forward } = given;
  return { parts, signature, defaults, overlay: {}, data, forward };
}

type Parts = Readonly<Record<string, AnyModule>>;
/** A program's parts as functions. */
export type Bound<P extends Parts> = {
  [K in keyof P]: (input: InputOfModule<P[K]>, options?: CallOptions) => Promise<OutputOfModule<P[K]>>;
};

/**
 * A program of your own: modules by name, and a function that calls them. Each keeps its name, by which a candidate and
 * the traces know it.
 */
export function compose<P extends Parts, I, O>(
  parts: P,
  forward: (input: I, parts: Bound<P>, scope: Scope) => Promise<O> | O,
): Module<I, O> {
  return defineModule<I, O>({
    parts,
    async forward(input, scope) {
      const bound = Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [
          name,
          (given: unknown, options?: CallOptions) => callPart(scope, name, part, given, options),
        ]),
      );
      return forward(input, bound as Bound<P>, scope);
    },
  });
}
