import type { Caller, ErrorCode, Json, JsonObject, Nanos, NanoUsd, TraceId, Usage } from '../records/index.ts';
import type { OnText } from './predicting.ts';
import type { CancelSignal } from './world.ts';

export type ModelInput = {
  /** Appended after the model's own messages. */
  messages: Json[];
  /** For the model's templates. */
  variables: JsonObject;
};

export type ModelRunOptions = {
  signal: CancelSignal;
  /** Members of the request such as `temperature`; for a model that is more than one call, its own parameters. */
  parameters?: JsonObject;
  /** Gets the answer's text in pieces as it comes; all of it is in the outcome as well. */
  onText?: OnText;
  /** What in a program asks, for traces: `read.predict`. */
  asker?: string;
  /** Written on the span, when an evaluation makes the call. */
  run?: { runId: string; exampleId: string; repetition: number };
  /** Of the trace. */
  tags?: string[];
};

/** What a call took beside its time and money; null, or left out: not known. */
type Counted = { usage?: Usage | null };

export type ModelOutcome = Counted &
  (
    | {
        ok: true;
        text: string;
        /** Of the text, in the form of OpenAI's `logprobs.content`, where they were asked for and came. */
        logprobs?: JsonObject[];
        traceId: TraceId;
        latencyNs: Nanos;
        costNanoUsd: NanoUsd | null;
      }
    | {
        ok: false;
        error: string;
        /** Which row of the error table it is, where the runner knows. */
        code?: ErrorCode;
        traceId: TraceId;
        latencyNs: Nanos;
        costNanoUsd: NanoUsd | null;
        /** There when it was refused because there were too many calls: it may be asked again later. */
        limited?: { retryAfterMs: number | null };
      }
  );

/** Calls any model by the name that an OpenAI client would use; every call is traced. */
export type ModelRunner = {
  run(model: string, input: ModelInput, options: ModelRunOptions): Promise<ModelOutcome>;
};

export type InnerRequest = {
  by: Caller;
  /** An endpoint of the gateway, for example `/v1/chat/completions`. */
  path: string;
  /** JSON; not streamed. */
  body: string;
  signal: CancelSignal;
};

export type InnerAnswer = {
  status: number;
  requestId: string;
  /** JSON, of errors too. */
  body: string;
  /** When to come back, where the answer says so. */
  retryAfterMs: number | null;
};

/** Calls an endpoint of the gateway from inside, governed and traced like any call; resolves with errors as answers. */
export type InnerCall = (request: InnerRequest) => Promise<InnerAnswer>;
