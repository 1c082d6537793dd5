import type { ModelMessage, ModelPart, ModelRequest, ModelTool, OutputFormat } from '../../ports/index.ts';
import { isJsonObject, type JsonObject, type JsonSchema, parseExactJson } from '../../records/index.ts';
import { argumentsText } from '../arguments.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import { markSignature } from '../signature.ts';
import { readMedia } from './media.ts';

/** A cache point ends the stretch that is cached, so it belongs to what stands before it. */
function withCachePoints<T extends { cacheControl?: JsonObject }>(
  blocks: readonly JsonObject[],
  read: (block: JsonObject, position: number) => T,
): T[] {
  const all: T[] = [];
  for (const [i, block] of blocks.entries()) {
    if (!isJsonObject(block.cachePoint)) all.push(read(block, i));
    else if (all.length > 0) {
      const ttl = block.cachePoint.ttl === undefined ? {} : { ttl: block.cachePoint.ttl };
      all[all.length - 1] = { ...(all.at(-1) as T), cacheControl: { type: 'ephemeral', ...ttl } };
    }
  }
  return all;
}

type Kept = ModelPart & { cacheControl?: JsonObject };

function readReasoning(value: JsonObject, path: string): ModelPart {
  const given = createMembers(value, path);
  const redacted = given.text('redactedContent');
  if (redacted !== null)
    return { type: 'reasoning', text: '', signature: null, redacted: markSignature('anthropic', redacted) };
  const text = createMembers(given.object('reasoningText') ?? {}, given.path('reasoningText'));
  const signature = markSignature('anthropic', text.text('signature'));
  return { type: 'reasoning', text: text.text('text') ?? '', signature, redacted: null };
}

function readResult(result: Members): ModelPart {
  const parts = result.objects('content').map((block, i): Kept => {
    if (block.json !== undefined) return { type: 'text', text: JSON.stringify(block.json) };
    return readBlock(block, `${result.path('content')}[${i}]`);
  });
  const isError = result.text('status') === 'error';
  return { type: 'toolResult', id: result.needText('toolUseId'), name: null, parts, isError };
}

function readBlock(value: JsonObject, path: string): Kept {
  const block = createMembers(value, path);
  const text = block.text('text');
  if (text !== null) return { type: 'text', text };
  const inner = (key: string): Members | null => {
    const found = block.object(key);
    return found === null ? null : createMembers(found, block.path(key));
  };
  for (const key of ['image', 'audio'] as const) {
    const media = block.object(key);
    if (media !== null) return readMedia(key, media, block.path(key));
  }
  const document = block.object('document');
  if (document !== null) return readMedia('file', document, block.path('document'));
  const call = inner('toolUse');
  if (call !== null) {
    const [id, name] = [call.needText('toolUseId'), call.needText('name')];
    return { type: 'toolCall', id, name, arguments: argumentsText(call.raw('input')) };
  }
  const result = inner('toolResult');
  if (result !== null) return readResult(result);
  const reasoning = block.object('reasoningContent');
  if (reasoning !== null) return readReasoning(reasoning, block.path('reasoningContent'));
  throw unsupportedMember(path, `Content of type ${Object.keys(value).join(', ')} cannot be translated.`);
}

function readMessages(body: Members): ModelMessage[] {
  if (body.list('messages') === null) throw invalidMember('messages', 'a list of messages');
  const system = withCachePoints<Kept>(body.objects('system'), (block, i) => readBlock(block, `system[${i}]`));
  const messages = body.objects('messages').flatMap((value, i): ModelMessage[] => {
    const message = createMembers(value, `messages[${i}]`);
    const role = message.needText('role');
    if (role !== 'user' && role !== 'assistant') throw invalidMember(message.path('role'), 'user or assistant');
    const path = message.path('content');
    const parts = withCachePoints<Kept>(message.objects('content'), (block, at) => readBlock(block, `${path}[${at}]`));
    if (role === 'assistant') return [{ role, parts }];
    const rest: ModelPart[] = parts.filter(({ type }) => type !== 'toolResult');
    const results = parts.filter(({ type }) => type === 'toolResult');
    return [
      ...results.map((part): ModelMessage => ({ role: 'tool', parts: [part] })),
      ...(rest.length > 0 || results.length === 0 ? [{ role: 'user' as const, parts: rest }] : []),
    ];
  });
  return system.length === 0 ? messages : [{ role: 'system', parts: system }, ...messages];
}

