import type { JsonObject, SpanKind, SpanStatus } from '../../records/index.ts';
import { jsonOrText, numberOf, textOf } from '../json-value.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { readContent } from '../read-content.ts';
import { readUsageDetails } from '../usage/buckets.ts';
import {
  type Dialect,
  type DialectFields,
  firstText,
  hasPrefix,
  membersWithPrefix,
  objectOf,
  readDocuments,
  textsOf,
  toolCallOf,
} from './dialect.ts';

const kinds = new Map<string, SpanKind>([
  ['span', 'span'],
  ['generation', 'generation'],
  ['event', 'event'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['chain', 'chain'],
  ['retriever', 'retriever'],
  ['embedding', 'embedding'],
  ['evaluator', 'evaluator'],
  ['guardrail', 'guardrail'],
]);
const statuses = new Map<string, SpanStatus>([['ERROR', 'error']]);

const inObservation = 'langfuse.observation.';

/** Metadata members are written as JSON where they are no text; what reads as a number may have been one or a text. */
const metadataOf = (attributes: JsonObject, prefix: string): JsonObject =>
  Object.fromEntries(
    Object.entries(membersWithPrefix(attributes, prefix)).map(([key, value]) => {
      const json = jsonOrText(value);
      return [key, typeof json === 'object' ? json : value];
    }),
  );

/** Written by the client as JSON, quotes and all. */
function firstTokenSeconds({ attributes, startNs }: OtlpSpan): number | null {
  const time = jsonOrText(attributes[`${inObservation}completion_start_time`] ?? null);
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isFinite(ms) ? Math.max(0, Number(BigInt(Math.round(ms)) * 1_000_000n - startNs) / 1e9) : null;
}

function costOf(attributes: JsonObject): number | null {
  const { total, ...parts } = objectOf(attributes[`${inObservation}cost_details`]);
  const known = Object.values(parts).flatMap((part) => numberOf(part) ?? []);
  return numberOf(total) ?? (known.length > 0 ? known.reduce((sum, part) => sum + part, 0) : null);
}

/** What the client writes on every span of a trace, those of other instrumentations among them. */
export function withLangfuseTrace(span: OtlpSpan, fields: DialectFields): DialectFields {
  const { attributes } = span;
  if (!hasPrefix(attributes, 'langfuse.')) return fields;
  const tags = textsOf(attributes['langfuse.trace.tags']);
  const version = firstText(attributes, 'langfuse.version', 'langfuse.trace.version');
  return {
    ...fields,
    input:
      fields.input ?? (span.parentSpanId === null ? readContent(attributes['langfuse.trace.input'], 'input') : null),
    output:
      fields.output ?? (span.parentSpanId === null ? readContent(attributes['langfuse.trace.output'], 'output') : null),
    sessionId: firstText(attributes, 'langfuse.session.id', 'langfuse.trace.session_id') ?? fields.sessionId,
    userId: firstText(attributes, 'langfuse.user.id', 'langfuse.trace.user_id') ?? fields.userId,
    environment: firstText(attributes, 'langfuse.environment') ?? fields.environment,
    release: firstText(attributes, 'langfuse.release') ?? version ?? fields.release,
    tags: tags.length > 0 ? tags : fields.tags,
    metadata: {
      ...metadataOf(attributes, 'langfuse.trace.metadata.'),
      ...fields.metadata,
    },
  };
}

/** Langfuse's clients on OpenTelemetry: `langfuse.observation.*`, each value JSON, usage in parts that exclude each other. */
export const langfuse: Dialect = {
  name: 'langfuse',
  speaks: ({ scope, attributes }) => scope.name === 'langfuse-sdk' || hasPrefix(attributes, inObservation),
  read(span, under) {
    const { attributes } = span;
    const given = (name: string) => attributes[inObservation + name];
    const fields = under();
    const kind = kinds.get(textOf(given('type'))?.toLowerCase() ?? '') ?? fields.kind;
    const output = readContent(given('output'), 'output') ?? fields.output;
    const params = objectOf(given('model.parameters'));
    return {
      ...fields,
      kind,
      status: statuses.get(textOf(given('level'))?.toUpperCase() ?? '') ?? fields.status,
      statusMessage: textOf(given('status_message')) ?? fields.statusMessage,
      requestModel: textOf(given('model.name')) ?? fields.requestModel,
      params: { ...fields.params, ...Object.fromEntries(Object.entries(params).filter(([, value]) => value !== '')) },
      input: readContent(given('input'), 'input') ?? fields.input,
      output,
      toolCall:
        kind === 'tool'
          ? toolCallOf(textOf(span.name), { arguments: given('input') ?? null, result: given('output') ?? null })
          : fields.toolCall,
      documents: kind === 'retriever' ? readDocuments(given('output')) : fields.documents,
      usage: readUsageDetails(objectOf(given('usage_details'))) ?? fields.usage,
      emitterCost: costOf(attributes) ?? fields.emitterCost,
      firstTokenSeconds: firstTokenSeconds(span) ?? fields.firstTokenSeconds,
      metadata: {
        ...fields.metadata,
        ...metadataOf(attributes, `${inObservation}metadata.`),
        ...(given('prompt.name') === undefined
          ? {}
          : { prompt: { name: given('prompt.name') ?? null, version: given('prompt.version') ?? null } }),
      },
    };
  },
};
