import type { Capabilities, ModelPart, ModelRequest, OutputFormat } from '../../ports/index.ts';
import { isJsonObject, type JsonObject } from '../../records/index.ts';
import { argumentsObject } from '../arguments.ts';
import { type MediaPart, mediaTypeOf } from '../media-type.ts';
import { unsupportedMember } from '../members.ts';
import { refuseUnsupported } from '../refuse.ts';
import { ownSignature } from '../signature.ts';
import { calledTools, type Turn, turnsOf } from '../turns.ts';
import { unenforced, writeSchema } from './schema.ts';

/** Members of Gemini's own that nobody else knows; the rest of `generationConfig` is kept under its name. */
const ownMembers = new Set(['safetySettings', 'cachedContent', 'generationConfig', 'modelArmorConfig']);

/** From the third generation on a model thinks by levels, and wants its signatures back. */
const isThird = (model: string): boolean => /gemini-(?:[3-9]|\d{2})/.test(model);

/** What Google's documentation names for calls that another model made, or whose signature was lost on the way. */
const noSignature = 'skip_thought_signature_validator';

function writeMedia(part: MediaPart): JsonObject {
  const mimeType = mediaTypeOf(part);
  if (part.source.kind === 'file')
    throw unsupportedMember('file', 'Gemini does not know files by an id; send the data, or the URI of the file.');
  if (part.source.kind === 'url')
    return { fileData: { fileUri: part.source.url, ...(mimeType === null ? {} : { mimeType }) } };
  if (mimeType === null) throw unsupportedMember(part.type, `Gemini needs the media type of the ${part.type}.`);
  return { inlineData: { mimeType, data: part.source.data } };
}

type ToolResult = Extract<ModelPart, { type: 'toolResult' }>;

function writeResult(part: ToolResult, names: ReadonlyMap<string, string>): JsonObject {
  const name = part.name ?? names.get(part.id);
  if (name === undefined)
    throw unsupportedMember('messages', `Gemini answers tools by name, and no earlier call has the id \`${part.id}\`.`);
  const text = part.parts.flatMap((inner) => (inner.type === 'text' ? inner.text : [])).join('\n');
  const media = part.parts.flatMap((inner) =>
    inner.type === 'image' || inner.type === 'audio' || inner.type === 'file' ? writeMedia(inner) : [],
  );
  const response = part.isError ? { error: text } : { output: text };
  return { functionResponse: { id: part.id, name, response, ...(media.length === 0 ? {} : { parts: media }) } };
}

/** The signature of a part that is no thought, which stands before it as a thought without text. */
const signatureAlone = (part: ModelPart): string | null =>
  part.type === 'reasoning' && part.text === '' ? ownSignature('gemini', part.signature) : null;

/** Of calls side by side Gemini signs the first; callers' dialects may have moved a text between both. */
function signatureOfCall(parts: readonly ModelPart[]): ModelPart | undefined {
  const call = parts.findIndex(({ type }) => type === 'toolCall');
  return parts.slice(0, Math.max(0, call)).findLast((part) => signatureAlone(part) !== null);
}

type Writing = { model: string; names: ReadonlyMap<string, string> };

function writeParts({ role, parts }: Turn, { model, names }: Writing): JsonObject[] {
  const written: JsonObject[] = [];
  const ofCall = signatureOfCall(parts);
  let pending: string | null = null;
  let hasCall = false;
  const push = (part: JsonObject) => {
    written.push(pending === null ? part : { ...part, thoughtSignature: pending });
    pending = null;
  };
  for (const part of parts) {
    if (part.type === 'reasoning') {
      const signature = ownSignature('gemini', part.signature);
      if (signature === null || part === ofCall) continue;
      if (part.text === '') pending = signature;
      else written.push({ text: part.text, thought: true, thoughtSignature: signature });
    } else if (part.type === 'text' || part.type === 'refusal') {
      if (part.text !== '') push({ text: part.text });
    } else if (part.type === 'toolCall') {
      if (!hasCall && role === 'assistant')
        pending = (ofCall && signatureAlone(ofCall)) ?? (isThird(model) ? noSignature : null);
      hasCall = true;
      push({ functionCall: { id: part.id, name: part.name, args: argumentsObject(part) } });
    } else if (part.type === 'toolResult') push(writeResult(part, names));
    else push(writeMedia(part));
  }
  if (pending !== null) written.push({ text: '', thoughtSignature: pending });
  return written;
}

