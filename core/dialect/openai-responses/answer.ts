import type { FinishReason, ModelAnswer, ModelPart } from '../../ports/index.ts';
import {
  inputTokens,
  isJsonObject,
  type Json,
  type JsonObject,
  outputTokens,
  type Usage,
} from '../../records/index.ts';
import { readResponsesUsage } from '../../trace/index.ts';
import type { AnswerFrame } from '../codec.ts';
import { objectsOf, secondsOf, textOf, tierOf } from '../openai-chat/answer.ts';
import { given } from '../openai-chat/write-request.ts';
import { callItem, messageItem, outputText, readReasoningItem, reasoningItem, refusalContent } from './items.ts';
import { writeFormat, writeToolChoice, writeTools } from './write-request.ts';

function contentPart(content: JsonObject): ModelPart[] {
  const text = content.type === 'refusal' ? textOf(content.refusal) : textOf(content.text);
  return text === null ? [] : [{ type: content.type === 'refusal' ? 'refusal' : 'text', text }];
}

/** Items that only tools of OpenAI's own make have no counterpart. */
function itemParts(item: JsonObject): ModelPart[] {
  if (item.type === 'message') return objectsOf(item.content).flatMap(contentPart);
  if (item.type === 'reasoning') {
    const part = readReasoningItem(item);
    return part.text === '' && part.signature === null && part.redacted === null ? [] : [part];
  }
  if (item.type !== 'function_call') return [];
  const [id, name] = [textOf(item.call_id) ?? textOf(item.id) ?? '', textOf(item.name) ?? ''];
  return [{ type: 'toolCall', id, name, arguments: textOf(item.arguments) ?? '{}' }];
}

/** Why a response ended; here the status says less than the finish reason of other dialects. */
export function readStatus(response: JsonObject, kinds: ReadonlySet<string>): FinishReason {
  if (response.status === 'failed' || response.status === 'cancelled') return 'error';
  const details = isJsonObject(response.incomplete_details) ? response.incomplete_details : {};
  if (response.status === 'incomplete') return details.reason === 'content_filter' ? 'contentFilter' : 'length';
  if (kinds.has('toolCall')) return 'toolCalls';
  return kinds.has('refusal') && !kinds.has('text') ? 'refusal' : 'stop';
}

const logprobsOf = (output: readonly JsonObject[]): JsonObject[] | null => {
  const found = output.flatMap((item) => objectsOf(item.content)).flatMap(({ logprobs }) => objectsOf(logprobs));
  return found.length > 0 ? found : null;
};

/** A `response` in normal form. */
export function readResponsesAnswer(body: JsonObject): ModelAnswer {
  const output = objectsOf(body.output);
  const parts = output.flatMap(itemParts);
  const finishReason = readStatus(body, new Set(parts.map(({ type }) => type)));
  return {
    id: textOf(body.id) ?? '',
    model: textOf(body.model) ?? '',
    created: secondsOf(body.created_at),
    choices: [{ index: 0, parts, finishReason, stopSequence: null, logprobs: logprobsOf(output) }],
    usage: readResponsesUsage(body.usage),
    serviceTier: textOf(body.service_tier),
  };
}

function writeUsage(usage: Usage): JsonObject {
  const { counts } = usage;
  const [input, output] = [inputTokens(usage), outputTokens(usage)];
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: counts.cacheRead ?? 0,
      cache_write_tokens: (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: counts.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

export type ResponseEnd = {
  status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed';
  created: number;
  output: JsonObject[];
  usage: Usage | null;
  serviceTier: string | null;
  /** Why it is incomplete. */
  reason?: 'max_output_tokens' | 'content_filter';
  error?: { code: string; message: string };
};

/** A `response`, with what it repeats of its request. */
export function responseObject(frame: AnswerFrame, end: ResponseEnd): JsonObject {
  const { request } = frame;
  const [first] = request.messages;
  const instructions =
    first?.role === 'system' ? first.parts.map((part) => (part.type === 'text' ? part.text : '')) : [];
  const reasoning: Json = { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null };
  return {
    id: `resp_${frame.id}`,
    object: 'response',
    created_at: end.created || frame.created,
    status: end.status,
    background: false,
    error: end.error ?? null,
    incomplete_details: end.reason === undefined ? null : { reason: end.reason },
    instructions: instructions.join('\n') || null,
    max_output_tokens: request.maxTokens,
    model: frame.model,
    output: end.output,
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: null,
    reasoning,
    ...tierOf(end.serviceTier),
    temperature: request.temperature ?? 1,
    text: { format: writeFormat(request.output) },
    tool_choice: writeToolChoice(request.toolChoice),
    tools: writeTools(request.tools),
    top_p: request.topP ?? 1,
    truncation: 'disabled',
    ...(end.usage === null ? {} : { usage: writeUsage(end.usage) }),
    ...given({ user: request.user }),
    metadata: request.metadata,
  };
}

/** One that is made in the background, before it is. */
export const queuedResponse = (frame: AnswerFrame): JsonObject => ({
  ...responseObject(frame, { status: 'queued', created: frame.created, output: [], usage: null, serviceTier: null }),
  background: true,
});

/** How an answer ended, in the words of a response. */
export function writeStatus(reason: FinishReason): Pick<ResponseEnd, 'status' | 'reason' | 'error'> {
  if (reason === 'length') return { status: 'incomplete', reason: 'max_output_tokens' };
  if (reason === 'contentFilter') return { status: 'incomplete', reason: 'content_filter' };
  if (reason !== 'error') return { status: 'completed' };
  return { status: 'failed', error: { code: 'server_error', message: 'The model ended its answer with an error.' } };
}

/** The items of an answer; texts that follow one another are one message. */
function writeItems(
  parts: readonly ModelPart[],
  { frame, logprobs }: { frame: AnswerFrame; logprobs: JsonObject[] },
): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] | null = null;
  let rest = logprobs;
  for (const part of parts) {
    const place = `${frame.id}_${items.length}`;
    if (part.type === 'text' || part.type === 'refusal') {
      const made = part.type === 'text' ? outputText(part.text, rest) : refusalContent(part.text);
      if (part.type === 'text') rest = [];
      if (content !== null) content.push(made);
      else {
        content = [made];
        items.push(messageItem(`msg_${place}`, 'completed', content));
      }
      continue;
    }
    content = null;
    if (part.type === 'reasoning') items.push(reasoningItem(`rs_${place}`, part));
    else if (part.type === 'toolCall')
      items.push(callItem({ ...part, id: `fc_${place}`, callId: part.id }, 'completed'));
  }
  return items;
}

/** A `response` as OpenAI's clients expect it. */
export function writeResponsesAnswer(answer: ModelAnswer, frame: AnswerFrame): JsonObject {
  const [choice] = answer.choices;
  return responseObject(frame, {
    ...writeStatus(choice?.finishReason ?? 'stop'),
    created: answer.created,
    output: writeItems(choice?.parts ?? [], { frame, logprobs: choice?.logprobs ?? [] }),
    usage: answer.usage,
    serviceTier: answer.serviceTier,
  });
}
