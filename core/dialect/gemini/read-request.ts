import type { ModelMessage, ModelPart, ModelRequest, ModelTool, OutputFormat } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { argumentsText } from '../arguments.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import { markSignature } from '../signature.ts';
import { fromOpenApi } from './schema.ts';

/** The API takes its members in both spellings of protobuf. */
const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const inCamelCase = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, member]) => [camel(key), member]));

const members = (value: JsonObject, path = ''): Members => createMembers(inCamelCase(value), path);

function mediaPart(value: JsonObject, path: string): ModelPart {
  const given = members(value, path);
  const mediaType = given.text('mimeType');
  const kind = mediaType?.split('/', 1)[0];
  if (kind === 'video') throw unsupportedMember(path, 'Video cannot be translated for another kind of model.');
  const type = kind === 'image' || kind === 'audio' ? kind : 'file';
  const uri = given.text('fileUri');
  const source =
    uri === null ? { kind: 'data' as const, data: given.needText('data') } : { kind: 'url' as const, url: uri };
  return { type, source, mediaType, name: given.text('displayName'), detail: null };
}

/** Calls that have no id are answered in their order, so they are numbered. */
function createCallIds() {
  let calls = 0;
  const open = new Map<string, string[]>();
  return {
    call(name: string, id: string | null): string {
      const given = id ?? `call_${calls}`;
      calls++;
      open.set(name, [...(open.get(name) ?? []), given]);
      return given;
    },
    result(name: string, id: string | null): string {
      const waiting = open.get(name) ?? [];
      const given = id ?? waiting[0] ?? `call_${name}`;
      const rest = waiting.filter((other) => other !== given);
      open.set(name, rest);
      return given;
    },
  };
}
type CallIds = ReturnType<typeof createCallIds>;

/** `output` and `error` are the words that Gemini's documentation gives for a result that is text. */
function readResponse(response: JsonObject): { text: string; isError: boolean } {
  const [key, ...more] = Object.keys(response);
  const only = more.length === 0 && key !== undefined ? response[key] : undefined;
  if (typeof only === 'string' && (key === 'output' || key === 'result')) return { text: only, isError: false };
  if (only !== undefined && key === 'error')
    return { text: typeof only === 'string' ? only : JSON.stringify(only), isError: true };
  return { text: JSON.stringify(response), isError: false };
}

function toolResult(value: JsonObject, path: string, ids: CallIds): ModelPart {
  const given = members(value, path);
  const name = given.needText('name');
  const { text, isError } = readResponse(given.object('response') ?? {});
  const shown = given.objects('parts').map((part, i) => {
    const media = inCamelCase(part);
    const inner = media.inlineData ?? media.fileData;
    if (!isJsonObject(inner)) throw invalidMember(`${given.path('parts')}[${i}]`, 'inlineData or fileData');
    return mediaPart(inner, `${given.path('parts')}[${i}]`);
  });
  const id = ids.result(name, given.text('id'));
  return { type: 'toolResult', id, name, parts: [{ type: 'text', text }, ...shown], isError };
}

/** A signature of a part that is no thought stands before it, as a thought without text. */
const signed = (signature: string | null, part: ModelPart): ModelPart[] =>
  signature === null ? [part] : [{ type: 'reasoning', text: '', signature, redacted: null }, part];

function readPart(value: JsonObject, path: string, ids: CallIds): ModelPart[] {
  const part = members(value, path);
  const signature = markSignature('gemini', part.text('thoughtSignature'));
  const text = part.text('text');
  if (part.flag('thought') === true) return [{ type: 'reasoning', text: text ?? '', signature, redacted: null }];
  if (text !== null)
    return text === '' && signature !== null
      ? [{ type: 'reasoning', text: '', signature, redacted: null }]
      : signed(signature, { type: 'text', text });
  const media = part.object('inlineData') ?? part.object('fileData');
  if (media !== null) return signed(signature, mediaPart(media, path));
  const call = part.object('functionCall');
  if (call !== null) {
    const given = members(call, part.path('functionCall'));
    const name = given.needText('name');
    const id = ids.call(name, given.text('id'));
    return signed(signature, { type: 'toolCall', id, name, arguments: argumentsText(given.raw('args')) });
  }
  const result = part.object('functionResponse');
  if (result !== null) return [toolResult(result, part.path('functionResponse'), ids)];
  throw unsupportedMember(path, `A part of ${Object.keys(value).join(', ')} cannot be translated for another model.`);
}

function readContent(value: JsonObject, path: string, ids: CallIds): { role: string; parts: ModelPart[] } {
  const content = members(value, path);
  const parts = content.objects('parts').flatMap((part, i) => readPart(part, `${path}.parts[${i}]`, ids));
  return { role: content.text('role') ?? 'user', parts };
}

