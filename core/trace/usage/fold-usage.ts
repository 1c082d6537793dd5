import { isJsonObject, type JsonObject, type Usage } from '../../records/index.ts';
import { mergeAnthropicUsage, readAnthropicUsage } from './anthropic.ts';
import { readGeminiUsage } from './gemini.ts';
import { readOpenAiUsage } from './openai.ts';
import { readResponsesUsage } from './openai-responses.ts';

export type UsageFold = {
  /** A whole answer, or one event of a stream. */
  add(json: unknown): void;
  /** null while nothing told any. */
  result(): Usage | null;
};

const responsesOnly = ['input_tokens_details', 'output_tokens_details', 'input_token_details', 'output_token_details'];

/** OpenAI's responses and Anthropic's messages name their totals alike; only what lies beside them differs. */
const isResponsesUsage = (usage: JsonObject): boolean =>
  usage.total_tokens !== undefined || responsesOnly.some((key) => isJsonObject(usage[key]));

function readUsage(usage: JsonObject): Usage | null {
  if (usage.prompt_tokens !== undefined || usage.completion_tokens !== undefined) return readOpenAiUsage(usage);
  return isResponsesUsage(usage) ? readResponsesUsage(usage) : readAnthropicUsage(usage);
}

/**
 * The usage that an answer tells, whichever of these vendors' shapes it has, whole or streamed: OpenAI chat completions
 * and responses, Anthropic messages, Gemini. The last to tell wins; it never throws.
 */
export function createUsageFold(): UsageFold {
  let usage: Usage | null = null;
  let anthropic: JsonObject = {};
  return {
    add(json) {
      if (!isJsonObject(json)) return;
      // Streams of responses and of messages wrap what they tell about the whole.
      const whole = isJsonObject(json.response) ? json.response : isJsonObject(json.message) ? json.message : json;
      const told = whole.usage ?? json.usage;
      if (json.type === 'message_start' || json.type === 'message_delta') {
        anthropic = mergeAnthropicUsage(anthropic, told);
        usage = readAnthropicUsage(anthropic) ?? usage;
      } else if (isJsonObject(told)) usage = readUsage(told) ?? usage;
      else usage = readGeminiUsage(whole.usageMetadata) ?? usage;
    },
    result: () => usage,
  };
}

/** The usage that a whole answer tells. */
export function readAnswerUsage(json: unknown): Usage | null {
  const fold = createUsageFold();
  fold.add(json);
  return fold.result();
}
