import type { z } from 'zod';
import type { OnText, PredictInput, PredictWorld, SchemaChecker } from '../ports/index.ts';
import type { Json, JsonObject, ModelDefinition, ModelVersion, Signature } from '../records/index.ts';

/** A registered version by the name that callers use (`name@alias`, `name@2`); null: there is none. */
export type FindVersion = (ref: string) => ModelVersion | null;

/** What flavors know of everything else. */
export type FlavorContext = { checker: SchemaChecker; find: FindVersion };

/** A request for the base model, in the form of OpenAI's chat. */
export type DirectRequest = {
  /** Sent before the caller's own. */
  messages: JsonObject[];
  /** Request members; what the caller sends wins. */
  parameters: JsonObject;
};

type Common<D extends ModelDefinition> = {
  name: D['flavor'];
  /** The definition's form; what it cannot say is checked by {@link Common.check}. */
  schema: z.ZodType<D>;
  /** Other models that it names, as it names them. */
  references(definition: D): string[];
  /** Whether it asks more than models, itself: APIs, code where it lives, tools that a vendor calls. Those may act. */
  asksOutside(definition: D): boolean;
  /** The signature of a definition that came without one. */
  infer(definition: D, context: FlavorContext): Signature;
  /** @throws WheelhouseError `invalid_request` that names the member */
  check(definition: D, signature: Signature, context: FlavorContext): void;
};

/** A flavor whose answer is one call of its base model: it passes the gateway as any call does. */
export type DirectFlavor<D extends ModelDefinition> = Common<D> & {
  runs: 'direct';
  /** @param input checked against the signature */
  request(definition: D, input: JsonObject, context: FlavorContext): DirectRequest;
};

/** What a model answered. `text`: as a chat client reads it, which is what was streamed where it was. */
export type Prediction = { output: Json; text: string };

/** A flavor that is more than one call, or none. */
export type SteppedFlavor<D extends ModelDefinition> = Common<D> & {
  runs: 'stepped';
  /** @param ask checked against the signature. Whoever gives `onText` gets the text of the answer in pieces. */
  predict(definition: D, ask: PredictInput, world: PredictWorld, onText: OnText | null): Promise<Prediction>;
};

export type Flavor<D extends ModelDefinition = ModelDefinition> = DirectFlavor<D> | SteppedFlavor<D>;
