import type { Capabilities, ModelPart, ModelRequest, ModelTool, OutputFormat } from '../../ports/index.ts';
import { isJsonObject, type JsonObject } from '../../records/index.ts';
import { budgetOf, takesBudget } from '../anthropic-messages/thinking.ts';
import { argumentsObject } from '../arguments.ts';
import { unsupportedMember } from '../members.ts';
import { refuseUnsupported } from '../refuse.ts';
import { ownSignature } from '../signature.ts';
import { turnsOf } from '../turns.ts';
import { writeMedia } from './media.ts';

/** Members of Bedrock's own that nobody else knows. */
const ownMembers = new Set([
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'performanceConfig',
  'promptVariables',
]);

type Cached = { cacheControl?: JsonObject };

function cachePoint({ cacheControl }: Cached): JsonObject[] {
  if (cacheControl === undefined) return [];
  const ttl = cacheControl.ttl === undefined ? {} : { ttl: cacheControl.ttl };
  return [{ cachePoint: { type: 'default', ...ttl } }];
}

/** None for what only another vendor could read. */
function writeBlock(part: ModelPart): JsonObject[] {
  if (part.type === 'text' || part.type === 'refusal') return part.text === '' ? [] : [{ text: part.text }];
  if (part.type === 'reasoning') {
    const redactedContent = ownSignature('anthropic', part.redacted);
    if (redactedContent !== null) return [{ reasoningContent: { redactedContent } }];
    const signature = ownSignature('anthropic', part.signature);
    return signature === null ? [] : [{ reasoningContent: { reasoningText: { text: part.text, signature } } }];
  }
  if (part.type === 'toolCall')
    return [{ toolUse: { toolUseId: part.id, name: part.name, input: argumentsObject(part) } }];
  if (part.type !== 'toolResult') return [writeMedia(part)];
  const status = part.isError ? { status: 'error' } : {};
  return [{ toolResult: { toolUseId: part.id, content: part.parts.flatMap(writeBlock), ...status } }];
}

const writePart = (part: ModelPart & Cached): JsonObject[] => [...writeBlock(part), ...cachePoint(part)];

const writeTool = (tool: ModelTool): JsonObject[] => [
  {
    toolSpec: {
      name: tool.name,
      ...(tool.description ? { description: tool.description } : {}),
      inputSchema: { json: (tool.parameters ?? { type: 'object', properties: {} }) as JsonObject },
      ...(tool.strict === true ? { strict: true } : {}),
    },
  },
  ...cachePoint(tool),
];

const usesTools = ({ messages }: ModelRequest): boolean =>
  messages.some(({ parts }) => parts.some(({ type }) => type === 'toolCall' || type === 'toolResult'));

/** Bedrock has no word for none: without tools in the conversation they are left out. */
function writeTools(request: ModelRequest): JsonObject {
  const { tools, toolChoice } = request;
  if (tools.length === 0) return {};
  if (toolChoice?.type === 'none') {
    if (!usesTools(request)) return {};
    throw unsupportedMember(
      'toolChoice',
      'Bedrock cannot keep a model from tools in a conversation that has used them.',
    );
  }
  const choice =
    toolChoice === null
      ? {}
      : toolChoice.type === 'tool'
        ? { toolChoice: { tool: { name: toolChoice.name } } }
        : { toolChoice: toolChoice.type === 'required' ? { any: {} } : { auto: {} } };
  return { toolConfig: { tools: tools.flatMap(writeTool), ...choice } };
}

function writeOutput(output: OutputFormat): JsonObject {
  if (output.type === 'text') return {};
  if (output.type === 'json')
    throw unsupportedMember('output', 'Bedrock answers in JSON by a schema only; send `json_schema` instead.');
  const description = output.description === null ? {} : { description: output.description };
  const jsonSchema = { name: output.name, ...description, schema: JSON.stringify(output.schema) };
  return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
}

const isClaude = (model: string): boolean => /anthropic|claude/.test(model);

