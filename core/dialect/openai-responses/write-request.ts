import type {
  Capabilities,
  ModelMessage,
  ModelPart,
  ModelRequest,
  ModelTool,
  OutputFormat,
} from '../../ports/index.ts';
import type { Json, JsonObject } from '../../records/index.ts';
import { audioFormatOf, dataUrlOf } from '../media.ts';
import { unsupportedMember } from '../members.ts';
import { effortOf, given, writeTier } from '../openai-chat/write-request.ts';
import { refuseUnsupported } from '../refuse.ts';
import { ownSignature } from '../signature.ts';

/** What else a request for a response may say. */
const known = new Set([
  'background',
  'context_management',
  'conversation',
  'max_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'store',
  'truncation',
  'verbosity',
]);
const refuses = ['stop', 'seed', 'frequencyPenalty', 'presencePenalty', 'n', 'topK'];

type Media = Extract<ModelPart, { type: 'image' | 'audio' | 'file' }>;

function writeMedia({ type, source, mediaType, name, detail }: Media): JsonObject {
  const format = audioFormatOf(mediaType);
  if (type === 'audio' && source.kind === 'data' && format !== null)
    return { type: 'input_audio', input_audio: { data: source.data, format } };
  if (type === 'audio') throw unsupportedMember('audio', 'Responses take audio as WAV or MP3 data only.');
  if (type === 'image') {
    const shown = { type: 'input_image', detail: detail ?? 'auto' };
    if (source.kind === 'file') return { ...shown, file_id: source.fileId };
    return {
      ...shown,
      image_url: source.kind === 'url' ? source.url : dataUrlOf(source.data, mediaType ?? 'image/png'),
    };
  }
  if (source.kind === 'file') return { type: 'input_file', file_id: source.fileId };
  if (source.kind === 'url') return { type: 'input_file', file_url: source.url };
  const file = dataUrlOf(source.data, mediaType ?? 'application/pdf');
  return { type: 'input_file', filename: name ?? 'file', file_data: file };
}

function inputPart(part: ModelPart): JsonObject {
  if (part.type === 'text' || part.type === 'refusal') return { type: 'input_text', text: part.text };
  if (part.type === 'image' || part.type === 'audio' || part.type === 'file') return writeMedia(part);
  throw unsupportedMember('messages', `A message of this role carries no ${part.type}.`);
}

/** One text stays plain text. */
function inputContent(parts: readonly ModelPart[]): Json {
  const [first] = parts;
  if (first === undefined) return '';
  return parts.length === 1 && first.type === 'text' ? first.text : parts.map(inputPart);
}

function assistantItem(part: ModelPart): JsonObject[] {
  const message = (content: Json) => [{ type: 'message', role: 'assistant', content }];
  if (part.type === 'text') return message(part.text);
  if (part.type === 'refusal') return message([{ type: 'refusal', refusal: part.text }]);
  if (part.type === 'toolCall')
    return [{ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments }];
  if (part.type === 'reasoning') {
    const encrypted = ownSignature('openai', part.signature);
    if (encrypted === null) return [];
    const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }];
    return [{ type: 'reasoning', summary, encrypted_content: encrypted }];
  }
  throw unsupportedMember(
    part.type === 'toolResult' ? 'messages' : part.type,
    `A model's turn carries no ${part.type}.`,
  );
}

function toolOutput({ id, parts, isError }: Extract<ModelPart, { type: 'toolResult' }>): JsonObject {
  const content = inputContent(parts);
  // An error is told in words, because the dialect has no mark for it.
  const output = isError && typeof content === 'string' ? `Error: ${content}` : content;
  return { type: 'function_call_output', call_id: id, output };
}

function items({ role, parts }: ModelMessage): JsonObject[] {
  if (role === 'assistant') return parts.flatMap(assistantItem);
  const results = parts.filter((part) => part.type === 'toolResult');
  const rest = parts.filter((part) => part.type !== 'toolResult');
  const said = { type: 'message', role: role === 'tool' ? 'user' : role, content: inputContent(rest) };
  return [...results.map(toolOutput), ...(rest.length > 0 || results.length === 0 ? [said] : [])];
}

/** A tool that does not say otherwise is not held to its schema, as in chat; here the ordinary value is the opposite. */
export const writeTools = (tools: readonly ModelTool[]): JsonObject[] =>
  tools.map(({ name, description, parameters, strict }) => ({
    type: 'function',
    name,
    ...given({ description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    strict: strict ?? false,
  }));

export const writeToolChoice = (choice: ModelRequest['toolChoice']): Json =>
  choice === null ? 'auto' : choice.type === 'tool' ? { type: 'function', name: choice.name } : choice.type;

export function writeFormat(output: OutputFormat): JsonObject {
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = output;
  return { type: 'json_schema', name, ...given({ description }), schema, strict };
}

function writeText({ output, extra }: ModelRequest): JsonObject {
  const verbosity = extra.verbosity === undefined ? {} : { verbosity: extra.verbosity };
  const format = output.type === 'text' ? {} : { format: writeFormat(output) };
  const text = { ...format, ...verbosity };
  return Object.keys(text).length === 0 ? {} : { text };
}

function writeReasoning({ reasoning }: ModelRequest): JsonObject {
  const effort = effortOf(reasoning);
  const summary = reasoning?.summary ?? (reasoning === null || effort === 'none' ? null : 'auto');
  const members = given({ effort, summary });
  return Object.keys(members).length === 0 ? {} : { reasoning: members };
}

/** @throws WheelhouseError `unsupported_by_model` */
export function writeResponsesRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, { capabilities, refuses, extra: known });
  const { logprobs, tools } = request;
  const { verbosity: _, store, ...extra } = request.extra;
  const include = [
    ...(logprobs === null ? [] : ['message.output_text.logprobs']),
    ...(effortOf(request.reasoning) === null || effortOf(request.reasoning) === 'none'
      ? []
      : ['reasoning.encrypted_content']),
  ];
  return {
    model: request.model,
    input: request.messages.flatMap(items),
    ...(tools.length === 0
      ? {}
      : {
          tools: writeTools(tools),
          ...(request.toolChoice === null ? {} : { tool_choice: writeToolChoice(request.toolChoice) }),
          ...given({ parallel_tool_calls: request.parallelToolCalls }),
        }),
    ...writeText(request),
    ...writeReasoning(request),
    ...given({
      max_output_tokens: request.maxTokens ?? capabilities.needsMaxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_logprobs: logprobs === 0 ? null : logprobs,
      user: request.user,
      service_tier: writeTier(request.serviceTier),
      metadata: Object.keys(request.metadata).length > 0 ? request.metadata : null,
    }),
    ...(include.length > 0 ? { include } : {}),
    ...(request.stream ? { stream: true } : {}),
    ...extra,
    // The conversation is the caller's: nothing of it stays at the vendor unasked.
    store: store ?? false,
  };
}
