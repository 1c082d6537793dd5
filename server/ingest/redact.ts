import type { Content, Json, JsonObject, Span } from '@wheelhouse/core/records';
import { maxJsonDepth } from '@wheelhouse/core/trace';

const redacted = '[redacted]';
const secretName = /(^|[^a-z])((proxy-)?authorization|(x[-_])?api[-_]?key)$/i;
/** Keys of OpenAI, Anthropic, OpenRouter and their like; the digit keeps words with hyphens out. */
const secretText = /\bsk-(?=[\w-]*\d)[\w-]{20,}/g;

/** The text without keys of vendors. */
export const redactText = (text: string): string => (text.includes('sk-') ? text.replace(secretText, redacted) : text);

/** The same value when nothing in it is secret; parts nested too deep to be written as JSON are cut. */
function redactJson(value: Json, depth = 0): Json {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxJsonDepth) return '[nested too deep]';
  if (Array.isArray(value)) {
    const items = value.map((item) => redactJson(item, depth + 1));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  return redactObject(value, depth);
}

function redactObject(value: JsonObject, depth = 0): JsonObject {
  let changed = false;
  const members = Object.entries(value).map(([key, member]): [string, Json] => {
    const next = secretName.test(key) && member !== null ? redacted : redactJson(member, depth + 1);
    changed ||= next !== member;
    return [key, next];
  });
  return changed ? Object.fromEntries(members) : value;
}

// Contents, tool calls and documents are JSON by construction, with narrower types.
const redactPart = <T extends Content | Span['toolCall'] | Span['documents']>(value: T): T =>
  redactJson(value as unknown as Json) as unknown as T;

/** The span without the credentials that instrumentations and error messages carry along. */
export function redactSpan(span: Span): Span {
  return {
    ...span,
    statusMessage: span.statusMessage === null ? null : redactText(span.statusMessage),
    params: span.params === null ? null : redactObject(span.params),
    input: redactPart(span.input),
    output: redactPart(span.output),
    toolDefinitions: redactJson(span.toolDefinitions),
    toolCall: redactPart(span.toolCall),
    documents: redactPart(span.documents),
    metadata: redactObject(span.metadata),
    attributes: redactObject(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: redactObject(event.attributes) })),
  };
}