function readMessages(body: Members): ModelMessage[] {
  const ids = createCallIds();
  const given = body.raw('contents');
  const contents = isJsonObject(given) ? [given] : given;
  if (!Array.isArray(contents)) throw invalidMember('contents', 'a list of contents');
  const system = body.raw('systemInstruction');
  const messages: ModelMessage[] = [];
  if (typeof system === 'string') messages.push({ role: 'system', parts: [{ type: 'text', text: system }] });
  if (isJsonObject(system))
    messages.push({ role: 'system', parts: readContent(system, 'systemInstruction', ids).parts });
  for (const [i, value] of contents.entries()) {
    if (!isJsonObject(value)) throw invalidMember(`contents[${i}]`, 'an object');
    const { role, parts } = readContent(value, `contents[${i}]`, ids);
    if (role === 'model') messages.push({ role: 'assistant', parts });
    else {
      const rest = parts.filter(({ type }) => type !== 'toolResult');
      for (const part of parts) if (part.type === 'toolResult') messages.push({ role: 'tool', parts: [part] });
      if (rest.length > 0) messages.push({ role: 'user', parts: rest });
    }
  }
  return messages;
}

function readTools(body: Members): ModelTool[] {
  return body.objects('tools').flatMap((value, i) => {
    const tool = members(value, `tools[${i}]`);
    const declared = tool.objects('functionDeclarations');
    const [other] = Object.keys(tool.rest());
    if (other !== undefined)
      throw unsupportedMember(tool.path(other), `The tool \`${other}\` runs at Google only and cannot be translated.`);
    return declared.map((declaration, at): ModelTool => {
      const given = members(declaration, `${tool.path('functionDeclarations')}[${at}]`);
      const parameters = given.object('parametersJsonSchema') ?? fromOpenApi(given.object('parameters'));
      return { name: given.needText('name'), description: given.text('description'), parameters, strict: null };
    });
  });
}

function readToolChoice(body: Members): ModelRequest['toolChoice'] {
  const config = body.object('toolConfig');
  const calling = config === null ? null : members(config, 'toolConfig').object('functionCallingConfig');
  if (calling === null) return null;
  const given = members(calling, 'toolConfig.functionCallingConfig');
  const mode = given.text('mode')?.toUpperCase() ?? 'AUTO';
  const allowed = given.list('allowedFunctionNames') ?? [];
  if (mode === 'NONE') return { type: 'none' };
  if (mode === 'ANY') {
    const [only, ...more] = allowed;
    if (more.length > 0)
      throw unsupportedMember(given.path('allowedFunctionNames'), 'A choice of several tools cannot be translated.');
    return typeof only === 'string' ? { type: 'tool', name: only } : { type: 'required' };
  }
  return { type: 'auto' };
}

function readOutput(config: Members): OutputFormat {
  const schema = config.object('responseJsonSchema') ?? fromOpenApi(config.object('responseSchema'));
  const mediaType = config.text('responseMimeType') ?? 'text/plain';
  if (schema !== null) return { type: 'schema', name: 'answer', description: null, schema, strict: true };
  if (mediaType === 'application/json') return { type: 'json' };
  if (mediaType !== 'text/plain')
    throw unsupportedMember(config.path('responseMimeType'), `Answers of type ${mediaType} cannot be translated.`);
  return { type: 'text' };
}

function readReasoning(config: Members): ModelRequest['reasoning'] {
  const given = config.object('thinkingConfig');
  if (given === null) return null;
  const thinking = members(given, config.path('thinkingConfig'));
  const budget = thinking.number('thinkingBudget');
  const level = thinking.text('thinkingLevel')?.toLowerCase() ?? null;
  const effort = budget === 0 ? 'none' : level;
  const summary = thinking.flag('includeThoughts') === true ? 'auto' : null;
  return { effort, budgetTokens: budget !== null && budget > 0 ? budget : null, summary };
}

const texts = (values: Json[] | null, path: string): string[] => {
  if (values === null) return [];
  if (!values.every((value) => typeof value === 'string')) throw invalidMember(path, 'a list of texts');
  return values;
};

/**
 * A `generateContent` request of the Gemini API or Vertex AI in normal form. Its path names the model and says whether it
 * streams; who reads it sets both.
 */
export function readGenerateRequest(value: JsonObject): ModelRequest {
  const body = members(value);
  const config = members(body.object('generationConfig') ?? {}, 'generationConfig');
  const logprobs = config.number('logprobs');
  const messages = readMessages(body);
  const request: ModelRequest = {
    model: (body.text('model') ?? '').replace(/^models\//, ''),
    messages,
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: null,
    output: readOutput(config),
    maxTokens: config.number('maxOutputTokens'),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    stop: texts(config.list('stopSequences'), config.path('stopSequences')),
    seed: config.number('seed'),
    frequencyPenalty: config.number('frequencyPenalty'),
    presencePenalty: config.number('presencePenalty'),
    logprobs: config.flag('responseLogprobs') === true ? (logprobs ?? 0) : null,
    n: config.number('candidateCount'),
    reasoning: readReasoning(config),
    user: null,
    metadata: body.object('labels') ?? {},
    serviceTier: body.text('serviceTier'),
    stream: false,
    extra: {},
  };
  const rest = config.rest();
  request.extra = { ...body.rest(), ...(Object.keys(rest).length === 0 ? {} : { generationConfig: rest }) };
  return request;
}
