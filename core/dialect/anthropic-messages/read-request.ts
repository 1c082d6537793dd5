import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { MediaSource, ModelMessage, ModelPart, ModelRequest, ModelTool } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { argumentsText } from '../arguments.ts';
import { bytesToBase64 } from '../base64.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import { markSignature } from '../signature.ts';

const cacheOf = (block: Members): { cacheControl?: JsonObject } => {
  const cacheControl = block.object('cache_control');
  return cacheControl === null ? {} : { cacheControl };
};

function readSource(block: Members): { source: MediaSource; mediaType: string | null } {
  const given = block.object('source');
  if (given === null) throw invalidMember(block.path('source'), 'an object');
  const source = createMembers(given, block.path('source'));
  const type = source.needText('type');
  const mediaType = source.text('media_type');
  if (type === 'base64') return { source: { kind: 'data', data: source.needText('data') }, mediaType };
  if (type === 'url') return { source: { kind: 'url', url: source.needText('url') }, mediaType };
  if (type === 'file') return { source: { kind: 'file', fileId: source.needText('file_id') }, mediaType };
  if (type !== 'text') throw unsupportedMember(source.path('type'), `A source of type ${type} cannot be translated.`);
  const data = bytesToBase64(utf8ToBytes(source.needText('data')));
  return { source: { kind: 'data', data }, mediaType: 'text/plain' };
}

/** Members of a block that say something which the other dialects have no place for. */
function refuseRest(block: Members, type: string): void {
  for (const [key, value] of Object.entries(block.rest())) {
    const saysNothing =
      (key === 'citations' && (!isJsonObject(value) || value.enabled !== true)) ||
      (key === 'caller' && isJsonObject(value) && value.type === 'direct') ||
      (isJsonObject(value) && Object.keys(value).length === 0);
    if (!saysNothing) throw unsupportedMember(block.path(key), `\`${key}\` of a ${type} block cannot be translated.`);
  }
}

function readBlock(value: JsonObject, path: string): ModelPart {
  const block = createMembers(value, path);
  const type = block.needText('type');
  const part = knownBlock(block, type);
  if (part === null) throw unsupportedMember(path, `Content of type ${type} cannot be translated for another model.`);
  refuseRest(block, type);
  return part;
}

function knownBlock(block: Members, type: string): ModelPart | null {
  if (type === 'text') return { type, text: block.text('text') ?? '', ...cacheOf(block) };
  if (type === 'image') return { type, ...readSource(block), name: null, detail: null, ...cacheOf(block) };
  if (type === 'document') {
    const source = readSource(block);
    const mediaType = source.mediaType ?? (source.source.kind === 'url' ? 'application/pdf' : null);
    return { type: 'file', ...source, mediaType, name: block.text('title'), detail: null, ...cacheOf(block) };
  }
  if (type === 'tool_use') {
    const id = block.needText('id');
    const name = block.needText('name');
    return { type: 'toolCall', id, name, arguments: argumentsText(block.raw('input')), ...cacheOf(block) };
  }
  if (type === 'tool_result') {
    const parts = readContent(block.raw('content'), block.path('content'));
    const id = block.needText('tool_use_id');
    return { type: 'toolResult', id, name: null, parts, isError: block.flag('is_error') ?? false, ...cacheOf(block) };
  }
  if (type === 'thinking') {
    const signature = markSignature('anthropic', block.text('signature'));
    return { type: 'reasoning', text: block.text('thinking') ?? '', signature, redacted: null };
  }
  if (type === 'redacted_thinking')
    return { type: 'reasoning', text: '', signature: null, redacted: markSignature('anthropic', block.text('data')) };
  return null;
}

