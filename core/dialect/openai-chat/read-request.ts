import type { ModelMessage, ModelPart, ModelRequest, ModelTool, OutputFormat } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { readMediaUrl } from '../media.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import { readReasoning } from './reasoning.ts';

/** `auto` is what it is when nobody asks. */
export function readDetail(image: Members): string | null {
  const detail = image.text('detail');
  return detail === 'auto' ? null : detail;
}

function contentPart(value: JsonObject, path: string): ModelPart {
  const given = createMembers(value, path);
  const type = given.needText('type');
  const cacheControl = isJsonObject(value.cache_control) ? { cacheControl: value.cache_control } : {};
  const inner = (key: string): Members => {
    const found = given.object(key);
    if (found === null) throw invalidMember(given.path(key), 'an object');
    return createMembers(found, given.path(key));
  };
  if (type === 'text') return { type: 'text', text: given.text('text') ?? '', ...cacheControl };
  if (type === 'refusal') return { type: 'refusal', text: given.text('refusal') ?? '' };
  if (type === 'image_url') {
    const image = inner('image_url');
    const detail = readDetail(image);
    return { type: 'image', ...readMediaUrl(image.needText('url')), name: null, detail, ...cacheControl };
  }
  if (type === 'input_audio') {
    const audio = inner('input_audio');
    const mediaType = `audio/${audio.text('format') ?? 'wav'}`;
    const source = { kind: 'data' as const, data: audio.needText('data') };
    return { type: 'audio', source, mediaType, name: null, detail: null, ...cacheControl };
  }
  if (type === 'file') {
    const file = inner('file');
    const name = file.text('filename');
    const fileId = file.text('file_id');
    if (fileId !== null)
      return { type: 'file', source: { kind: 'file', fileId }, mediaType: null, name, detail: null, ...cacheControl };
    return { type: 'file', ...readMediaUrl(file.needText('file_data')), name, detail: null, ...cacheControl };
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

function toolCall(value: JsonObject, path: string): ModelPart {
  const call = createMembers(value, path);
  const callee = call.object('function');
  if (callee === null) throw unsupportedMember(path, 'Only calls of functions can be translated.');
  const given = createMembers(callee, call.path('function'));
  return {
    type: 'toolCall',
    id: call.needText('id'),
    name: given.needText('name'),
    arguments: given.text('arguments') || '{}',
  };
}

/** Functions, which tools replaced, are answered by name; ids are made for them. */
function createLegacyIds() {
  const last = new Map<string, string>();
  return {
    call(name: string, position: number): string {
      const id = `call_${position}`;
      last.set(name, id);
      return id;
    },
    of: (name: string): string => last.get(name) ?? `call_${name}`,
  };
}

function assistantParts(message: Members, legacy: ReturnType<typeof createLegacyIds>, position: number): ModelPart[] {
  const reasoning = readReasoning({
    reasoning_content: message.raw('reasoning_content'),
    reasoning: message.raw('reasoning'),
    reasoning_details: message.raw('reasoning_details'),
  });
  const parts = [...reasoning, ...contentParts(message.raw('content'), message.path('content'))];
  const refusal = message.text('refusal');
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  if (message.raw('audio') !== null)
    throw unsupportedMember(message.path('audio'), 'Earlier spoken answers cannot be translated.');
  for (const [i, call] of message.objects('tool_calls').entries())
    parts.push(toolCall(call, `${message.path('tool_calls')}[${i}]`));
  const call = message.object('function_call');
  if (call !== null) {
    const given = createMembers(call, message.path('function_call'));
    const name = given.needText('name');
    const id = legacy.call(name, position);
    parts.push({ type: 'toolCall', id, name, arguments: given.text('arguments') || '{}' });
  }
  return parts;
}

function readMessages(body: Members): ModelMessage[] {
  if (body.list('messages') === null) throw invalidMember('messages', 'a list of messages');
  const legacy = createLegacyIds();
  return body.objects('messages').map((value, i): ModelMessage => {
    const message = createMembers(value, `messages[${i}]`);
    const role = message.needText('role');
    const named = role !== 'function' && role !== 'tool' ? message.text('name') : null;
    const name = named === null ? {} : { name: named };
    const parts = () => contentParts(message.raw('content'), message.path('content'));
    if (role === 'system' || role === 'developer') return { role: 'system', parts: parts(), ...name };
    if (role === 'user') return { role, parts: parts(), ...name };
    if (role === 'assistant') return { role, parts: assistantParts(message, legacy, i), ...name };
    if (role !== 'tool' && role !== 'function') throw invalidMember(message.path('role'), 'a known role');
    const id = role === 'tool' ? message.needText('tool_call_id') : legacy.of(message.needText('name'));
    const called = message.text('name');
    return { role: 'tool', parts: [{ type: 'toolResult', id, name: called, parts: parts(), isError: false }] };
  });
}

function tool(callee: JsonObject, path: string): ModelTool {
  const given = createMembers(callee, path);
  return {
    name: given.needText('name'),
    description: given.text('description'),
    parameters: given.object('parameters'),
    strict: given.flag('strict'),
  };
}

function readTools(body: Members): ModelTool[] {
  const tools = body.objects('tools').map((value, i) => {
    const path = `tools[${i}]`;
    if (!isJsonObject(value.function))
      throw unsupportedMember(path, `Tools of type ${String(value.type)} cannot be translated.`);
    const cacheControl = isJsonObject(value.cache_control) ? { cacheControl: value.cache_control } : {};
    return { ...tool(value.function, `${path}.function`), ...cacheControl };
  });
  return [...tools, ...body.objects('functions').map((value, i) => tool(value, `functions[${i}]`))];
}

function readToolChoice(body: Members): ModelRequest['toolChoice'] {
  const legacy = body.raw('function_call');
  const given = body.raw('tool_choice') ?? legacy;
  if (given === null) return null;
  if (given === 'auto' || given === 'none' || given === 'required') return { type: given };
  const callee = isJsonObject(given) ? (isJsonObject(given.function) ? given.function : legacy) : null;
  if (isJsonObject(callee) && typeof callee.name === 'string') return { type: 'tool', name: callee.name };
  throw unsupportedMember('tool_choice', 'This choice of tools cannot be translated.');
}

/** `response_format`; the responses dialect has the schema's members one level higher. */
export function readOutputFormat(format: JsonObject | null, path: string): OutputFormat {
  if (format === null) return { type: 'text' };
  const given = createMembers(format, path);
  const type = given.needText('type');
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') throw unsupportedMember(path, `Answers of type ${type} cannot be translated.`);
  const inner = given.object('json_schema');
  const schema = inner === null ? given : createMembers(inner, given.path('json_schema'));
  const found = schema.object('schema');
  if (found === null) throw invalidMember(schema.path('schema'), 'a JSON Schema');
  return {
    type: 'schema',
    name: schema.text('name') ?? 'answer',
    description: schema.text('description'),
    schema: found,
    strict: schema.flag('strict'),
  };
}

export function readStop(body: Members): string[] {
  const stop = body.raw('stop');
  if (stop === null) return [];
  if (typeof stop === 'string') return [stop];
  if (Array.isArray(stop) && stop.every((item) => typeof item === 'string')) return stop;
  throw invalidMember('stop', 'text or a list of texts');
}

function readLogprobs(body: Members): number | null {
  const asked = body.flag('logprobs');
  const most = body.number('top_logprobs');
  return asked === true ? (most ?? 0) : null;
}

/** Members whose ordinary value asks for nothing. */
function askedFor(rest: JsonObject): JsonObject {
  const { modalities, verbosity, logit_bias: bias, ...extra } = rest;
  if (Array.isArray(modalities) && !(modalities.length === 1 && modalities[0] === 'text'))
    extra.modalities = modalities;
  if (verbosity !== undefined && verbosity !== 'medium') extra.verbosity = verbosity;
  if (bias !== undefined && !(isJsonObject(bias) && Object.keys(bias).length === 0)) extra.logit_bias = bias;
  return extra;
}

/** A chat completions request (OpenAI API 2.3) in normal form. */
export function readChatRequest(value: JsonObject): ModelRequest {
  const body = createMembers(value);
  const effort = body.text('reasoning_effort');
  const maxTokens = body.number('max_tokens');
  const safetyIdentifier = body.text('safety_identifier');
  // How usage comes in the stream is said by the frame of the answer.
  body.raw('stream_options');
  return {
    model: body.needText('model'),
    messages: readMessages(body),
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: body.flag('parallel_tool_calls'),
    output: readOutputFormat(body.object('response_format'), 'response_format'),
    maxTokens: body.number('max_completion_tokens') ?? maxTokens,
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.number('top_k'),
    stop: readStop(body),
    seed: body.number('seed'),
    frequencyPenalty: body.number('frequency_penalty'),
    presencePenalty: body.number('presence_penalty'),
    logprobs: readLogprobs(body),
    n: body.number('n'),
    reasoning: effort === null ? null : { effort, budgetTokens: null, summary: null },
    user: body.text('user') ?? safetyIdentifier,
    metadata: body.object('metadata') ?? {},
    serviceTier: body.text('service_tier'),
    stream: body.flag('stream') ?? false,
    extra: askedFor(body.rest()),
  };
}
