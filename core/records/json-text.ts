import { WheelhouseError } from './errors.ts';
import type { Json } from './json.ts';

/** Where a member of a top-level JSON object stands in its text. */
type Member = { key: string; memberStart: number; valueStart: number; valueEnd: number };

const whitespace = /[ \t\r\n]*/y;

function skip(text: string, at: number): number {
  whitespace.lastIndex = at;
  whitespace.exec(text);
  return whitespace.lastIndex;
}

function stringEnd(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
  throw new WheelhouseError('invalid_json', 'A string does not end.');
}

function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (c === '"') i = stringEnd(text, i) - 1;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (depth === 0) return i;
      depth--;
      if (depth === 0) return i + 1;
      continue;
    } else if (depth === 0 && (c === ',' || c === ' ' || c === '\n' || c === '\r' || c === '\t')) return i;
    if (depth === 0 && c === '"') return i + 1;
  }
  return text.length;
}

function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let at = skip(text, skip(text, 0) + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const valueStart = skip(text, skip(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    members.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, memberStart: at, valueStart, valueEnd: end });
    at = skip(text, end);
    if (text[at] === ',') at = skip(text, at + 1);
  }
  return members;
}

/**
 * Replaces, adds or removes members of a top-level JSON object in its text and leaves all else byte for byte, so that
 * numbers beyond 2^53 and the caller's own spelling survive. With a repeated key the last counts, as in JSON.parse.
 * @param text a JSON object that JSON.parse accepts
 * @param edits raw JSON by key; `null` removes the member
 */
export function editJsonObject(text: string, edits: ReadonlyMap<string, string | null>): string {
  const members = membersOf(text);
  const seen = new Set<string>();
  const parts: string[] = [];
  for (const member of members) {
    const edit = edits.get(member.key);
    if (edit === undefined) parts.push(text.slice(member.memberStart, member.valueEnd));
    else if (edit !== null && !seen.has(member.key)) parts.push(`${JSON.stringify(member.key)}:${edit}`);
    seen.add(member.key);
  }
  for (const [key, edit] of edits) if (edit !== null && !seen.has(key)) parts.push(`${JSON.stringify(key)}:${edit}`);
  return `{${parts.join(',')}}`;
}

/** The raw text of a member's value; null when the object has none of that key. */
export function jsonMemberText(text: string, key: string): string | null {
  const member = membersOf(text).findLast((m) => m.key === key);
  return member ? text.slice(member.valueStart, member.valueEnd) : null;
}

const fewestDigits = 16;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Whether sixteen digits stand in a row anywhere: every such row has one at a multiple of sixteen, so few are looked at. */
function hasLongDigits(text: string): boolean {
  for (let at = fewestDigits - 1; at < text.length; at += fewestDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
    if (end - start >= fewestDigits) return true;
  }
  return false;
}

const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const quoteInexact = (number: string): string =>
  /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number)) ? `"${number}"` : number;

/**
 * JSON.parse, but an integer beyond 2^53, which a JavaScript number would round, becomes its decimal text.
 * @throws SyntaxError as JSON.parse does
 */
export function parseExactJson(text: string): Json {
  const parsed = JSON.parse(text) as Json;
  if (!hasLongDigits(text)) return parsed;
  let exact = '';
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    exact += text.slice(at, end).replace(numbers, quoteInexact);
    at = quote === -1 ? end : stringEnd(text, quote);
    exact += text.slice(end, at);
  }
  return JSON.parse(exact) as Json;
}
