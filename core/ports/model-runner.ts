import type { Json, JsonObject, Nanos, NanoUsd, TraceId } from '../records/index.ts';
import type { CancelSignal } from './world.ts';

export type ModelInput = {
  /** Appended after the model's own messages. */
  messages: Json[];
  /** For the model's templates. */
  variables: JsonObject;
};

export type ModelRunOptions = {
  signal: CancelSignal;
  /** Written on the span, when an evaluation makes the call. */
  run?: { runId: string; exampleId: string; repetition: number };
};

export type ModelOutcome =
  | { ok: true; text: string; traceId: TraceId; latencyNs: Nanos; costNanoUsd: NanoUsd | null }
  | { ok: false; error: string; traceId: TraceId; latencyNs: Nanos; costNanoUsd: NanoUsd | null };

/** Calls any model by the name that an OpenAI client would use; every call is traced. */
export type ModelRunner = {
  run(model: string, input: ModelInput, options: ModelRunOptions): Promise<ModelOutcome>;
};
