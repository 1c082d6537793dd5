import type { ModelMessage, ModelPart, ModelRequest, ModelTool } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { readMediaUrl } from '../media.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import { readDetail, readOutputFormat, readStop } from '../openai-chat/read-request.ts';
import { readReasoningItem } from './items.ts';

type Media = Extract<ModelPart, { type: 'image' | 'audio' | 'file' }>;

function media(given: Members, type: 'image' | 'file'): Media {
  const detail = readDetail(given);
  const name = type === 'file' ? given.text('filename') : null;
  const fileId = given.text('file_id');
  if (fileId !== null) return { type, source: { kind: 'file', fileId }, mediaType: null, name, detail };
  const url = type === 'image' ? given.needText('image_url') : (given.text('file_url') ?? given.needText('file_data'));
  return { type, ...readMediaUrl(url), name, detail };
}

function contentPart(value: JsonObject, path: string): ModelPart {
  const given = createMembers(value, path);
  const type = given.needText('type');
  if (type === 'input_text' || type === 'output_text' || type === 'text')
    return { type: 'text', text: given.text('text') ?? '' };
  if (type === 'refusal') return { type: 'refusal', text: given.text('refusal') ?? '' };
  if (type === 'input_image') return media(given, 'image');
  if (type === 'input_file') return media(given, 'file');
  if (type === 'input_audio') {
    const inner = given.object('input_audio');
    if (inner === null) throw invalidMember(given.path('input_audio'), 'an object');
    const audio = createMembers(inner, given.path('input_audio'));
    const mediaType = `audio/${audio.text('format') ?? 'wav'}`;
    return {
      type: 'audio',
      source: { kind: 'data', data: audio.needText('data') },
      mediaType,
      name: null,
      detail: null,
    };
  }
  throw unsupportedMember(path, `Content of type ${type} cannot be translated for another kind of model.`);
}

function contentParts(content: Json, path: string): ModelPart[] {
  if (content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidMember(path, 'text or a list of parts');
  return content.map((item, i) => {
    if (!isJsonObject(item)) throw invalidMember(`${path}[${i}]`, 'an object');
    return contentPart(item, `${path}[${i}]`);
  });
}

const roles = new Map<string, ModelMessage['role']>([
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
]);

function itemMessage(value: JsonObject, path: string): ModelMessage {
  const item = createMembers(value, path);
  const type = item.text('type') ?? 'message';
  if (type === 'message') {
    const role = roles.get(item.needText('role'));
    if (role === undefined) throw invalidMember(item.path('role'), 'user, assistant, system or developer');
    return { role, parts: contentParts(item.raw('content'), item.path('content')) };
  }
  if (type === 'reasoning') return { role: 'assistant', parts: [readReasoningItem(value)] };
  if (type === 'function_call') {
    const [id, name] = [item.needText('call_id'), item.needText('name')];
    return { role: 'assistant', parts: [{ type: 'toolCall', id, name, arguments: item.text('arguments') || '{}' }] };
  }
  if (type !== 'function_call_output') throw unsupportedMember(path, `Items of type ${type} cannot be translated.`);
  const parts = contentParts(item.raw('output'), item.path('output'));
  return {
    role: 'tool',
    parts: [{ type: 'toolResult', id: item.needText('call_id'), name: null, parts, isError: false }],
  };
}

/** What a model said in one turn are items of their own here, and one message everywhere else. */
function readInput(body: Members): ModelMessage[] {
  const input = body.raw('input');
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  if (input === null) return [];
  if (!Array.isArray(input)) throw invalidMember('input', 'text or a list of items');
  const messages: ModelMessage[] = [];
  for (const [i, item] of body.objects('input').entries()) {
    const message = itemMessage(item, `input[${i}]`);
    const last = messages.at(-1);
    if (last?.role === 'assistant' && message.role === 'assistant') last.parts.push(...message.parts);
    else messages.push(message);
  }
  return messages;
}

function readTools(body: Members): ModelTool[] {
  return body.objects('tools').map((value, i) => {
    const tool = createMembers(value, `tools[${i}]`);
    const type = tool.needText('type');
    if (type !== 'function') throw unsupportedMember(`tools[${i}]`, `Tools of type ${type} cannot be translated.`);
    return {
      name: tool.needText('name'),
      description: tool.text('description'),
      parameters: tool.object('parameters'),
      strict: tool.flag('strict'),
    };
  });
}

function readToolChoice(body: Members): ModelRequest['toolChoice'] {
  const given = body.raw('tool_choice');
  if (given === null) return null;
  if (given === 'auto' || given === 'none' || given === 'required') return { type: given };
  if (isJsonObject(given) && given.type === 'function' && typeof given.name === 'string')
    return { type: 'tool', name: given.name };
  throw unsupportedMember('tool_choice', 'This choice of tools cannot be translated.');
}

function readReasoning(body: Members): ModelRequest['reasoning'] {
  const value = body.object('reasoning');
  if (value === null) return null;
  const given = createMembers(value, 'reasoning');
  const effort = given.text('effort');
  const summary = given.text('summary') ?? given.text('generate_summary');
  return effort === null && summary === null ? null : { effort, budgetTokens: null, summary };
}

/** Of `include` only this changes what a model without tools of OpenAI's answers. */
const tokensIncluded = 'message.output_text.logprobs';

function readLogprobs(body: Members): number | null {
  const most = body.number('top_logprobs');
  const included = body.list('include') ?? [];
  return included.includes(tokensIncluded) || (most ?? 0) > 0 ? (most ?? 0) : null;
}

/** Members whose ordinary value asks for nothing. */
function askedFor(rest: JsonObject): JsonObject {
  const { truncation, background, ...extra } = rest;
  if (truncation !== undefined && truncation !== 'disabled') extra.truncation = truncation;
  if (background !== undefined && background !== false) extra.background = background;
  return extra;
}

/** A request for a response (OpenAI API 2.3) in normal form. */
export function readResponsesRequest(value: JsonObject): ModelRequest {
  const body = createMembers(value);
  const instructions = contentParts(body.raw('instructions'), 'instructions');
  const text = createMembers(body.object('text') ?? {}, 'text');
  const verbosity = text.text('verbosity');
  const safetyIdentifier = body.text('safety_identifier');
  // How the stream is padded changes nothing that it says.
  body.raw('stream_options');
  return {
    model: body.needText('model'),
    messages: [
      ...(instructions.length > 0 ? [{ role: 'system' as const, parts: instructions }] : []),
      ...readInput(body),
    ],
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: body.flag('parallel_tool_calls'),
    output: readOutputFormat(text.object('format'), 'text.format'),
    maxTokens: body.number('max_output_tokens'),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.number('top_k'),
    stop: readStop(body),
    seed: body.number('seed'),
    frequencyPenalty: body.number('frequency_penalty'),
    presencePenalty: body.number('presence_penalty'),
    logprobs: readLogprobs(body),
    n: null,
    reasoning: readReasoning(body),
    user: body.text('user') ?? safetyIdentifier,
    metadata: body.object('metadata') ?? {},
    serviceTier: body.text('service_tier'),
    stream: body.flag('stream') ?? false,
    extra: { ...askedFor(body.rest()), ...(verbosity === null || verbosity === 'medium' ? {} : { verbosity }) },
  };
}
