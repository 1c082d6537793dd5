import {
  type Content,
  isJsonObject,
  type Json,
  type JsonObject,
  type Message,
  type SpanKind,
} from '../../records/index.ts';
import { finishReason } from '../finish-reason.ts';
import { jsonOrText, listOf, numberOf, textOf } from '../json-value.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { readContent, readMessageOf } from '../read-content.ts';
import { disjointUsage } from '../usage/disjoint.ts';
import { readAnswerUsage } from '../usage/fold-usage.ts';
import { firstCount } from '../usage/otel-genai.ts';
import {
  bareFields,
  type Dialect,
  type DialectFields,
  firstText,
  flatItems,
  jsonContent,
  objectOf,
  readDocuments,
  textsOf,
  toolCallOf,
} from './dialect.ts';

const kinds = new Map<string, SpanKind>([
  ['LLM', 'generation'],
  ['EMBEDDING', 'embedding'],
  ['CHAIN', 'chain'],
  ['PROMPT', 'chain'],
  ['RETRIEVER', 'retriever'],
  ['RERANKER', 'reranker'],
  ['TOOL', 'tool'],
  ['AGENT', 'agent'],
  ['GUARDRAIL', 'guardrail'],
  ['EVALUATOR', 'evaluator'],
]);

/** Also what LangChain says of itself. */
const notParams = new Set([
  ...['model', 'model_name', 'messages', 'input', 'tools', 'functions', 'stream', 'stream_options', '_type', 'stop'],
]);

/** Members of one item that are an inner list or object, under its name, in the words of the vendors. */
function messageOf(item: JsonObject): Message {
  const given = (name: string): Json => item[`message.${name}`] ?? null;
  const contents = flatItems(item, 'message.contents.').map((content): JsonObject => {
    const of = (name: string): Json => content[`message_content.${name}`] ?? null;
    const type = textOf(of('type')) ?? 'text';
    const url = of('image.image.url');
    if (url !== null) return { type: 'uri', modality: 'image', uri: url };
    const id = firstText(content, 'message_content.id', 'message_content.tool_call_id');
    return { ...rest(content, 'message_content.'), type, ...(id === null ? {} : { id }) };
  });
  const calls = flatItems(item, 'message.tool_calls.').map((call) => ({
    id: call['tool_call.id'] ?? null,
    function: {
      name: call['tool_call.function.name'] ?? null,
      arguments: call['tool_call.function.arguments'] ?? null,
    },
  }));
  const legacy = textOf(given('function_call_name'));
  const called =
    legacy === null ? [] : [{ function: { name: legacy, arguments: given('function_call_arguments_json') } }];
  return readMessageOf(textOf(given('role')) ?? 'assistant', {
    name: given('name'),
    tool_call_id: given('tool_call_id'),
    content: contents.length > 0 ? contents : given('content'),
    tool_calls: [...calls, ...called],
    finish_reason: given('finish_reason'),
  });
}

const rest = (item: JsonObject, prefix: string): JsonObject =>
  Object.fromEntries(Object.entries(item).map(([key, value]) => [key.replace(prefix, ''), value]));

function messages(attributes: JsonObject, prefix: string): Content | null {
  const items = flatItems(attributes, prefix).map(messageOf);
  // Spans around the calls name roles alone.
  return items.some(({ parts }) => parts.length > 0) ? { type: 'messages', messages: items } : null;
}

/** `input.value` or `output.value`: JSON when its type says so, or when it is an object or a list all the same. */
function contentOf(attributes: JsonObject, side: 'input' | 'output'): Content | null {
  const value = attributes[`${side}.value`];
  if (value === undefined || value === '') return null;
  if (attributes[`${side}.mime_type`] === 'text/plain') return { type: 'json', value };
  return readContent(value, side);
}

const documents = (attributes: JsonObject, prefix: string) =>
  readDocuments(flatItems(attributes, prefix).map((item) => rest(item, 'document.')));

function usageOf(attributes: JsonObject, answer: JsonObject) {
  const count = (...names: string[]) =>
    firstCount(
      attributes,
      names.map((name) => `llm.token_count.${name}`),
    );
  const told = disjointUsage(
    {
      input: count('prompt'),
      cacheRead: count('prompt_details.cache_read', 'prompt_details.cache_input'),
      cacheWrite: count('prompt_details.cache_write'),
      inputAudio: count('prompt_details.audio'),
      output: count('completion'),
      reasoning: count('completion_details.reasoning'),
      outputAudio: count('completion_details.audio'),
    },
    'emitter',
  );
  const read = told ?? readAnswerUsage(answer);
  return read && { ...read, source: 'emitter' as const };
}

