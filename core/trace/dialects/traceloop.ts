import type {
  Content,
  Json,
  JsonObject,
  Message,
  RetrievedDocument,
  SpanEvent,
  SpanKind,
} from '../../records/index.ts';
import { finishReason } from '../finish-reason.ts';
import { jsonOrText, numberOf, textOf } from '../json-value.ts';
import { readContent, readMessageOf } from '../read-content.ts';
import { disjointUsage } from '../usage/disjoint.ts';
import { firstCount, readGenAiUsage } from '../usage/otel-genai.ts';
import {
  type Dialect,
  finishReasonsOf,
  firstText,
  flatItems,
  hasPrefix,
  membersWithPrefix,
  textsOf,
  toolCallOf,
} from './dialect.ts';
import { readGenAi } from './otel-genai.ts';

const spanKinds = new Map<string, SpanKind>([
  ['workflow', 'chain'],
  ['task', 'chain'],
  ['agent', 'agent'],
  ['tool', 'tool'],
]);
const requestKinds = new Map<string, SpanKind>([
  ['chat', 'generation'],
  ['completion', 'generation'],
  ['embedding', 'embedding'],
  ['rerank', 'reranker'],
]);

/** `gen_ai.prompt.0.content` and its like, the form before messages were JSON. */
function flatMessages(attributes: JsonObject, prefix: string): Content | null {
  const messages = flatItems(attributes, prefix).map((item): Message => {
    const calls = flatItems(item, 'tool_calls.').map(({ id, name, arguments: given }) => ({
      id: id ?? null,
      function: { name: name ?? null, arguments: given ?? null },
    }));
    const content = jsonOrText(item.content ?? null);
    const finish = textOf(item.finish_reason);
    const message = readMessageOf(textOf(item.role) ?? (prefix.includes('completion') ? 'assistant' : 'user'), {
      content: Array.isArray(content) ? content : (item.content ?? null),
      tool_calls: calls,
      tool_call_id: item.tool_call_id ?? null,
      reasoning: item.reasoning ?? null,
    });
    return { ...message, ...(finish === null ? {} : { finishReason: finishReason(finish) }) };
  });
  return messages.length > 0 ? { type: 'messages', messages } : null;
}

function foundDocuments(events: readonly SpanEvent[]): RetrievedDocument[] {
  return events.flatMap(({ name, attributes }): RetrievedDocument[] => {
    if (name !== 'db.query.result') return [];
    const of = (key: string): Json => attributes[`db.query.result.${key}`] ?? null;
    const metadata = jsonOrText(of('metadata'));
    const score = numberOf(of('score'));
    return [{ id: textOf(of('id')), content: textOf(of('document')), score, metadata: metadata ?? {} }];
  });
}

function kindOf(attributes: JsonObject, found: RetrievedDocument[]): SpanKind | null {
  const kind = spanKinds.get(firstText(attributes, 'traceloop.span.kind') ?? '');
  if (kind) return kind;
  if (found.length > 0) return 'retriever';
  return requestKinds.get(firstText(attributes, 'llm.request.type') ?? '') ?? null;
}

/** Names of the releases before they took those of the conventions. */
function olderUsage(attributes: JsonObject) {
  const count = (...names: string[]) => firstCount(attributes, names);
  return disjointUsage(
    {
      input: count('llm.usage.prompt_tokens'),
      cacheRead: count('llm.usage.cache_read_input_tokens'),
      cacheWrite: count('llm.usage.cache_creation_input_tokens'),
      output: count('llm.usage.completion_tokens'),
      reasoning: count('llm.usage.reasoning_tokens'),
    },
    'emitter',
  );
}

function offeredTools(attributes: JsonObject): Json {
  const tools = flatItems(attributes, 'llm.request.functions.').map((tool) => ({
    ...tool,
    ...(tool.parameters === undefined ? {} : { parameters: jsonOrText(tool.parameters) }),
  }));
  return tools.length > 0 ? tools : null;
}

const propertiesIn = 'traceloop.association.properties.';

/** OpenLLMetry (Traceloop): the GenAI conventions, before that `gen_ai.prompt.N`, with `traceloop.*` beside either. */
export const traceloop: Dialect = {
  name: 'traceloop',
  speaks: ({ scope, attributes }) =>
    scope.name.startsWith('@traceloop/') ||
    attributes['llm.request.type'] !== undefined ||
    hasPrefix(attributes, 'traceloop.') ||
    hasPrefix(attributes, 'gen_ai.prompt.0.') ||
    hasPrefix(attributes, 'gen_ai.completion.0.'),
  read(span) {
    const { attributes } = span;
    const fields = readGenAi(span);
    const found = foundDocuments(span.events);
    const kind = kindOf(attributes, found) ?? fields.kind;
    const { session_id, sessionId, user_id, userId, tags, ...metadata } = membersWithPrefix(attributes, propertiesIn);
    const [entityInput, entityOutput] = [attributes['traceloop.entity.input'], attributes['traceloop.entity.output']];
    const output = flatMessages(attributes, 'gen_ai.completion.') ?? fields.output;
    const said = output?.type === 'messages' ? output.messages.flatMap((message) => message.finishReason ?? []) : [];
    const reasons = [
      fields.finishReasons,
      finishReasonsOf(attributes['llm.response.finish_reason'], finishReason),
      said,
    ];
    return {
      ...fields,
      kind,
      provider: fields.provider?.toLowerCase() ?? null,
      params: {
        ...Object.fromEntries(Object.entries(fields.params).filter(([key]) => key !== 'type')),
        ...membersWithPrefix(attributes, 'llm.request.parameters.'),
      },
      finishReasons: reasons.find((list) => list.length > 0) ?? [],
      input: flatMessages(attributes, 'gen_ai.prompt.') ?? fields.input ?? readContent(entityInput, 'input'),
      output: output ?? readContent(entityOutput, 'output'),
      toolDefinitions: offeredTools(attributes) ?? fields.toolDefinitions,
      toolCall:
        kind === 'tool'
          ? (fields.toolCall ??
            toolCallOf(firstText(attributes, 'traceloop.entity.name') ?? span.name, {
              arguments: entityInput ?? null,
              result: entityOutput ?? null,
            }))
          : null,
      documents: found.length > 0 ? found : fields.documents,
      usage: readGenAiUsage(attributes) ?? olderUsage(attributes),
      sessionId: textOf(session_id) ?? textOf(sessionId) ?? fields.sessionId,
      userId: textOf(user_id) ?? textOf(userId) ?? fields.userId,
      tags: textsOf(tags),
      metadata,
    };
  },
};
