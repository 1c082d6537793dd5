import type { Json, JsonObject, SpanKind, Usage } from '../../records/index.ts';
import { isJsonObject } from '../../records/index.ts';
import { chatRequestContent } from '../chat-request.ts';
import { countOf, jsonOrText, textOf } from '../json-value.ts';
import { readContent } from '../read-content.ts';
import { disjointUsage } from '../usage/disjoint.ts';
import {
  type Dialect,
  firstText,
  hasPrefix,
  membersWithPrefix,
  objectOf,
  readDocuments,
  textsOf,
  toolCallOf,
} from './dialect.ts';
import { readGenAi } from './otel-genai.ts';

/** LangSmith's kinds of runs, in our words. */
const runKinds = new Map<string, SpanKind>([
  ['llm', 'generation'],
  ['chain', 'chain'],
  ['prompt', 'chain'],
  ['parser', 'chain'],
  ['tool', 'tool'],
  ['retriever', 'retriever'],
  ['embedding', 'embedding'],
]);

/** LangChain's `usage_metadata`: totals that include their parts. null when there is none. */
function readUsageMetadata(usage: JsonObject): Usage | null {
  const input = isJsonObject(usage.input_token_details) ? usage.input_token_details : {};
  const output = isJsonObject(usage.output_token_details) ? usage.output_token_details : {};
  return disjointUsage(
    {
      input: countOf(usage.input_tokens),
      cacheRead: countOf(input.cache_read),
      cacheWrite: countOf(input.cache_creation),
      inputAudio: countOf(input.audio),
      output: countOf(usage.output_tokens),
      reasoning: countOf(output.reasoning),
      outputAudio: countOf(output.audio),
    },
    'emitter',
  );
}

/** Runs take objects only, so the client puts other values into one. */
function unwrapped(given: Json | undefined, side: 'input' | 'output'): Json | undefined {
  const value = jsonOrText(given ?? null);
  const [only, ...more] = isJsonObject(value) ? Object.entries(value) : [];
  return only && more.length === 0 && [side, `${side}s`].includes(only[0]) ? only[1] : given;
}

const metadataIn = 'langsmith.metadata.';
/** What the client copies there of itself. */
const ownMetadata = /^(LANGSMITH_|LANGCHAIN_|LANGGRAPH_API|ls_|usage_metadata$|revision_id$|__)/;

/** The LangSmith client's OpenTelemetry export: `langsmith.*`, and the run's inputs and outputs as JSON. */
export const langsmith: Dialect = {
  name: 'langsmith',
  speaks: ({ attributes }) => hasPrefix(attributes, 'langsmith.'),
  read(span) {
    const { attributes } = span;
    const fields = readGenAi(span);
    const all = membersWithPrefix(attributes, metadataIn);
    const kind = runKinds.get(firstText(attributes, 'langsmith.span.kind') ?? '') ?? fields.kind;
    const { session_id, thread_id, conversation_id, user_id, ...metadata } = all;
    const params = { ...fields.params };
    for (const [key, value] of Object.entries(all))
      if (key === 'ls_temperature' || key === 'ls_max_tokens') params[key.slice(3)] ??= jsonOrText(value);
    const request = chatRequestContent(jsonOrText(attributes['gen_ai.prompt'] ?? null));
    const session = [session_id, thread_id, conversation_id].map(textOf).find((id) => id !== null);
    const called = kind === 'generation' || kind === 'embedding';
    return {
      ...fields,
      kind,
      // Runs around the calls say `langchain`.
      provider: textOf(all.ls_provider) ?? (called ? fields.provider : null),
      requestModel: textOf(all.ls_model_name) ?? fields.requestModel,
      params: called ? { ...params, ...request.params } : params,
      input: readContent(unwrapped(attributes['gen_ai.prompt'], 'input'), 'input') ?? fields.input,
      output: readContent(unwrapped(attributes['gen_ai.completion'], 'output'), 'output') ?? fields.output,
      toolDefinitions: called ? (request.toolDefinitions ?? fields.toolDefinitions) : fields.toolDefinitions,
      toolCall:
        kind === 'tool'
          ? toolCallOf(textOf(span.name), {
              arguments: unwrapped(attributes['gen_ai.prompt'], 'input') ?? null,
              result: unwrapped(attributes['gen_ai.completion'], 'output') ?? null,
            })
          : null,
      documents:
        kind === 'retriever' ? readDocuments(unwrapped(attributes['gen_ai.completion'], 'output')) : fields.documents,
      usage: readUsageMetadata(objectOf(attributes['langsmith.usage_metadata'])) ?? fields.usage,
      sessionId: session ?? fields.sessionId,
      userId: textOf(user_id) ?? fields.userId,
      tags: textsOf(attributes['langsmith.span.tags']),
      metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !ownMetadata.test(key))),
    };
  },
};
