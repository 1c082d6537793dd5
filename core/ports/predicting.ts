import type { Json, JsonObject, SpanKind } from '../records/index.ts';
import type { CancelSignal, SchemaChecker } from './world.ts';

/** What a model is asked. */
export type PredictInput = {
  /** Fits the signature's input. */
  input: Json;
  /** A conversation in the form of OpenAI's chat, for models that take one: after their own messages. */
  messages: Json[];
  /** Fits the signature's parameters; for a flavor of one call, request members such as `temperature`. */
  parameters: JsonObject;
};

/** Takes a piece of the answer's text as soon as it is there. The pieces together are the whole text. */
export type OnText = (piece: string) => void;

export type HttpAsk = {
  method: string;
  /** Absolute; or a path at the provider when one is named. */
  url: string;
  /** A provider of the project, whose address and key are taken. */
  provider: string | null;
  headers: Record<string, string>;
  body: string | null;
  timeoutMs: number;
  /** Given, the body of an answer below 400 goes there as it comes, and the answer's own is empty. */
  onText: OnText | null;
};
export type HttpAnswer = { status: number; headers: Record<string, string>; body: string };

export type PredictStep = {
  /** Where it stands in the definition, for example `triage` or `each[2].draft`; unique within the run. */
  path: string;
  kind: SpanKind;
  /** With the path, what a finished step is known by when a run is resumed. */
  input: Json;
};

/**
 * What a model that is more than one call asks of the world. Everything is governed, and traced below the step that it
 * is asked in.
 */
export type PredictWorld = {
  checker: SchemaChecker;
  signal: CancelSignal;
  /** Any model by the name that an OpenAI client would use. `text`: the answer as it was written. */
  callModel(model: string, ask: PredictInput, onText: OnText | null): Promise<{ output: Json; text: string }>;
  /** @throws WheelhouseError `upstream_unreachable` and the like; a status is no error */
  callHttp(ask: HttpAsk): Promise<HttpAnswer>;
  /** Calls `main(input)` of a module text in a sandbox without a clock, a network or files. */
  runCode(source: string, input: Json): Promise<Json>;
  /** A version of flavor *code*, where it is served now. */
  callHost(ask: PredictInput, onText: OnText | null): Promise<Json>;
  /** Does work as a step; one that an earlier run finished with the same input is not done again. */
  step(step: PredictStep, work: (inside: PredictWorld) => Promise<Json>): Promise<Json>;
  /** @throws the signal's reason when it aborts */
  sleep(ms: number): Promise<void>;
};
