import { type ClientOptions, createClient } from '../client/index.ts';
import { createModelCaller, type ModelCaller } from './model-caller.ts';
import { createPrompt, type Prompt, type PromptOptions } from './prompt-reader.ts';

export type Models = {
  /** Any model by the name that an OpenAI client would use: `support-bot@production`, `support-bot@7`. */
  model<Input = unknown, Output = unknown>(ref: string): ModelCaller<Input, Output>;
  /** A registered prompt, for applications that call vendors themselves. Keep it: it remembers what it read. */
  prompt<Variables extends object = Record<string, unknown>>(ref: string, options: PromptOptions): Prompt<Variables>;
};

/** Models and prompts of a server, from Node, edge and browsers. */
export function createModels(options: ClientOptions = {}): Models {
  const client = createClient(options);
  const nowMs = () => performance.now();
  return {
    model: (ref) => createModelCaller(ref, options),
    prompt: (ref, promptOptions) => createPrompt(ref, promptOptions, { client, nowMs }),
  };
}
