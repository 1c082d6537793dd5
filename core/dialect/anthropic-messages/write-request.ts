import type { Capabilities, ModelPart, ModelRequest, ModelTool } from '../../ports/index.ts';
import type { JsonObject } from '../../records/index.ts';
import { argumentsObject } from '../arguments.ts';
import { base64ToBytes } from '../base64.ts';
import { type MediaPart, mediaTypeOf } from '../media-type.ts';
import { unsupportedMember } from '../members.ts';
import { refuseUnsupported } from '../refuse.ts';
import { ownSignature } from '../signature.ts';
import { turnsOf } from '../turns.ts';
import { utf8Text } from '../utf8.ts';
import { budgetOf, takesBudget } from './thinking.ts';

/** What a call may answer where nobody said, if the vendor's data does not say either. */
const defaultMaxTokens = 4096;

/** Members of Anthropic's own that nobody else knows. */
const ownMembers = new Set(['container', 'inference_geo', 'mcp_servers', 'speed', 'user_profile_id', 'workspace_id']);

const cacheOf = ({ cacheControl }: { cacheControl?: JsonObject }): JsonObject =>
  cacheControl === undefined ? {} : { cache_control: cacheControl };

const images = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

function writeMedia(part: MediaPart): JsonObject {
  const type = part.type === 'image' ? 'image' : 'document';
  const title = type === 'document' && part.name !== null ? { title: part.name } : {};
  const block = (source: JsonObject): JsonObject => ({ type, source, ...title, ...cacheOf(part) });
  if (part.type === 'audio') throw unsupportedMember('audio', 'Anthropic’s models take no audio.');
  if (part.source.kind === 'url') return block({ type: 'url', url: part.source.url });
  if (part.source.kind === 'file') return block({ type: 'file', file_id: part.source.fileId });
  const mediaType = mediaTypeOf(part);
  const { data } = part.source;
  if (mediaType !== null && (type === 'image' ? images.has(mediaType) : mediaType === 'application/pdf'))
    return block({ type: 'base64', media_type: mediaType, data });
  if (type === 'document' && mediaType?.startsWith('text/'))
    return block({ type: 'text', media_type: 'text/plain', data: utf8Text(base64ToBytes(data)) });
  throw unsupportedMember(part.type, `Anthropic’s models take no ${part.type} of type ${mediaType ?? 'unknown'}.`);
}

/** None for what only another vendor could read. */
function writePart(part: ModelPart): JsonObject[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text, ...cacheOf(part) }];
  if (part.type === 'refusal') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  if (part.type === 'reasoning') {
    const data = ownSignature('anthropic', part.redacted);
    if (data !== null) return [{ type: 'redacted_thinking', data }];
    const signature = ownSignature('anthropic', part.signature);
    return signature === null ? [] : [{ type: 'thinking', thinking: part.text, signature }];
  }
  if (part.type === 'toolCall')
    return [{ type: 'tool_use', id: part.id, name: part.name, input: argumentsObject(part), ...cacheOf(part) }];
  if (part.type === 'toolResult') {
    const content = part.parts.flatMap(writePart);
    const error = part.isError ? { is_error: true } : {};
    return [{ type: 'tool_result', tool_use_id: part.id, ...error, content, ...cacheOf(part) }];
  }
  return [writeMedia(part)];
}

const writeTool = (tool: ModelTool): JsonObject => ({
  name: tool.name,
  ...(tool.description === null ? {} : { description: tool.description }),
  input_schema: (tool.parameters ?? { type: 'object', properties: {} }) as JsonObject,
  ...(tool.strict === true ? { strict: true } : {}),
  ...cacheOf(tool),
});

function writeToolChoice({ toolChoice, parallelToolCalls, tools }: ModelRequest): JsonObject {
  if (tools.length === 0 || (toolChoice === null && parallelToolCalls !== false)) return {};
  const choice = toolChoice ?? { type: 'auto' as const };
  if (choice.type === 'none') return { tool_choice: { type: 'none' } };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (choice.type === 'tool') return { tool_choice: { type: 'tool', name: choice.name, ...single } };
  return { tool_choice: { type: choice.type === 'required' ? 'any' : 'auto', ...single } };
}

/** `max_tokens` with the thinking that counts towards it, and `output_config`. */
function writeLimits(request: ModelRequest, capabilities: Capabilities): JsonObject {
  const { reasoning, maxTokens, output } = request;
  const most = maxTokens ?? capabilities.needsMaxTokens ?? defaultMaxTokens;
  const format =
    output.type === 'schema' ? { format: { type: 'json_schema', schema: output.schema as JsonObject } } : {};
  const config = (more: JsonObject): JsonObject => (Object.keys(more).length === 0 ? {} : { output_config: more });
  if (reasoning === null) return { max_tokens: most, ...config(format) };
  const { effort, budgetTokens, summary } = reasoning;
  if (effort === 'none') return { max_tokens: most, thinking: { type: 'disabled' }, ...config(format) };
  if (budgetTokens === null && !takesBudget(request.model)) {
    const level = effort === null ? {} : { effort: effort === 'minimal' ? 'low' : effort };
    const display = summary === null ? {} : { display: 'summarized' };
    return { max_tokens: most, thinking: { type: 'adaptive', ...display }, ...config({ ...format, ...level }) };
  }
  const budget = budgetTokens ?? budgetOf(effort, maxTokens);
  if (budget === null) throw unsupportedMember('reasoning', `\`${request.model}\` thinks in no less than 1024 tokens.`);
  return {
    max_tokens: maxTokens ?? most + budget,
    thinking: { type: 'enabled', budget_tokens: budget },
    ...config(format),
  };
}

/** Vendors read fields of sampling apart; those that were not said stay out. */
function given(members: Record<string, JsonObject[string] | null>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as JsonObject;
}

/** A request in normal form as one of Anthropic's Messages API. */
export function writeMessagesRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, {
    capabilities,
    refuses: ['audio', 'seed', 'frequencyPenalty', 'presencePenalty', 'logprobs', 'n'],
    extra: ownMembers,
  });
  if (request.output.type === 'json')
    throw unsupportedMember(
      'output',
      'Anthropic’s models answer in JSON by a schema only; send `json_schema` instead.',
    );
  const { system, turns } = turnsOf(request);
  const own = Object.entries(request.extra).filter(([key]) => ownMembers.has(key));
  const tier = { auto: 'auto', default: 'standard_only', standard: 'standard_only' }[request.serviceTier ?? ''] ?? null;
  if (request.serviceTier !== null && tier === null)
    throw unsupportedMember('serviceTier', `Anthropic has no service tier \`${request.serviceTier}\`.`);
  return {
    model: request.model,
    ...writeLimits(request, capabilities),
    ...(system.length === 0 ? {} : { system: system.flatMap(writePart) }),
    messages: turns.map(({ role, parts }) => ({ role, content: parts.flatMap(writePart) })),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(writeTool) }),
    ...writeToolChoice(request),
    ...given({ temperature: request.temperature, top_p: request.topP, top_k: request.topK }),
    ...(request.stop.length === 0 ? {} : { stop_sequences: request.stop }),
    ...(request.user === null ? {} : { metadata: { user_id: request.user } }),
    ...(tier === null ? {} : { service_tier: tier }),
    ...(request.stream ? { stream: true } : {}),
    ...Object.fromEntries(own),
  };
}
