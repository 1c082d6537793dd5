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

type Loosened = { body: JsonObject; words: string | null };

/** A message of one text without the text, and its loose words; null where it has another form. */
function loosenMessage(message: Json | undefined): { message: JsonObject; words: string } | null {
  if (!isJsonObject(message) || message.role !== 'user') return null;
  const place = Array.isArray(message.parts) ? 'parts' : 'content';
  const content = message[place];
  if (typeof content === 'string') {
    const words = looseWords(content);
    return words === null ? null : { message: { ...message, [place]: '' }, words };
  }
  const [part, ...more] = Array.isArray(content) ? content : [];
  if (more.length > 0 || !isJsonObject(part) || typeof part.text !== 'string') return null;
  const words = looseWords(part.text);
  return words === null ? null : { message: { ...message, [place]: [{ ...part, text: '' }] }, words };
}

/** The conversation without its last text, and what that asks however it is worded. */
function loosen(body: JsonObject): Loosened {
  for (const name of talks) {
    const messages = body[name];
    if (typeof messages === 'string') {
      const words = looseWords(messages);
      return words === null ? { body, words } : { body: { ...body, [name]: '' }, words };
    }
    if (!Array.isArray(messages)) continue;
    const last = loosenMessage(messages.at(-1));
    if (last === null) break;
    return { body: { ...body, [name]: [...messages.slice(0, -1), last.message] }, words: last.words };
  }
  return { body, words: null };
}

/**
 * The name under which an answer is kept: equal for requests that differ only in the order of members and in what does not
 * change the answer; different for two projects, whatever they ask. Streams are kept apart from whole answers, because
 * what is kept is what was sent. `loose`: equal also where the last message asks the same in nearly the same words.
 */
export function cacheKey(ask: CacheAsk, wording: 'exact' | 'loose' = 'exact'): string {
  const { by, model, route, targets, version, dialect, streamed } = ask;
  const { body, words } = wording === 'loose' ? loosen(ask.body) : { body: ask.body, words: null };
  const asked: JsonObject = {};
  for (const [key, value] of Object.entries(body)) if (!besides.has(key)) asked[key] = value;
  const out: string[] = [];
  canonical([by.project, model, route, [...targets], version, dialect, streamed, asked, words], out);
  return createHash('sha256').update(out.join('')).digest('base64url');
}
