import {
  type Content,
  isJsonObject,
  type Json,
  type JsonObject,
  type Message,
  type Part,
  type RetrievedDocument,
  type SpanKind,
} from '../../records/index.ts';
import { finishReason } from '../finish-reason.ts';
import { jsonOrText, listOf, numberOf, objectsOf, parseJson, textOf } from '../json-value.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { readAiSdkUsage } from '../usage/ai-sdk.ts';
import { type Dialect, type DialectFields, membersWithPrefix } from './dialect.ts';
import { readGenAi } from './otel-genai.ts';

/** AI SDK names a provider by package and kind of model: `openai.chat`, `acme.embedding`. */
const providerSuffix = /\.(chat|completion|responses|messages|embedding|image|speech|transcription|reranking)$/;

const legacyKinds: [RegExp, SpanKind][] = [
  [/\.(doGenerate|doStream)$/, 'generation'],
  [/\.doEmbed$/, 'embedding'],
  [/\.doRerank$/, 'reranker'],
  [/^ai\.toolCall$/, 'tool'],
  [/^ai\./, 'chain'],
];

function part(value: JsonObject): Part {
  const id = textOf(value.toolCallId);
  if (value.type === 'text' && typeof value.text === 'string') return { type: 'text', content: value.text };
  if (value.type === 'reasoning' && typeof value.text === 'string') return { type: 'reasoning', content: value.text };
  if (value.type === 'tool-call' && typeof value.toolName === 'string')
    return { type: 'tool_call', id, name: value.toolName, arguments: jsonOrText(value.input ?? value.args ?? null) };
  if (value.type === 'tool-result') {
    const output = value.output ?? value.result ?? null;
    return {
      type: 'tool_call_response',
      id,
      response: isJsonObject(output) && output.value !== undefined ? output.value : output,
    };
  }
  return { type: 'other', value };
}

function message(value: JsonObject): Message {
  const parts: Part[] =
    typeof value.content === 'string' ? [{ type: 'text', content: value.content }] : objectsOf(value.content).map(part);
  return { role: textOf(value.role) ?? 'user', parts };
}

function promptOf(attributes: JsonObject): Content | null {
  const prompt = jsonOrText(attributes['ai.prompt.messages'] ?? attributes['ai.prompt'] ?? null);
  if (Array.isArray(prompt)) return { type: 'messages', messages: objectsOf(prompt).map(message) };
  if (!isJsonObject(prompt)) return prompt === null ? null : { type: 'json', value: prompt };
  const messages = objectsOf(prompt.messages).map(message);
  if (typeof prompt.prompt === 'string')
    messages.push({ role: 'user', parts: [{ type: 'text', content: prompt.prompt }] });
  if (typeof prompt.system === 'string')
    messages.unshift({ role: 'system', parts: [{ type: 'text', content: prompt.system }] });
  return messages.length > 0 ? { type: 'messages', messages } : { type: 'json', value: prompt };
}

function answerOf(attributes: JsonObject, finish: string | null): Content | null {
  const parts: Part[] = [];
  const reasoning = textOf(attributes['ai.response.reasoning']);
  if (reasoning !== null) parts.push({ type: 'reasoning', content: reasoning });
  const text = textOf(attributes['ai.response.text']) ?? textOf(attributes['ai.response.object']);
  if (text !== null) parts.push({ type: 'text', content: text });
  for (const call of objectsOf(jsonOrText(attributes['ai.response.toolCalls'] ?? null)))
    parts.push(part({ type: 'tool-call', ...call }));
  if (parts.length === 0) return null;
  const message: Message = { role: 'assistant', parts, ...(finish === null ? {} : { finishReason: finish }) };
  return { type: 'messages', messages: [message] };
}

/** Lists are written as arrays of JSON texts. */
const jsonItems = (value: Json | undefined): Json[] => listOf(value).map((item) => jsonOrText(item as Json));
const jsonContent = (value: Json | undefined): Content | null =>
  value == null ? null : { type: 'json', value: jsonOrText(value) };

