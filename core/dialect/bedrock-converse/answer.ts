import type { FinishReason, ModelAnswer, ModelPart } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { readBedrockUsage } from '../../trace/index.ts';
import { argumentsObject, argumentsText } from '../arguments.ts';
import { markSignature, shownSignature } from '../signature.ts';

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const reasons = new Map<Json, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'toolCalls'],
  ['guardrail_intervened', 'contentFilter'],
  ['content_filtered', 'contentFilter'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
]);

export const readStopReason = (reason: Json | undefined): FinishReason | null =>
  typeof reason === 'string' ? (reasons.get(reason) ?? 'stop') : null;

const stopReasons: Record<FinishReason, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  toolCalls: 'tool_use',
  contentFilter: 'content_filtered',
  refusal: 'content_filtered',
  pause: 'end_turn',
  error: 'malformed_model_output',
};

export const writeStopReason = (reason: FinishReason, stopSequence: string | null): string =>
  reason === 'stop' && stopSequence !== null ? 'stop_sequence' : stopReasons[reason];

/** None for blocks that nobody asked for in another dialect. */
function readBlock(block: JsonObject): ModelPart[] {
  if (typeof block.text === 'string') return [{ type: 'text', text: block.text }];
  if (isJsonObject(block.toolUse)) {
    const { toolUseId, name, input } = block.toolUse;
    return [{ type: 'toolCall', id: textOf(toolUseId), name: textOf(name), arguments: argumentsText(input) }];
  }
  if (!isJsonObject(block.reasoningContent)) return [];
  const { reasoningText, redactedContent } = block.reasoningContent;
  if (isJsonObject(reasoningText)) {
    const signature = markSignature('anthropic', textOf(reasoningText.signature));
    return [{ type: 'reasoning', text: textOf(reasoningText.text), signature, redacted: null }];
  }
  const redacted = markSignature('anthropic', textOf(redactedContent));
  return [{ type: 'reasoning', text: '', signature: null, redacted }];
}

export const tierOf = (body: JsonObject): string | null =>
  isJsonObject(body.serviceTier) && typeof body.serviceTier.type === 'string' ? body.serviceTier.type : null;

/** A whole answer of Converse, which names neither itself nor its model. */
export function readConverseAnswer(body: JsonObject): ModelAnswer {
  const output = isJsonObject(body.output) ? body.output : {};
  const message = isJsonObject(output.message) ? output.message : {};
  const blocks = Array.isArray(message.content) ? message.content.filter(isJsonObject) : [];
  const finishReason = readStopReason(body.stopReason);
  return {
    id: '',
    model: '',
    created: 0,
    choices: [{ index: 0, parts: blocks.flatMap(readBlock), finishReason, stopSequence: null, logprobs: null }],
    usage: readBedrockUsage(body.usage),
    serviceTier: tierOf(body),
  };
}

function writePart(part: ModelPart): JsonObject[] {
  if (part.type === 'text' || part.type === 'refusal') return part.text === '' ? [] : [{ text: part.text }];
  if (part.type === 'toolCall')
    return [{ toolUse: { toolUseId: part.id, name: part.name, input: argumentsObject(part) } }];
  if (part.type !== 'reasoning') return [];
  const redactedContent = shownSignature('anthropic', part.redacted);
  if (redactedContent !== null) return [{ reasoningContent: { redactedContent } }];
  const signature = shownSignature('anthropic', part.signature);
  return [{ reasoningContent: { reasoningText: { text: part.text, ...(signature === null ? {} : { signature }) } } }];
}

/** Counts as Bedrock has them: the parts of the input apart. */
export function writeUsage(usage: Usage | null): JsonObject {
  const counts = usage?.counts ?? {};
  const { cacheWrite5m = 0, cacheWrite1h = 0, cacheRead = 0 } = counts;
  const inputTokens = (counts.inputUncached ?? 0) + (counts.inputAudio ?? 0) + (counts.inputImage ?? 0);
  const outputTokens = (counts.outputText ?? 0) + (counts.reasoning ?? 0) + (counts.outputAudio ?? 0);
  const details = [
    { ttl: '1h', inputTokens: cacheWrite1h },
    { ttl: '5m', inputTokens: cacheWrite5m },
  ].filter((detail) => detail.inputTokens > 0);
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens + cacheRead + cacheWrite5m + cacheWrite1h,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite5m + cacheWrite1h,
    ...(details.length === 0 ? {} : { cacheDetails: details }),
  };
}

export function writeConverseAnswer(answer: ModelAnswer): JsonObject {
  const [choice] = answer.choices;
  const reason = choice?.finishReason ?? 'stop';
  return {
    output: { message: { role: 'assistant', content: (choice?.parts ?? []).flatMap(writePart) } },
    stopReason: writeStopReason(reason, choice?.stopSequence ?? null),
    usage: writeUsage(answer.usage),
    metrics: { latencyMs: 0 },
    ...(answer.serviceTier === null ? {} : { serviceTier: { type: answer.serviceTier } }),
  };
}