function writeTools({ tools, toolChoice }: ModelRequest): JsonObject {
  if (tools.length === 0) return {};
  const functionDeclarations = tools.map(({ name, description, parameters }) => ({
    name,
    ...(description === null ? {} : { description }),
    ...(parameters === null ? {} : { parametersJsonSchema: parameters as JsonObject }),
  }));
  const strict = tools.some((tool) => tool.strict === true);
  const type = toolChoice?.type ?? 'auto';
  // Arguments are held to their schema only where the mode says so.
  const mode = { auto: strict ? 'VALIDATED' : 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' }[type];
  const allowed = toolChoice?.type === 'tool' ? { allowedFunctionNames: [toolChoice.name] } : {};
  const said = toolChoice !== null || strict;
  return {
    tools: [{ functionDeclarations }],
    ...(said ? { toolConfig: { functionCallingConfig: { mode, ...allowed } } } : {}),
  };
}

function writeOutput(output: OutputFormat): JsonObject {
  if (output.type === 'text') return {};
  if (output.type === 'json') return { responseMimeType: 'application/json' };
  const schema = writeSchema(output.schema as JsonObject);
  const keyword = output.strict === true ? unenforced(schema) : null;
  if (keyword !== null)
    throw unsupportedMember(
      'output',
      `Gemini does not hold its answer to \`${keyword}\` of a schema; leave it out or \`strict\` off.`,
    );
  return { responseMimeType: 'application/json', responseJsonSchema: schema };
}

const budgets = new Map([
  ['none', 0],
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 24_576],
  ['max', 24_576],
]);
const levels = new Map([
  ['none', 'MINIMAL'],
  ['minimal', 'MINIMAL'],
  ['low', 'LOW'],
  ['medium', 'MEDIUM'],
]);

function writeThinking({ reasoning, model }: ModelRequest): JsonObject {
  if (reasoning === null) return {};
  const { effort, budgetTokens, summary } = reasoning;
  const shown = summary === null ? {} : { includeThoughts: true };
  if (budgetTokens !== null) return { thinkingConfig: { thinkingBudget: budgetTokens, ...shown } };
  if (effort === null) return { thinkingConfig: shown };
  const amount = isThird(model)
    ? { thinkingLevel: levels.get(effort) ?? 'HIGH' }
    : { thinkingBudget: budgets.get(effort) ?? -1 };
  return { thinkingConfig: { ...amount, ...shown } };
}

function writeConfig(request: ModelRequest): JsonObject {
  const own = isJsonObject(request.extra.generationConfig) ? request.extra.generationConfig : {};
  const said = {
    maxOutputTokens: request.maxTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    stopSequences: request.stop.length === 0 ? null : request.stop,
    seed: request.seed,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    candidateCount: request.n,
    responseLogprobs: request.logprobs === null ? null : true,
    logprobs: request.logprobs === 0 ? null : request.logprobs,
  };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
    ...writeOutput(request.output),
    ...writeThinking(request),
    ...own,
  };
}

const tiers = new Map([
  ['auto', null],
  ['default', null],
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

/** A request in normal form as a `generateContent` request; its path names the model and says whether it streams. */
export function writeGenerateRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, { capabilities, refuses: ['parallelToolCalls'], extra: ownMembers });
  const tier = request.serviceTier === null ? null : tiers.get(request.serviceTier);
  if (tier === undefined)
    throw unsupportedMember('serviceTier', `Gemini has no service tier \`${request.serviceTier}\`.`);
  const { system, turns } = turnsOf(request);
  const names = calledTools(request);
  const config = writeConfig(request);
  const { generationConfig: _, ...own } = request.extra;
  const kept = Object.entries(own).filter(([key]) => ownMembers.has(key));
  const instructions = system.flatMap((part) => (part.type === 'text' ? { text: part.text } : []));
  return {
    ...(instructions.length === 0 ? {} : { systemInstruction: { parts: instructions } }),
    contents: turns.map((turn) => ({
      role: turn.role === 'assistant' ? 'model' : 'user',
      parts: writeParts(turn, { model: request.model, names }),
    })),
    ...writeTools(request),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    ...(tier === null ? {} : { serviceTier: tier }),
    ...Object.fromEntries(kept),
  };
}
