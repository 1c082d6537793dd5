import {
  type Content,
  isJsonObject,
  type Json,
  type JsonObject,
  type RetrievedDocument,
  type SpanKind,
} from '../../records/index.ts';
import { finishReason } from '../finish-reason.ts';
import { readGenAiMessages } from '../gen-ai-messages.ts';
import { jsonOrText, listOf, numberOf, objectsOf, textOf } from '../json-value.ts';
import { readGenAiUsage } from '../usage/otel-genai.ts';
import { type Dialect, type DialectFields, membersWithPrefix } from './dialect.ts';

const kinds = new Map<string, SpanKind>([
  ['chat', 'generation'],
  ['generate_content', 'generation'],
  ['text_completion', 'generation'],
  ['embeddings', 'embedding'],
  ['execute_tool', 'tool'],
  ['invoke_agent', 'agent'],
  ['create_agent', 'agent'],
  ['invoke_workflow', 'chain'],
  ['agent_step', 'chain'],
  ['plan', 'chain'],
  ['retrieval', 'retriever'],
  ['search_memory', 'retriever'],
  ['rerank', 'reranker'],
]);

function kindOf(attributes: JsonObject): SpanKind {
  const operation = textOf(attributes['gen_ai.operation.name']);
  if (operation !== null) return kinds.get(operation) ?? 'span';
  // Emitters from before the operation name are told by what they name.
  if (attributes['gen_ai.tool.name'] !== undefined) return 'tool';
  return attributes['gen_ai.request.model'] === undefined ? 'span' : 'generation';
}

function documentsOf(value: Json | undefined): RetrievedDocument[] {
  return objectsOf(jsonOrText(value ?? null)).map(({ id, content, score, ...metadata }) => ({
    id: typeof id === 'number' ? String(id) : textOf(id),
    content: textOf(content),
    score: numberOf(score),
    metadata: Object.keys(metadata).length === 1 && isJsonObject(metadata.metadata) ? metadata.metadata : metadata,
  }));
}

const jsonContent = (value: Json | undefined): Content | null =>
  value == null ? null : { type: 'json', value: jsonOrText(value) };

function toolCallOf(attributes: JsonObject): DialectFields['toolCall'] {
  const name = textOf(attributes['gen_ai.tool.name']);
  if (name === null) return null;
  return {
    id: textOf(attributes['gen_ai.tool.call.id']),
    name,
    arguments: jsonOrText(attributes['gen_ai.tool.call.arguments'] ?? null),
    result: jsonOrText(attributes['gen_ai.tool.call.result'] ?? null),
  };
}

/** The GenAI fields of any span that carries `gen_ai.*` attributes. */
export function readGenAi(attributes: JsonObject): DialectFields {
  const text = (...names: string[]) =>
    names.reduce<string | null>((found, name) => found ?? textOf(attributes[name]), null);
  const kind = kindOf(attributes);
  const toolCall = kind === 'tool' ? toolCallOf(attributes) : null;
  const outputType = attributes['gen_ai.output.type'];
  return {
    kind,
    provider: text('gen_ai.provider.name', 'gen_ai.system'),
    requestModel: text('gen_ai.request.model'),
    responseModel: text('gen_ai.response.model'),
    responseId: text('gen_ai.response.id'),
    params: {
      ...membersWithPrefix(attributes, 'gen_ai.request.', ['model']),
      ...(outputType === undefined ? {} : { output_type: outputType }),
    },
    finishReasons: listOf(jsonOrText(attributes['gen_ai.response.finish_reasons'] ?? null)).flatMap((reason) =>
      typeof reason === 'string' ? finishReason(reason) : [],
    ),
    input:
      readGenAiMessages(attributes['gen_ai.input.messages'], attributes['gen_ai.system_instructions']) ??
      jsonContent(toolCall ? toolCall.arguments : attributes['gen_ai.retrieval.query.text']),
    output: readGenAiMessages(attributes['gen_ai.output.messages']) ?? jsonContent(toolCall?.result),
    toolDefinitions: jsonOrText(attributes['gen_ai.tool.definitions'] ?? null),
    toolCall,
    documents: documentsOf(attributes['gen_ai.retrieval.documents']),
    usage: readGenAiUsage(attributes),
    emitterCost: numberOf(attributes['gen_ai.usage.cost']),
    firstTokenSeconds:
      numberOf(attributes['gen_ai.response.time_to_first_chunk']) ??
      // A metric's name, which AI SDK 7 writes on the span.
      numberOf(attributes['gen_ai.client.operation.time_to_first_chunk']),
    sessionId: text('gen_ai.conversation.id', 'session.id'),
    userId: text('user.id', 'enduser.id'),
    tags: [],
    metadata: {},
  };
}

/** OpenTelemetry GenAI semantic conventions, the form after 1.36, and of the older one what has the same names. */
export const otelGenAi: Dialect = {
  name: 'otel-genai',
  speaks: ({ attributes }) =>
    ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.system', 'gen_ai.request.model'].some(
      (key) => attributes[key] !== undefined,
    ),
  read: ({ attributes }) => readGenAi(attributes),
};
