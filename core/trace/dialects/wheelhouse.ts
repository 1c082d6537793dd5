import type { Usage } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { readContent } from '../read-content.ts';
import { type DialectFields, hasPrefix, objectOf, textsOf } from './dialect.ts';

/** Of the tokens written to a cache, those to be kept for an hour, which cost more; the conventions know only their sum. */
function withLongCache(usage: Usage | null, oneHour: number): Usage | null {
  if (usage === null || oneHour === 0) return usage;
  const { cacheWrite5m = 0, ...counts } = usage.counts;
  const rest = Math.max(0, cacheWrite5m - oneHour);
  return {
    ...usage,
    counts: { ...counts, ...(rest > 0 ? { cacheWrite5m: rest } : {}), cacheWrite1h: Math.min(oneHour, cacheWrite5m) },
  };
}

/** What our own SDK writes on every span it makes, beside the conventions that the span is written in. */
export function withWheelhouse({ attributes }: OtlpSpan, fields: DialectFields): DialectFields {
  if (!hasPrefix(attributes, 'wheelhouse.')) return fields;
  return {
    ...fields,
    input: fields.input ?? readContent(attributes['wheelhouse.input'], 'input'),
    output: fields.output ?? readContent(attributes['wheelhouse.output'], 'output'),
    usage: withLongCache(fields.usage, countOf(attributes['wheelhouse.usage.cache_write_1h.input_tokens']) ?? 0),
    tags: [...new Set([...fields.tags, ...textsOf(attributes['wheelhouse.tags'])])],
    metadata: { ...objectOf(attributes['wheelhouse.metadata']), ...fields.metadata },
  };
}
