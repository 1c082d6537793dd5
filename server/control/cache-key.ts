import { createHash } from 'node:crypto';
import type { CacheAsk } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, type JsonObject } from '@wheelhouse/core/records';
import { looseWords } from './loose-words.ts';

/** Members that say who asks and how it is billed, not what is asked. */
const besides: ReadonlySet<string> = new Set([
  'model',
  'user',
  'metadata',
  'store',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'service_tier',
]);

/** The same text for the same value, however its members are ordered. */
function canonical(value: Json | undefined, out: string[]): void {
  if (Array.isArray(value)) {
    out.push('[');
    for (const item of value) {
      canonical(item, out);
      out.push(',');
    }
    out.push(']');
  } else if (typeof value === 'object' && value !== null) {
    out.push('{');
    for (const key of Object.keys(value).sort()) {
      if (value[key] === undefined) continue;
      out.push(JSON.stringify(key), ':');
      canonical(value[key], out);
      out.push(',');
    }
    out.push('}');
  } else out.push(JSON.stringify(value ?? null));
}

/** Where dialects keep what is said. */
const talks = ['messages', 'input', 'contents'];

/** A request without the text of its last message, and that text. */
export type SetApart = { body: JsonObject; question: string };

/** A message of one text without the text; null where it has another form. */
function emptyMessage(message: Json | undefined): { message: JsonObject; question: string } | null {
  if (!isJsonObject(message) || message.role !== 'user') return null;
  const place = Array.isArray(message.parts) ? 'parts' : 'content';
  const content = message[place];
  if (typeof content === 'string') return { message: { ...message, [place]: '' }, question: content };
  const [part, ...more] = Array.isArray(content) ? content : [];
  if (more.length > 0 || !isJsonObject(part) || typeof part.text !== 'string') return null;
  return { message: { ...message, [place]: [{ ...part, text: '' }] }, question: part.text };
}

/** Takes the last message out of a conversation; null where it is not one text of a user. */
export function setApart(body: JsonObject): SetApart | null {
  for (const name of talks) {
    const messages = body[name];
    if (typeof messages === 'string') return { body: { ...body, [name]: '' }, question: messages };
    if (!Array.isArray(messages)) continue;
    const last = emptyMessage(messages.at(-1));
    if (last === null) return null;
    return { body: { ...body, [name]: [...messages.slice(0, -1), last.message] }, question: last.question };
  }
  return null;
}

function hashOf(ask: CacheAsk, body: JsonObject, more: Json[]): string {
  const { by, model, route, targets, version, dialect, streamed } = ask;
  const asked: JsonObject = {};
  for (const [key, value] of Object.entries(body)) if (!besides.has(key)) asked[key] = value;
  const out: string[] = [];
  canonical([by.project, model, route, [...targets], version, dialect, streamed, asked, ...more], out);
  return createHash('sha256').update(out.join('')).digest('base64url');
}

/**
 * The name under which an answer is kept: equal for requests that differ only in the order of members and in what does not
 * change the answer; different for two projects, whatever they ask. Streams are kept apart from whole answers, because
 * what is kept is what was sent. `loose`: equal also where the last message asks the same in nearly the same words.
 */
export function cacheKey(ask: CacheAsk, wording: 'exact' | 'loose' = 'exact'): string {
  const apart = wording === 'loose' ? setApart(ask.body) : null;
  const words = apart === null ? null : looseWords(apart.question);
  return apart === null || words === null ? hashOf(ask, ask.body, [null]) : hashOf(ask, apart.body, [words]);
}

/** The name under which questions are kept that agree in all but the words of the last message; `more`: what else decides. */
export const questionsKey = (ask: CacheAsk, { body }: SetApart, more: readonly string[]): string =>
  hashOf(ask, body, ['questions', ...more]);
