import type { Json, JsonObject, SpanKind, Usage } from '../../records/index.ts';
import { countOf, jsonOrText, numberOf, textOf } from '../json-value.ts';
import { readContent } from '../read-content.ts';
import { disjointUsage } from '../usage/disjoint.ts';
import { readAnswerUsage } from '../usage/fold-usage.ts';
import { type Dialect, hasPrefix, membersWithPrefix, objectOf, readDocuments, toolCallOf } from './dialect.ts';

const kinds = new Map<string, SpanKind>([
  ['LLM', 'generation'],
  ['CHAT_MODEL', 'generation'],
  ['EMBEDDING', 'embedding'],
  ['CHAIN', 'chain'],
  ['WORKFLOW', 'chain'],
  ['TASK', 'chain'],
  ['PARSER', 'chain'],
  ['AGENT', 'agent'],
  ['TOOL', 'tool'],
  ['RETRIEVER', 'retriever'],
  ['RERANKER', 'reranker'],
  ['GUARDRAIL', 'guardrail'],
  ['EVALUATOR', 'evaluator'],
]);

const notParams = ['model', 'messages', 'input', 'tools', 'functions', 'stream', 'stream_options'];

function usageOf(tokens: JsonObject): Usage | null {
  return disjointUsage(
    {
      input: countOf(tokens.input_tokens),
      cacheRead: countOf(tokens.cache_read_input_tokens),
      cacheWrite: countOf(tokens.cache_creation_input_tokens),
      output: countOf(tokens.output_tokens),
    },
    'emitter',
  );
}

/** Every value is JSON, texts with their quotes. */
const read = (attributes: JsonObject, name: string): Json => jsonOrText(attributes[`mlflow.${name}`] ?? null);

/** Retrievers give a list of documents, as dicts with `page_content`. */
export const mlflow: Dialect = {
  name: 'mlflow',
  speaks: ({ attributes }) => hasPrefix(attributes, 'mlflow.'),
  read(span, under) {
    const { attributes } = span;
    const of = (name: string) => read(attributes, name);
    const fields = under();
    const kind = kinds.get(textOf(of('spanType')) ?? '') ?? fields.kind;
    const called = kind === 'generation' || kind === 'embedding';
    const [asked, answered] = [objectOf(of('spanInputs')), objectOf(of('spanOutputs'))];
    const params = Object.entries(asked).filter(([key, value]) => !notParams.includes(key) && value !== null);
    const model = textOf(of('llm.model'));
    const requestModel = (called ? textOf(asked.model) : null) ?? model ?? fields.requestModel;
    const responseModel = called ? (textOf(answered.model) ?? model) : model;
    return {
      ...fields,
      kind,
      provider: textOf(of('llm.provider')) ?? fields.provider,
      requestModel,
      responseModel: responseModel === requestModel ? fields.responseModel : responseModel,
      responseId: called ? (textOf(answered.id) ?? fields.responseId) : fields.responseId,
      params: called ? { ...fields.params, ...Object.fromEntries(params) } : fields.params,
      input: readContent(of('spanInputs'), 'input') ?? fields.input,
      output: readContent(of('spanOutputs'), 'output') ?? fields.output,
      toolDefinitions: of('chat.tools') ?? (called ? asked.tools : undefined) ?? fields.toolDefinitions,
      toolCall:
        kind === 'tool'
          ? toolCallOf(span.name, { arguments: of('spanInputs'), result: of('spanOutputs') })
          : fields.toolCall,
      documents: kind === 'retriever' ? readDocuments(of('spanOutputs')) : fields.documents,
      // What the vendor answered counts more finely than MLflow's own sums.
      usage: (called ? readAnswerUsage(answered) : null) ?? usageOf(objectOf(of('chat.tokenUsage'))) ?? fields.usage,
      emitterCost: numberOf(objectOf(of('llm.cost')).total_cost) ?? fields.emitterCost,
      sessionId: textOf(of('trace.session')) ?? fields.sessionId,
      userId: textOf(of('trace.user')) ?? fields.userId,
      metadata: { ...fields.metadata, ...membersWithPrefix(attributes, 'mlflow.traceTag.') },
    };
  },
};