/** The id that the vendor gave its answer, where it stands in the answer or in LangChain's account of it. */
function responseIdOf(answer: JsonObject): string | null {
  if (answer.choices !== undefined || answer.output !== undefined || answer.content !== undefined)
    return textOf(answer.id);
  const [generation] = listOf(listOf(answer.generations)[0]);
  const message = isJsonObject(generation) && isJsonObject(generation.message) ? generation.message : {};
  const { response_metadata: told } = isJsonObject(message.kwargs) ? message.kwargs : {};
  return isJsonObject(told) ? textOf(told.id) : null;
}

/** What the span says of a tool; a framework that answers in messages wraps the result in one. */
function calledTool({ name, attributes }: OtlpSpan, output: Content | null) {
  const told = output?.type === 'messages' ? output.messages.flatMap(({ parts }) => parts) : [];
  const answer = told.find((part) => part.type === 'tool_call_response');
  return toolCallOf(firstText(attributes, 'tool.name') ?? name, {
    id: firstText(attributes, 'tool_call.id', 'tool.id') ?? answer?.id ?? null,
    arguments: attributes['input.value'] ?? attributes['tool.parameters'] ?? null,
    result: answer ? answer.response : (attributes['output.value'] ?? null),
  });
}

function modelsOf(attributes: JsonObject, params: JsonObject) {
  const seen = firstText(attributes, 'llm.model_name', 'embedding.model_name', 'reranker.model_name');
  const asked = firstText(attributes, 'llm.request.model_name') ?? textOf(params.model) ?? textOf(params.model_name);
  const answered = firstText(attributes, 'llm.response.model_name');
  return {
    requestModel: asked ?? seen,
    responseModel: answered ?? (asked !== null && seen !== asked ? seen : null),
  };
}

function read(span: OtlpSpan): DialectFields {
  const { attributes } = span;
  const bare = bareFields(attributes);
  const text = (...names: string[]) => firstText(attributes, ...names);
  const kind = kinds.get(text('openinference.span.kind')?.toUpperCase() ?? '') ?? 'span';
  const isTalk = kind === 'generation';
  const given = objectOf(attributes['llm.invocation_parameters'] ?? attributes['embedding.invocation_parameters']);
  const answer = isTalk || kind === 'embedding' ? objectOf(attributes['output.value']) : {};
  const tools = flatItems(attributes, 'llm.tools.').map((item) =>
    jsonOrText(item['tool.json_schema'] ?? item['tool.name'] ?? null),
  );
  const asked = flatItems(attributes, 'embedding.embeddings.').map((item) => item['embedding.text'] ?? null);
  // Around the calls the value says more than the messages that it was taken apart into.
  const contents = (side: 'input' | 'output') => {
    const [flat, value] = [messages(attributes, `llm.${side}_messages.`), contentOf(attributes, side)];
    return isTalk ? (flat ?? value) : (value ?? flat);
  };
  const output = contents('output');
  const finish = text('llm.finish_reason');
  const metadata = objectOf(attributes.metadata);
  return {
    ...bare,
    kind,
    provider: text('llm.provider', 'llm.system')?.toLowerCase() ?? null,
    ...modelsOf(attributes, given),
    responseId: responseIdOf(answer),
    params: Object.fromEntries(Object.entries(given).filter(([key]) => !notParams.has(key))),
    finishReasons: finish === null ? [] : [finishReason(finish)],
    input:
      (asked.some((item) => item !== null) ? jsonContent(asked) : null) ??
      contents('input') ??
      jsonContent(attributes['reranker.query']),
    output,
    toolDefinitions: tools.length > 0 ? tools : null,
    toolCall: kind === 'tool' ? calledTool(span, output) : null,
    documents: [
      ...documents(attributes, 'retrieval.documents.'),
      ...documents(attributes, 'reranker.output_documents.'),
    ],
    usage: usageOf(attributes, answer),
    emitterCost: numberOf(attributes['llm.cost.total']),
    sessionId: bare.sessionId ?? firstText(metadata, 'session_id', 'thread_id', 'conversation_id'),
    userId: bare.userId ?? firstText(metadata, 'user_id'),
    tags: textsOf(attributes['tag.tags']),
    metadata,
  };
}

/** OpenInference (Arize Phoenix): lists written flat, kinds in capitals, token counts that include their parts. */
export const openInference: Dialect = {
  name: 'openinference',
  speaks: ({ attributes }) => attributes['openinference.span.kind'] !== undefined,
  read,
};
