import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { Span } from './span.ts';

/** Vendors' names for a call at the ordinary price. */
const ordinary = new Set(['', 'auto', 'default', 'standard', 'standard_only', 'on_demand', 'none']);

const answered = [
  'gen_ai.openai.response.service_tier',
  'openai.response.service_tier',
  'gen_ai.response.service_tier',
  'gen_ai.anthropic.response.service_tier',
];
const asked = ['gen_ai.openai.request.service_tier', 'openai.request.service_tier', 'gen_ai.request.service_tier'];

/** AI SDK puts what the vendor said beside the answer into one JSON text. */
function ofProviderMetadata(json: Json | undefined): string | null {
  if (typeof json !== 'string' || !/service_?tier/i.test(json)) return null;
  return /"service_?tier"\s*:\s*"(\w{1,40})"/i.exec(json)?.[1] ?? null;
}

const nameOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value.length <= 40 ? value.toLowerCase() : null;

function firstNamed(attributes: JsonObject, keys: readonly string[]): string | null {
  for (const key of keys) {
    const name = nameOf(attributes[key]);
    if (name !== null) return name;
  }
  return null;
}

/**
 * At which of a vendor's prices a call runs: `batch`, `flex`, `priority` …; null for an ordinary call. What the answer
 * says counts before what was asked for, because vendors serve a call of a better tier as an ordinary one when it is full.
 */
export function serviceTierOf(span: Pick<Span, 'attributes' | 'params'>): string | null {
  const { attributes } = span;
  const params = isJsonObject(span.params) ? span.params : {};
  const tier =
    firstNamed(attributes, answered) ??
    ofProviderMetadata(attributes['ai.response.providerMetadata'])?.toLowerCase() ??
    firstNamed(attributes, asked) ??
    nameOf(params.service_tier);
  return tier === null || ordinary.has(tier) ? null : tier;
}