/** A reranker writes its documents, and beside them in which order with which scores. */
function rankedDocuments(attributes: JsonObject): RetrievedDocument[] {
  const documents = jsonItems(attributes['ai.documents']);
  return objectsOf(jsonItems(attributes['ai.ranking'])).flatMap(({ index, score, relevanceScore }) => {
    const document = documents[numberOf(index) ?? -1];
    if (document === undefined) return [];
    const content = typeof document === 'string' ? document : JSON.stringify(document);
    return [{ id: String(index), content, score: numberOf(score ?? relevanceScore), metadata: {} }];
  });
}

function readLegacy(span: OtlpSpan, operation: string): DialectFields {
  const { attributes } = span;
  const genAi = readGenAi(span);
  const text = (name: string) => textOf(attributes[name]);
  const kind = legacyKinds.find(([pattern]) => pattern.test(operation))?.[1] ?? 'span';
  const finish = text('ai.response.finishReason');
  const toolName = kind === 'tool' ? text('ai.toolCall.name') : null;
  const toolCall =
    toolName === null
      ? null
      : {
          id: text('ai.toolCall.id'),
          name: toolName,
          arguments: jsonOrText(attributes['ai.toolCall.args'] ?? null),
          result: jsonOrText(attributes['ai.toolCall.result'] ?? null),
        };
  const values =
    attributes['ai.values'] === undefined
      ? jsonContent(attributes['ai.value'])
      : jsonContent(jsonItems(attributes['ai.values']));
  const embeddings =
    attributes['ai.embeddings'] === undefined
      ? jsonContent(attributes['ai.embedding'])
      : jsonContent(jsonItems(attributes['ai.embeddings']));
  const tools = jsonItems(attributes['ai.prompt.tools']);
  const { maxOutputTokens, ...settings } = membersWithPrefix(attributes, 'ai.settings.');
  const milliseconds = numberOf(attributes['ai.response.msToFirstChunk']);
  return {
    ...genAi,
    kind,
    provider: text('ai.model.provider') ?? genAi.provider,
    requestModel: text('ai.model.id') ?? genAi.requestModel,
    responseModel: text('ai.response.model') ?? genAi.responseModel,
    responseId: text('ai.response.id') ?? genAi.responseId,
    params: { ...settings, ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }), ...genAi.params },
    finishReasons: finish === null ? genAi.finishReasons : [finishReason(finish)],
    input: promptOf(attributes) ?? values ?? jsonContent(toolCall?.arguments),
    output:
      answerOf(attributes, finish === null ? null : finishReason(finish)) ??
      embeddings ??
      jsonContent(toolCall?.result),
    toolDefinitions: tools.length > 0 ? tools : genAi.toolDefinitions,
    toolCall,
    documents: kind === 'reranker' ? rankedDocuments(attributes) : genAi.documents,
    usage: readAiSdkUsage(attributes) ?? genAi.usage,
    firstTokenSeconds: milliseconds === null ? genAi.firstTokenSeconds : milliseconds / 1000,
  };
}

const contextIn = 'ai.settings.context.';
const metadataIn = 'ai.telemetry.metadata.';

/** Vercel AI SDK: version 7 writes the GenAI conventions with `ai.*` beside, before it wrote `ai.*` alone. */
export const vercelAi: Dialect = {
  name: 'vercel-ai',
  speaks: ({ scope, attributes }) =>
    scope.name === 'gen_ai' || scope.name === 'ai' || attributes['ai.operationId'] !== undefined,
  read(span) {
    const { attributes } = span;
    const operation = textOf(attributes['ai.operationId']);
    const fields = operation === null ? readGenAi(span) : readLegacy(span, operation);
    const extra = { ...membersWithPrefix(attributes, metadataIn), ...membersWithPrefix(attributes, contextIn) };
    const { sessionId, userId, tags, ...metadata } = extra;
    const choice = textOf(attributes['ai.prompt.toolChoice']);
    const params = Object.entries(fields.params).filter(([key]) => !key.startsWith('context.'));
    return {
      ...fields,
      provider: fields.provider?.replace(providerSuffix, '') ?? null,
      params: {
        ...Object.fromEntries(params),
        ...(choice === null ? {} : { tool_choice: parseJson(choice) ?? choice }),
      },
      sessionId: textOf(sessionId) ?? fields.sessionId,
      userId: textOf(userId) ?? fields.userId,
      tags: listOf(tags).filter((tag) => typeof tag === 'string'),
      metadata,
    };
  },
};
