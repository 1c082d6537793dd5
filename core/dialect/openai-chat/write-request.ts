import type { Capabilities, ModelMessage, ModelPart, ModelRequest, OutputFormat } from '../../ports/index.ts';
import type { Json, JsonObject } from '../../records/index.ts';
import { audioFormatOf, dataUrlOf } from '../media.ts';
import { unsupportedMember } from '../members.ts';
import { refuseUnsupported, withoutHints } from '../refuse.ts';

/** What else a chat completions request may say, in this dialect's words. */
const known = new Set([
  'audio',
  'logit_bias',
  'moderation',
  'modalities',
  'prediction',
  'verbosity',
  'web_search_options',
]);

type Media = Extract<ModelPart, { type: 'image' | 'audio' | 'file' }>;

function writeMedia(part: Media): JsonObject {
  const { source, mediaType } = part;
  if (part.type === 'image' && source.kind !== 'file') {
    const url = source.kind === 'url' ? source.url : dataUrlOf(source.data, mediaType ?? 'image/png');
    return { type: 'image_url', image_url: { url, ...(part.detail === null ? {} : { detail: part.detail }) } };
  }
  const format = audioFormatOf(mediaType);
  if (part.type === 'audio' && source.kind === 'data' && format !== null)
    return { type: 'input_audio', input_audio: { data: source.data, format } };
  if (part.type === 'file' && source.kind === 'file')
    return { type: 'file', file: { file_id: source.fileId, ...(part.name === null ? {} : { filename: part.name }) } };
  if (part.type === 'file' && source.kind === 'data') {
    const type = mediaType ?? 'application/pdf';
    return { type: 'file', file: { filename: part.name ?? 'file', file_data: dataUrlOf(source.data, type) } };
  }
  throw unsupportedMember(part.type, `Chat completions take no ${part.type} given by ${source.kind}.`);
}

function writeContentPart(part: ModelPart): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'refusal') return { type: 'text', text: part.text };
  if (part.type === 'image' || part.type === 'audio' || part.type === 'file') return writeMedia(part);
  throw unsupportedMember('messages', `A message of this role carries no ${part.type}.`);
}

/** One text stays plain text, which every vendor of this dialect takes. */
function writeContent(parts: readonly ModelPart[]): Json {
  const [first] = parts;
  if (first === undefined) return '';
  return parts.length === 1 && first.type === 'text' ? first.text : parts.map(writeContentPart);
}

const isText = (part: ModelPart) => part.type === 'text';

function assistantMessage(parts: readonly ModelPart[]): JsonObject {
  const texts = parts.filter(isText);
  const refusals = parts.filter((part) => part.type === 'refusal');
  const calls = parts.filter((part) => part.type === 'toolCall');
  const other = parts.find(({ type }) => type === 'image' || type === 'audio' || type === 'file');
  if (other) throw unsupportedMember(other.type, `Chat completions take no ${other.type} that a model made.`);
  return {
    role: 'assistant',
    // Nothing at all is text that is empty; only calls and refusals stand alone.
    content: texts.length > 0 || (calls.length === 0 && refusals.length === 0) ? writeContent(texts) : null,
    ...(refusals.length > 0 ? { refusal: refusals.map(({ text }) => text).join('') } : {}),
    ...(calls.length > 0
      ? {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        }
      : {}),
  };
}

type ToolResult = Extract<ModelPart, { type: 'toolResult' }>;

/** An error is told in words, because the dialect has no mark for it. */
function toolMessage({ id, parts, isError }: ToolResult): JsonObject {
  const texts = parts.filter(isText);
  const content = writeContent(texts.length > 0 || parts.length === 0 ? texts : [{ type: 'text', text: 'See below.' }]);
  const told = isError && typeof content === 'string' ? `Error: ${content}` : content;
  return { role: 'tool', tool_call_id: id, content: told };
}

/** Results are text here: pictures among them follow as what the user shows, after all results of the turn. */
function toolMessages(message: ModelMessage): { results: JsonObject[]; rest: ModelPart[] } {
  const results = message.parts.filter((part) => part.type === 'toolResult');
  return {
    results: results.map(toolMessage),
    rest: [
      ...results.flatMap(({ parts }) => parts.filter((part) => !isText(part))),
      ...message.parts.filter((part) => part.type !== 'toolResult'),
    ],
  };
}

function writeMessages(messages: readonly ModelMessage[]): JsonObject[] {
  const written: JsonObject[] = [];
  let shown: ModelPart[] = [];
  const show = () => {
    if (shown.length > 0) written.push({ role: 'user', content: writeContent(shown) });
    shown = [];
  };
  for (const message of messages) {
    const name = message.name === undefined ? {} : { name: message.name };
    if (message.parts.some(({ type }) => type === 'toolResult')) {
      const { results, rest } = toolMessages(message);
      written.push(...results);
      shown.push(...rest);
      continue;
    }
    show();
    if (message.role === 'assistant') written.push({ ...assistantMessage(message.parts), ...name });
    else written.push({ role: message.role, content: writeContent(message.parts), ...name });
  }
  show();
  return written;
}

function writeOutput(output: OutputFormat): JsonObject {
  if (output.type === 'text') return {};
  if (output.type === 'json') return { response_format: { type: 'json_object' } };
  const { name, description, schema, strict } = output;
  const inner = { name, ...given({ description, strict }), schema };
  return { response_format: { type: 'json_schema', json_schema: inner } };
}

/** Members that were said. */
export const given = (members: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

function writeTools({ tools, toolChoice, parallelToolCalls }: ModelRequest): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: { name, ...given({ description, parameters, strict }) },
    })),
    ...given({
      tool_choice:
        toolChoice === null
          ? null
          : toolChoice.type === 'tool'
            ? { type: 'function', function: { name: toolChoice.name } }
            : toolChoice.type,
      parallel_tool_calls: parallelToolCalls,
    }),
  };
}

/** Efforts by the tokens that Anthropic's and Gemini's callers allow for thinking. */
export function effortOf(reasoning: ModelRequest['reasoning']): string | null {
  if (reasoning === null || reasoning.effort !== null) return reasoning?.effort ?? null;
  const budget = reasoning.budgetTokens;
  if (budget === null) return null;
  return budget <= 0 ? 'none' : budget <= 2048 ? 'low' : budget <= 16_384 ? 'medium' : 'high';
}

const tiers = new Set(['auto', 'default', 'flex', 'priority', 'scale']);

/** The ordinary tier of another dialect is OpenAI's default; a special one is its own vendor's affair. */
export function writeTier(tier: string | null): string | null {
  if (tier === null || tiers.has(tier)) return tier;
  if (tier.startsWith('standard')) return 'default';
  throw unsupportedMember('serviceTier', `There is no service tier \`${tier}\` at OpenAI.`);
}

/** @throws WheelhouseError `unsupported_by_model` */
export function writeChatRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, { capabilities, refuses: [], extra: known });
  const { maxTokens, logprobs } = request;
  return {
    model: request.model,
    messages: writeMessages(request.messages),
    ...writeTools(request),
    ...writeOutput(request.output),
    ...given({
      max_completion_tokens: maxTokens ?? capabilities.needsMaxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      stop: request.stop.length > 0 ? request.stop : null,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      logprobs: logprobs === null ? null : true,
      top_logprobs: logprobs === 0 ? null : logprobs,
      n: request.n,
      reasoning_effort: effortOf(request.reasoning),
      user: request.user,
      service_tier: writeTier(request.serviceTier),
    }),
    ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...withoutHints(request.extra),
  };
}