function readContent(content: Json, path: string): ModelPart[] {
  if (content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidMember(path, 'text or a list of blocks');
  return content.map((item, i) => {
    if (!isJsonObject(item)) throw invalidMember(`${path}[${i}]`, 'an object');
    return readBlock(item, `${path}[${i}]`);
  });
}

/** Results of tools stand in the user's messages; the normal form has them in messages of their own. */
function messagesOf(role: 'user' | 'assistant' | 'system', parts: ModelPart[]): ModelMessage[] {
  if (role !== 'user') return [{ role, parts }];
  const results = parts.filter(({ type }) => type === 'toolResult');
  const rest = parts.filter(({ type }) => type !== 'toolResult');
  return [
    ...results.map((part): ModelMessage => ({ role: 'tool', parts: [part] })),
    ...(rest.length > 0 || results.length === 0 ? [{ role, parts: rest }] : []),
  ];
}

function readMessages(body: Members): ModelMessage[] {
  if (body.list('messages') === null) throw invalidMember('messages', 'a list of messages');
  const system = readContent(body.raw('system'), 'system');
  const messages = body.objects('messages').flatMap((value, i) => {
    const message = createMembers(value, `messages[${i}]`);
    const role = message.needText('role');
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      throw invalidMember(message.path('role'), 'user, assistant or system');
    return messagesOf(role, readContent(message.raw('content'), message.path('content')));
  });
  return system.length === 0 ? messages : [{ role: 'system', parts: system }, ...messages];
}

function readTools(body: Members): ModelTool[] {
  return body.objects('tools').map((value, i) => {
    const tool = createMembers(value, `tools[${i}]`);
    const type = tool.text('type') ?? 'custom';
    if (type !== 'custom')
      throw unsupportedMember(`tools[${i}]`, `Tools of type ${type} run at Anthropic only and cannot be translated.`);
    return {
      name: tool.needText('name'),
      description: tool.text('description'),
      parameters: tool.object('input_schema'),
      strict: tool.flag('strict'),
      ...cacheOf(tool),
    };
  });
}

function readToolChoice(body: Members): Pick<ModelRequest, 'toolChoice' | 'parallelToolCalls'> {
  const given = body.object('tool_choice');
  if (given === null) return { toolChoice: null, parallelToolCalls: null };
  const choice = createMembers(given, 'tool_choice');
  const type = choice.needText('type');
  const single = choice.flag('disable_parallel_tool_use');
  const parallelToolCalls = single === null ? null : !single;
  if (type === 'auto' || type === 'none') return { toolChoice: { type }, parallelToolCalls };
  if (type === 'any') return { toolChoice: { type: 'required' }, parallelToolCalls };
  if (type !== 'tool') throw invalidMember('tool_choice.type', 'auto, any, tool or none');
  return { toolChoice: { type, name: choice.needText('name') }, parallelToolCalls };
}

/** Thinking, and the effort that newer models take instead of a budget. */
function readReasoning(thinking: JsonObject | null, effort: string | null): ModelRequest['reasoning'] {
  if (thinking === null) return effort === null ? null : { effort, budgetTokens: null, summary: null };
  const given = createMembers(thinking, 'thinking');
  const type = given.needText('type');
  if (type === 'disabled') return { effort: 'none', budgetTokens: null, summary: null };
  // Anthropic's callers are shown what was thought unless they say otherwise.
  const summary = given.text('display') === 'omitted' ? null : 'auto';
  if (type === 'adaptive') return { effort, budgetTokens: null, summary };
  if (type !== 'enabled') throw unsupportedMember('thinking', `Thinking of type ${type} cannot be translated.`);
  const budgetTokens = given.number('budget_tokens');
  if (budgetTokens === null) throw invalidMember('thinking.budget_tokens', 'a number');
  return { effort, budgetTokens, summary };
}

function readOutput(format: JsonObject | null): ModelRequest['output'] {
  if (format === null) return { type: 'text' };
  const given = createMembers(format, 'output_config.format');
  const type = given.needText('type');
  if (type !== 'json_schema') throw invalidMember(given.path('type'), 'json_schema');
  const schema = given.object('schema');
  if (schema === null) throw invalidMember(given.path('schema'), 'a JSON Schema');
  return { type: 'schema', name: 'answer', description: null, schema, strict: true };
}

const tiers = new Map([
  ['auto', 'auto'],
  ['standard_only', 'default'],
]);

function readUser(body: Members): string | null {
  const metadata = body.object('metadata');
  return metadata === null ? null : createMembers(metadata, 'metadata').text('user_id');
}

/**
 * A request of Anthropic's Messages API, or of its `count_tokens`, in normal form. Both generations are read: the one
 * that has `system` beside the messages and the one that also takes it among them.
 */
export function readMessagesRequest(value: JsonObject): ModelRequest {
  const body = createMembers(value);
  const config = createMembers(body.object('output_config') ?? {}, 'output_config');
  const tier = body.text('service_tier');
  const stop = body.list('stop_sequences') ?? [];
  if (!stop.every((item) => typeof item === 'string')) throw invalidMember('stop_sequences', 'a list of texts');
  // Hints to Anthropic's own house keeping: where its cache begins, what it lets go of a conversation that grew too long.
  for (const hint of ['cache_control', 'context_management', 'diagnostics']) body.raw(hint);
  return {
    model: body.needText('model'),
    messages: readMessages(body),
    tools: readTools(body),
    ...readToolChoice(body),
    output: readOutput(config.object('format') ?? body.object('output_format')),
    maxTokens: body.number('max_tokens'),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.number('top_k'),
    stop,
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    logprobs: null,
    n: null,
    reasoning: readReasoning(body.object('thinking'), config.text('effort')),
    user: readUser(body),
    metadata: {},
    serviceTier: tier === null ? null : (tiers.get(tier) ?? tier),
    stream: body.flag('stream') ?? false,
    extra: body.rest(),
  };
}