function readTool(value: JsonObject, path: string): ModelTool {
  const given = createMembers(value, path).object('toolSpec');
  if (given === null) throw unsupportedMember(path, 'Tools that run at Bedrock cannot be translated.');
  const tool = createMembers(given, `${path}.toolSpec`);
  const schema = tool.object('inputSchema');
  const parameters = schema !== null && isJsonObject(schema.json) ? schema.json : null;
  return {
    name: tool.needText('name'),
    description: tool.text('description'),
    parameters,
    strict: tool.flag('strict'),
  };
}

function readToolChoice(choice: JsonObject | null): ModelRequest['toolChoice'] {
  if (choice === null) return null;
  if (choice.any !== undefined) return { type: 'required' };
  if (isJsonObject(choice.tool) && typeof choice.tool.name === 'string')
    return { type: 'tool', name: choice.tool.name };
  return { type: 'auto' };
}

function readOutput(config: JsonObject | null): OutputFormat {
  const format = config === null ? null : createMembers(config, 'outputConfig').object('textFormat');
  const structure = format === null ? null : createMembers(format, 'outputConfig.textFormat').object('structure');
  if (structure === null) return { type: 'text' };
  const given = structure.jsonSchema;
  if (!isJsonObject(given)) throw invalidMember('outputConfig.textFormat.structure', 'jsonSchema');
  const schema = createMembers(given, 'outputConfig.textFormat.structure.jsonSchema');
  return {
    type: 'schema',
    name: schema.text('name') ?? 'answer',
    description: schema.text('description'),
    schema: parseSchema(schema.needText('schema'), schema.path('schema')),
    strict: true,
  };
}

function parseSchema(text: string, path: string): JsonSchema {
  try {
    const schema = parseExactJson(text);
    if (isJsonObject(schema)) return schema as JsonSchema;
  } catch {
    // Said below.
  }
  throw invalidMember(path, 'the text of a JSON Schema');
}

/** Members of the model's own maker, as far as the normal form has them. */
function readAdditional(given: JsonObject | null): Pick<ModelRequest, 'topK' | 'reasoning'> & { rest: JsonObject } {
  if (given === null) return { topK: null, reasoning: null, rest: {} };
  const { top_k: topK, thinking, ...rest } = given;
  const budget = isJsonObject(thinking) && typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : null;
  const effort = isJsonObject(thinking) && thinking.type === 'disabled' ? 'none' : null;
  return {
    topK: typeof topK === 'number' ? topK : null,
    reasoning: isJsonObject(thinking) ? { effort, budgetTokens: budget, summary: 'auto' } : null,
    rest,
  };
}

/**
 * A request of Bedrock's Converse in normal form. Its path names the model and says whether it streams; who reads it sets
 * both.
 */
export function readConverseRequest(value: JsonObject): ModelRequest {
  const body = createMembers(value);
  const config = createMembers(body.object('inferenceConfig') ?? {}, 'inferenceConfig');
  const tools = createMembers(body.object('toolConfig') ?? {}, 'toolConfig');
  const tier = body.object('serviceTier');
  const stop = config.list('stopSequences') ?? [];
  if (!stop.every((item) => typeof item === 'string')) throw invalidMember('inferenceConfig.stopSequences', 'texts');
  const named = body.text('model');
  const { topK, reasoning, rest } = readAdditional(body.object('additionalModelRequestFields'));
  return {
    model: body.text('modelId') ?? named ?? '',
    messages: readMessages(body),
    tools: withCachePoints(tools.objects('tools'), (tool, i) => readTool(tool, `toolConfig.tools[${i}]`)),
    toolChoice: readToolChoice(tools.object('toolChoice')),
    parallelToolCalls: null,
    output: readOutput(body.object('outputConfig')),
    maxTokens: config.number('maxTokens'),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK,
    stop,
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    logprobs: null,
    n: null,
    reasoning,
    user: null,
    metadata: body.object('requestMetadata') ?? {},
    serviceTier: tier !== null && typeof tier.type === 'string' ? tier.type : null,
    stream: false,
    extra: { ...body.rest(), ...(Object.keys(rest).length === 0 ? {} : { additionalModelRequestFields: rest }) },
  };
}
