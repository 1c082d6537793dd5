import type { Content, JsonObject, Message, SpanKind } from '../../records/index.ts';
import { finishReason } from '../finish-reason.ts';
import { readGenAiMessages } from '../gen-ai-messages.ts';
import { jsonOrText, numberOf, textOf } from '../json-value.ts';
import { readSpanEvents } from '../message-event.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { readContent } from '../read-content.ts';
import { readGenAiUsage } from '../usage/otel-genai.ts';
import {
  bareFields,
  type Dialect,
  type DialectFields,
  finishReasonsOf,
  firstText,
  hasPrefix,
  jsonContent,
  membersWithPrefix,
  readDocuments,
  toolCallOf,
} from './dialect.ts';

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

/** Messages that came as events of the span, the form before the attributes. */
const contentOf = (messages: Message[]): Content | null =>
  messages.length > 0 ? { type: 'messages', messages } : null;

/** The GenAI fields of any span that carries `gen_ai.*` attributes. */
export function readGenAi({ attributes, events }: Pick<OtlpSpan, 'attributes' | 'events'>): DialectFields {
  const text = (...names: string[]) => firstText(attributes, ...names);
  const kind = kindOf(attributes);
  const toolCall =
    kind === 'tool'
      ? toolCallOf(text('gen_ai.tool.name'), {
          id: text('gen_ai.tool.call.id'),
          arguments: attributes['gen_ai.tool.call.arguments'] ?? null,
          result: attributes['gen_ai.tool.call.result'] ?? null,
        })
      : null;
  const outputType = attributes['gen_ai.output.type'];
  const told = readSpanEvents(events);
  return {
    ...bareFields(attributes),
    kind,
    provider: text('gen_ai.provider.name', 'gen_ai.system'),
    requestModel: text('gen_ai.request.model'),
    responseModel: text('gen_ai.response.model'),
    responseId: text('gen_ai.response.id'),
    params: {
      ...membersWithPrefix(attributes, 'gen_ai.request.', ['model']),
      ...(outputType === undefined ? {} : { output_type: outputType }),
    },
    finishReasons: finishReasonsOf(attributes['gen_ai.response.finish_reasons'], finishReason),
    input:
      readGenAiMessages(attributes['gen_ai.input.messages'], attributes['gen_ai.system_instructions']) ??
      contentOf(told.input) ??
      readContent(attributes['gen_ai.prompt'], 'input') ??
      jsonContent(toolCall ? toolCall.arguments : attributes['gen_ai.retrieval.query.text']),
    output:
      readGenAiMessages(attributes['gen_ai.output.messages']) ??
      contentOf(told.output) ??
      readContent(attributes['gen_ai.completion'], 'output') ??
      jsonContent(toolCall?.result),
    toolDefinitions: jsonOrText(attributes['gen_ai.tool.definitions'] ?? null),
    toolCall,
    documents: readDocuments(attributes['gen_ai.retrieval.documents']),
    usage: readGenAiUsage(attributes),
    emitterCost: numberOf(attributes['gen_ai.usage.cost']),
    firstTokenSeconds:
      numberOf(attributes['gen_ai.response.time_to_first_chunk']) ??
      // A metric's name, which AI SDK 7 writes on the span.
      numberOf(attributes['gen_ai.client.operation.time_to_first_chunk']),
    sessionId: text('gen_ai.conversation.id', 'session.id'),
  };
}

/** OpenTelemetry GenAI semantic conventions, the form after 1.36 and the older one with messages as events. */
export const otelGenAi: Dialect = {
  name: 'otel-genai',
  speaks: ({ attributes, events }) =>
    hasPrefix(attributes, 'gen_ai.') || events.some(({ name }) => name.startsWith('gen_ai.')),
  read: readGenAi,
};