/** Thinking is said in the words of the model's maker. */
function writeThinking({ model, reasoning, maxTokens }: ModelRequest): JsonObject {
  if (reasoning === null) return {};
  const { effort, budgetTokens } = reasoning;
  if (isClaude(model)) {
    if (effort === 'none') return { thinking: { type: 'disabled' } };
    if (budgetTokens === null && !takesBudget(model)) {
      const level = effort === null ? {} : { output_config: { effort: effort === 'minimal' ? 'low' : effort } };
      return { thinking: { type: 'adaptive' }, ...level };
    }
    const budget = budgetTokens ?? budgetOf(effort, maxTokens);
    if (budget === null) throw unsupportedMember('reasoning', `\`${model}\` thinks in no less than 1024 tokens.`);
    return { thinking: { type: 'enabled', budget_tokens: budget } };
  }
  if (/gpt-oss/.test(model) && effort !== null && effort !== 'none') return { reasoning_effort: effort };
  if (/nova-2/.test(model)) {
    const level =
      effort === 'low' || effort === 'minimal' ? 'low' : effort === 'medium' || effort === null ? 'medium' : 'high';
    return {
      reasoningConfig: effort === 'none' ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: level },
    };
  }
  if (effort === 'none') return {};
  throw unsupportedMember('reasoning', `How much \`${model}\` thinks cannot be said at Bedrock.`);
}

function writeAdditional(request: ModelRequest): JsonObject {
  const { model, topK, extra } = request;
  const own = isJsonObject(extra.additionalModelRequestFields) ? extra.additionalModelRequestFields : {};
  if (topK !== null && !isClaude(model) && !/nova/.test(model))
    throw unsupportedMember('topK', `\`${model}\` takes no top_k at Bedrock.`);
  const most = topK === null ? {} : isClaude(model) ? { top_k: topK } : { inferenceConfig: { topK } };
  const fields = { ...most, ...writeThinking(request), ...own };
  return Object.keys(fields).length === 0 ? {} : { additionalModelRequestFields: fields };
}

function writeConfig(request: ModelRequest, capabilities: Capabilities): JsonObject {
  const said = {
    maxTokens: request.maxTokens ?? capabilities.needsMaxTokens,
    temperature: request.temperature,
    topP: request.topP,
    stopSequences: request.stop.length === 0 ? null : request.stop,
  };
  const config = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
  return Object.keys(config).length === 0 ? {} : { inferenceConfig: config };
}

const tiers = new Set(['default', 'flex', 'priority', 'reserved']);

function writeTier(tier: string | null): JsonObject {
  if (tier === null || tier === 'auto' || tier === 'standard') return {};
  if (!tiers.has(tier)) throw unsupportedMember('serviceTier', `Bedrock has no service tier \`${tier}\`.`);
  return { serviceTier: { type: tier } };
}

/** Labels of the caller's, for the account's own logs; Bedrock takes texts only. */
function writeMetadata(metadata: JsonObject): JsonObject {
  const texts = Object.entries(metadata).filter(([, value]) => typeof value === 'string');
  return texts.length === 0 ? {} : { requestMetadata: Object.fromEntries(texts) };
}

/** A request in normal form as one of Bedrock's Converse; its path names the model and says whether it streams. */
export function writeConverseRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, {
    capabilities,
    refuses: ['seed', 'frequencyPenalty', 'presencePenalty', 'logprobs', 'n', 'parallelToolCalls'],
    extra: ownMembers,
  });
  const { system, turns } = turnsOf(request);
  const { additionalModelRequestFields: _, ...own } = request.extra;
  const kept = Object.entries(own).filter(([key]) => ownMembers.has(key));
  return {
    ...(system.length === 0 ? {} : { system: system.flatMap(writePart) }),
    messages: turns.map(({ role, parts }) => ({ role, content: parts.flatMap(writePart) })),
    ...writeConfig(request, capabilities),
    ...writeTools(request),
    ...writeOutput(request.output),
    ...writeAdditional(request),
    ...writeTier(request.serviceTier),
    ...writeMetadata(request.metadata),
    ...Object.fromEntries(kept),
  };
}
