import type { FailureKind, JsonObject, JsonSchema, Usage } from '../records/index.ts';

/** What a conversation with a model looks like on the wire; one folder of `core/dialect` each. */
export const dialects = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
] as const;
export type Dialect = (typeof dialects)[number];

export type MediaSource =
  | { kind: 'url'; url: string }
  /** Base64, without the `data:` prefix. */
  | { kind: 'data'; data: string }
  | { kind: 'file'; fileId: string };

export type ModelPart =
  | { type: 'text'; text: string; cacheControl?: JsonObject }
  | {
      type: 'image' | 'audio' | 'file';
      source: MediaSource;
      mediaType: string | null;
      name: string | null;
      detail: string | null;
      cacheControl?: JsonObject;
    }
  /** `arguments`: the JSON text as the model wrote it, so that nothing is rounded. */
  | { type: 'toolCall'; id: string; name: string; arguments: string; cacheControl?: JsonObject }
  | {
      type: 'toolResult';
      id: string;
      /** Gemini answers by name; null where the dialect does not say. */
      name: string | null;
      parts: ModelPart[];
      isError: boolean;
      cacheControl?: JsonObject;
    }
  /** `signature` and `redacted` go back to the vendor that made them, unread. */
  | { type: 'reasoning'; text: string; signature: string | null; redacted: string | null }
  | { type: 'refusal'; text: string };

export type ModelMessage = {
  role: 'system' | 'user' | 'assistant' | 'tool';
  parts: ModelPart[];
  /** Which of several speaks; a dialect without names leaves it out. */
  name?: string;
};

export type ModelTool = {
  name: string;
  description: string | null;
  parameters: JsonSchema | null;
  strict: boolean | null;
  cacheControl?: JsonObject;
};

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'schema'; name: string; description: string | null; schema: JsonSchema; strict: boolean | null };

/**
 * A request in normal form: what every dialect is read into and written from. null: not said. What one dialect alone
 * knows stays in `extra` under its own name; it goes on to a vendor of the same dialect, any other refuses it by name.
 */
export type ModelRequest = {
  /** The model's name at the vendor. */
  model: string;
  messages: ModelMessage[];
  tools: ModelTool[];
  /** `required`: some tool; `tool`: this one. */
  toolChoice: { type: 'auto' | 'none' | 'required' } | { type: 'tool'; name: string } | null;
  parallelToolCalls: boolean | null;
  output: OutputFormat;
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  stop: string[];
  seed: number | null;
  frequencyPenalty: number | null;
  presencePenalty: number | null;
  /** Alternatives a token; 0: of the chosen token only. */
  logprobs: number | null;
  /** How many answers. */
  n: number | null;
  reasoning: { effort: string | null; budgetTokens: number | null; summary: string | null } | null;
  /** Who the end user is, for the vendor's abuse checks. */
  user: string | null;
  metadata: JsonObject;
  serviceTier: string | null;
  stream: boolean;
  extra: JsonObject;
};

export const finishReasons = ['stop', 'length', 'toolCalls', 'contentFilter', 'refusal', 'pause', 'error'] as const;
export type FinishReason = (typeof finishReasons)[number];

export type ModelChoice = {
  index: number;
  parts: ModelPart[];
  finishReason: FinishReason | null;
  stopSequence: string | null;
  /** In the form of OpenAI's `logprobs.content`. */
  logprobs: JsonObject[] | null;
};

export type ModelAnswer = {
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
  choices: ModelChoice[];
  usage: Usage | null;
  serviceTier: string | null;
};

/** A streamed answer in normal form. Parts of a choice are numbered from 0; each is opened once, then grows, then closes. */
export type ModelEvent =
  | { type: 'start'; id: string; model: string; created: number; usage: Usage | null }
  | {
      type: 'partStart';
      choice: number;
      part: number;
      kind: 'text' | 'reasoning' | 'refusal' | 'toolCall';
      /** Of a tool call. */
      id: string | null;
      name: string | null;
    }
  /** `text`: a piece of the text, or of the JSON text of a tool call's arguments. */
  | { type: 'partDelta'; choice: number; part: number; text: string; logprobs?: JsonObject[] }
  /** Belongs to a reasoning part. */
  | { type: 'signature'; choice: number; part: number; signature: string | null; redacted: string | null }
  | { type: 'partEnd'; choice: number; part: number }
  | { type: 'finish'; choice: number; reason: FinishReason; stopSequence: string | null }
  | { type: 'usage'; usage: Usage; serviceTier: string | null }
  | { type: 'error'; failure: VendorFailure };

/** Why a vendor did not answer; what may be done about it depends on the kind alone. */
export type VendorFailure = { kind: FailureKind; message: string; code: string | null };

/**
 * What a vendor's model cannot do, so that a request is refused by name instead of being changed. Members are those of
 * {@link ModelRequest}, `image`, `audio`, `file` for parts, and `schema` for an output that follows one.
 */
export type Capabilities = {
  refuses: readonly string[];
  needsMaxTokens: number | null;
  /**
   * Members of the body, as its dialect spells them, that this vendor has under another name; null: it knows none like it
   * and does without. Applied to what is translated and to what passes in the same dialect: `renameMembers` does it.
   */
  renames?: Readonly<Record<string, string | null>>;
};
