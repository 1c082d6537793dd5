import type { Json, JsonObject, Signature } from '@wheelhouse/core/records';

/** What a served function knows of the call besides its input. */
export type ServeContext = {
  /** A conversation in the form of OpenAI's chat; empty when it was called without one. */
  messages: Json[];
  /** How to answer, as the signature's `parameters` say. */
  parameters: JsonObject;
  /** The header that puts what the function calls below its own span: send it along. */
  traceparent: string | null;
  /** Ends when nobody waits for the answer any more. */
  signal: AbortSignal;
};

/**
 * A function that answers. What it returns is the output; where it yields text, the pieces together are.
 * Input and output were and will be checked against the signature, by the server.
 */
// The input is what the signature says, which TypeScript cannot know here.
// biome-ignore lint/suspicious/noExplicitAny: each function says what it takes
export type ServedFunction = (input: any, context: ServeContext) => unknown;

/** What a module may export, for `wheelhouse serve` to make a model of it. */
export type ServedModel = {
  predict: ServedFunction;
  signature?: Partial<Signature>;
  /** An input that it takes. */
  example?: Json;
  description?: string;
};

type Generator = { constructor: { name: string } };

/** Whether it yields its answer in pieces. */
export const yieldsText = (predict: ServedFunction): boolean =>
  (predict as unknown as Generator).constructor.name === 'AsyncGeneratorFunction' ||
  (predict as unknown as Generator).constructor.name === 'GeneratorFunction';
