import type {
  Caller,
  Json,
  JsonObject,
  ModelRef,
  Nanos,
  NanoUsd,
  Span,
  TraceId,
  Usage,
  WheelhouseError,
} from '../records/index.ts';
import type { HttpAnswer, HttpAsk, OnText, PredictInput } from './predicting.ts';
import type { CancelSignal } from './world.ts';

/** What a caller says of a call beside what is asked; it stands on every span that the call makes. */
export type CallLabels = { tags: string[]; user: string | null; session: string | null; metadata: JsonObject };

/** In whose name, and below which span. */
type Origin = {
  by: Caller;
  labels: CallLabels;
  traceparent: string | null;
  /** Written on the span, when an evaluation makes the call. */
  run: Span['run'];
};

export type PredictRequest = Origin & {
  /** Any model by the name that an OpenAI client would use. */
  model: string;
  /** As it came; not checked against the signature yet. */
  ask: PredictInput;
  userAgent: string | null;
  /** Tells this request from others, where two versions share an alias and nothing else does. */
  draw?: string;
  /** Longest time for all of it; null: each call in it has its own bounds. */
  deadlineMs: number | null;
  /** A trace whose runs finished some steps; they are not done again. */
  resume: TraceId | null;
  signal: CancelSignal;
  /** Called at most once, before any text. */
  onStart: ((traceId: TraceId) => void) | null;
  onText: OnText | null;
};

/** What a call took, whatever became of it. */
type Taken = {
  /** null: it was refused before anything was traced. */
  traceId: TraceId | null;
  latencyNs: Nanos;
  /** Of all calls in it; null: nothing in it has a price. */
  costNanoUsd: NanoUsd | null;
  usage: Usage | null;
};

export type Predicted = Taken & {
  /** null: a base model. */
  model: ModelRef | null;
} & (
    | {
        ok: true;
        output: Json;
        text: string;
        /** Of one call, in the form of OpenAI's `logprobs.content`, where they were asked for and came. */
        logprobs?: JsonObject[];
      }
    | {
        ok: false;
        error: WheelhouseError;
        /** What came, where it came and does not fit. */
        text: string | null;
      }
  );

/** Asks any model, whatever it is inside: governed, traced, its input and output checked against its signature. */
export type Predictor = {
  /** Never rejects: whoever asks many things at once wants each answer. */
  predict(request: PredictRequest): Promise<Predicted>;
};

/** A request of OpenAI's chat, for a model that is one call. */
export type ModelAsk = Origin & {
  body: JsonObject;
  /** As in {@link PredictRequest}. */
  draw?: string;
  userAgent: string | null;
  deadlineMs: number | null;
  signal: CancelSignal;
  onStart: ((traceId: TraceId) => void) | null;
  onText: OnText | null;
};
export type ModelReply = Taken &
  ({ ok: true; text: string; logprobs: JsonObject[] | null } | { ok: false; error: WheelhouseError });

/** Asks a base model through the gateway, from inside: what HTTP callers get, without HTTP. */
export type AskModel = (ask: ModelAsk) => Promise<ModelReply>;

export type HttpRequest = HttpAsk & { by: Caller; traceparent: string; signal: CancelSignal };

/** Calls any HTTP API, a provider of the project with its key included. A status is no error. */
export type HttpCaller = {
  /** @throws WheelhouseError `upstream_unreachable`, `upstream_timeout`, `upstream_cut`, `invalid_request` */
  call(request: HttpRequest): Promise<HttpAnswer>;
};

/** Runs code that anybody may have written, away from everything. */
export type Sandbox = {
  /**
   * The answer of `main(input)` of a module text.
   * @param limits what it may take, where that is less than what anything may
   * @throws WheelhouseError `code_failed` when the code throws, takes too long or too much memory
   */
  run(source: string, input: Json, signal: CancelSignal, limits?: { ms: number; bytes: number }): Promise<Json>;
};
