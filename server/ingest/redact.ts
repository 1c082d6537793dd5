import type { Content, Json, Span } from '@wheelhouse/core/records';
import { maxJsonDepth } from '@wheelhouse/core/trace';

const redacted = '[redacted]';
const secretName = /(^|[^a-z])((proxy-)?authorization|(x[-_])?api[-_]?key)$/i;
/** Keys of OpenAI, Anthropic, OpenRouter and their like; the digit keeps words with hyphens out. */
const secretText = /\bsk-(?=[\w-]*\d)[\w-]{20,}/g;

/** The text without keys of vendors. */
export const redactText = (text: string): string => (text.includes('sk-') ? text.replace(secretText, redacted) : text);

/** Nearly all names end differently, and looking at one letter is much faster than the expression. */
export const isSecretName = (name: string): boolean => /[ny]$/i.test(name) && secretName.test(name);

/** Whether {@link cleaned} would change anything; nearly nothing is secret, and looking makes no copies. */
function needsCleaning(value: Json | undefined, depth: number): boolean {
  if (typeof value === 'string') return value.includes('sk-') && redactText(value) !== value;
  if (typeof value !== 'object' || value === null) return false;
  if (depth > maxJsonDepth) return true;
  if (Array.isArray(value)) return value.some((item) => needsCleaning(item, depth + 1));
  for (const key in value) {
    const member = value[key];
    if ((isSecretName(key) && member !== null) || needsCleaning(member, depth + 1)) return true;
  }
  return false;
}

function cleaned(value: Json, depth: number): Json {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxJsonDepth) return '[nested too deep]';
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]): [string, Json] => [
      key,
      isSecretName(key) && member !== null ? redacted : cleaned(member, depth + 1),
    ]),
  );
}

/** The same value when nothing in it is secret; parts nested too deep to be written as JSON are cut. */
export const redactJson = <T extends Json>(value: T): T => (needsCleaning(value, 0) ? (cleaned(value, 0) as T) : value);

// Contents, tool calls and documents are JSON by construction, with narrower types.
const redactPart = <T extends Content | Span['toolCall'] | Span['documents']>(value: T): T =>
  redactJson(value as unknown as Json) as unknown as T;

/** The span without the credentials that instrumentations and error messages carry along. */
export function redactSpan(span: Span): Span {
  return {
    ...span,
    statusMessage: span.statusMessage === null ? null : redactText(span.statusMessage),
    params: span.params === null ? null : redactJson(span.params),
    input: redactPart(span.input),
    output: redactPart(span.output),
    toolDefinitions: redactJson(span.toolDefinitions),
    toolCall: redactPart(span.toolCall),
    documents: redactPart(span.documents),
    metadata: redactJson(span.metadata),
    attributes: redactJson(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: redactJson(event.attributes) })),
  };
}
