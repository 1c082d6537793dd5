import type { ModelId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** JSON Schema 2020-12. */
export type JsonSchema = JsonObject;
export type Signature = { input: JsonSchema; output: JsonSchema };

export type PromptMessage = { role: 'system' | 'developer' | 'user' | 'assistant'; content: string };

/** Flavor *prompt*: Mustache message templates, sent before the caller's own messages, to a base model with parameters. */
export type PromptDefinition = {
  flavor: 'prompt';
  /** `provider/model`, for example `openai/gpt-4o-mini` or `sim/echo`. */
  baseModel: string;
  messages: PromptMessage[];
  /** Request members such as `temperature`; what the caller sends wins. */
  parameters: JsonObject;
};

/** What a version is inside; one member a flavor. */
export type ModelDefinition = PromptDefinition;

export type Alias = { alias: string; version: number; movedAt: string };

export type Model = {
  id: ModelId;
  name: string;
  description: string;
  /** Highest version number; 0 before the first. */
  latest: number;
  aliases: Alias[];
  createdAt: string;
};

/** Immutable. The hash covers definition and signature, so that equal content has equal hash. */
export type ModelVersion = {
  modelId: ModelId;
  number: number;
  hash: string;
  definition: ModelDefinition;
  signature: Signature;
  message: string;
  createdAt: string;
};

export type AuditEntry = {
  id: string;
  at: string;
  actor: string;
  action: string;
  subject: string;
  detail: JsonObject;
};
