import { hash } from 'node:crypto';
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

const none: ReadonlySet<string> = new Set();

/** More names than these are sorted as any list is. */
const fewNames = 16;

/** In place, by insertion: an object has few members, and `sort` makes copies and calls. */
function sortNames(names: string[]): string[] {
  if (names.length > fewNames) return names.sort();
  for (let end = 1; end < names.length; end += 1) {
    const name = names[end] ?? '';
    let at = end;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}

/** Half of a pair alone has no bytes of its own: all such halves would be taken for one sign. */
const surrogate = /[\ud800-\udfff]/;

/** With its length before it, a text needs no signs that escape others. */
const counted = (text: string): string => `${text.length}"${text}`;

/** The same text for the same value, however its members are ordered; another for another. */
function canonical(value: Json | undefined): string {
  if (typeof value === 'string') return counted(value);
  if (Array.isArray(value)) {
    let text = '[';
    for (const item of value) text += `${canonical(item)},`;
    return `${text}]`;
  }
  return typeof value === 'object' && value !== null ? canonicalMembers(value, none) : String(value ?? null);
}

function canonicalMembers(object: JsonObject, without: ReadonlySet<string>): string {
  let text = '{';
  for (const name of sortNames(Object.keys(object))) {
    const value = object[name];
    if (value !== undefined && !without.has(name)) text += `${counted(name)}${canonical(value)},`;
  }
  return `${text}}`;
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
  const asker = canonical([by.project, model, route, [...targets], version, dialect, streamed]);
  const text = asker + canonicalMembers(body, besides) + canonical(more);
  return hash('sha256', surrogate.test(text) ? JSON.stringify(text) : text, 'base64url');
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
