import type { FinishReason, ModelAnswer, ModelPart } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { readAnthropicUsage } from '../../trace/index.ts';
import { argumentsObject, argumentsText } from '../arguments.ts';
import type { AnswerFrame } from '../codec.ts';
import { markSignature, shownSignature } from '../signature.ts';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const reasons = new Map<Json, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'toolCalls'],
  ['pause_turn', 'pause'],
  ['refusal', 'refusal'],
]);

export const readStopReason = (reason: Json | undefined): FinishReason | null =>
  reason === undefined || reason === null ? null : (reasons.get(reason) ?? 'stop');

const stopReasons: Record<FinishReason, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  toolCalls: 'tool_use',
  contentFilter: 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
};

const writeStopReason = (reason: FinishReason | null, stopSequence: string | null): string | null =>
  reason === 'stop' && stopSequence !== null ? 'stop_sequence' : reason === null ? null : stopReasons[reason];

/** None for blocks of tools that run at Anthropic, which nobody asked for in another dialect. */
function readBlock(block: JsonObject): ModelPart[] {
  if (block.type === 'text') return [{ type: 'text', text: textOf(block.text) }];
  if (block.type === 'thinking') {
    const signature = markSignature('anthropic', textOf(block.signature));
    return [{ type: 'reasoning', text: textOf(block.thinking), signature, redacted: null }];
  }
  if (block.type === 'redacted_thinking')
    return [{ type: 'reasoning', text: '', signature: null, redacted: markSignature('anthropic', textOf(block.data)) }];
  if (block.type !== 'tool_use') return [];
  return [{ type: 'toolCall', id: textOf(block.id), name: textOf(block.name), arguments: argumentsText(block.input) }];
}

export const tierOf = (usage: Json | undefined): string | null =>
  isJsonObject(usage) && typeof usage.service_tier === 'string' ? usage.service_tier : null;

/** A whole `message`. */
export function readMessage(body: JsonObject): ModelAnswer {
  const blocks = Array.isArray(body.content) ? body.content.filter(isJsonObject) : [];
  return {
    id: textOf(body.id),
    model: textOf(body.model),
    created: 0,
    choices: [
      {
        index: 0,
        parts: blocks.flatMap(readBlock),
        finishReason: readStopReason(body.stop_reason),
        stopSequence: textOf(body.stop_sequence) || null,
        logprobs: null,
      },
    ],
    usage: readAnthropicUsage(body.usage),
    serviceTier: tierOf(body.usage),
  };
}

function writePart(part: ModelPart): JsonObject[] {
  if (part.type === 'text' || part.type === 'refusal')
    return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  if (part.type === 'reasoning') {
    const data = shownSignature('anthropic', part.redacted);
    if (data !== null) return [{ type: 'redacted_thinking', data }];
    return [{ type: 'thinking', thinking: part.text, signature: shownSignature('anthropic', part.signature) ?? '' }];
  }
  return part.type === 'toolCall' ? [toolUse(part.id, part.name, argumentsObject(part))] : [];
}

/** `caller`: the model itself, which is all that other vendors know. */
export const toolUse = (id: string, name: string, input: JsonObject): JsonObject => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
});

/** Counts as Anthropic has them: the parts of the input apart, thinking within the output. */
export function writeUsage(usage: Usage | null): JsonObject {
  const counts = usage?.counts ?? {};
  const { cacheWrite5m = 0, cacheWrite1h = 0, reasoning = 0 } = counts;
  return {
    input_tokens: (counts.inputUncached ?? 0) + (counts.inputAudio ?? 0) + (counts.inputImage ?? 0),
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: counts.cacheRead ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: (counts.outputText ?? 0) + reasoning + (counts.outputAudio ?? 0),
    output_tokens_details: reasoning === 0 ? null : { thinking_tokens: reasoning },
    server_tool_use: null,
  };
}

const tiers = new Set(['standard', 'priority', 'batch']);

export const writeMessageUsage = (usage: Usage | null, serviceTier: string | null): JsonObject => ({
  ...writeUsage(usage),
  service_tier: serviceTier !== null && tiers.has(serviceTier) ? serviceTier : 'standard',
  inference_geo: null,
  speed: null,
});

export type Ending = { reason: FinishReason | null; stopSequence: string | null };

/** Members of a message, and of its last delta, that say how it ended. */
export const writeEnding = ({ reason, stopSequence }: Ending): JsonObject => ({
  stop_reason: writeStopReason(reason, stopSequence),
  stop_sequence: stopSequence,
  stop_details:
    reason === 'refusal' || reason === 'contentFilter' ? { type: 'refusal', category: null, explanation: null } : null,
  container: null,
});

export function writeMessage(answer: ModelAnswer, frame: AnswerFrame): JsonObject {
  const [choice] = answer.choices;
  return {
    id: `msg_${frame.id}`,
    type: 'message',
    role: 'assistant',
    model: frame.model,
    content: (choice?.parts ?? []).flatMap(writePart),
    ...writeEnding({ reason: choice?.finishReason ?? null, stopSequence: choice?.stopSequence ?? null }),
    diagnostics: null,
    usage: writeMessageUsage(answer.usage, answer.serviceTier),
  };
}
