import type { Json, JsonObject } from '../records/index.ts';

/** What models write where JSON was asked for and is not quite. */
const words: Record<string, Json> = { true: true, false: false, null: null, True: true, False: false, None: null };
const deepest = 100;

type Reader = { text: string; at: number };

const skipSpace = (reader: Reader): void => {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at++;
};

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function readText(reader: Reader, quote: string): string {
  let value = '';
  reader.at++;
  for (; reader.at < reader.text.length; reader.at++) {
    const c = reader.text[reader.at] as string;
    if (c === quote) {
      reader.at++;
      return value;
    }
    if (c !== '\\') {
      value += c;
      continue;
    }
    const next = reader.text[++reader.at] ?? '';
    const code = next === 'u' ? /^[\da-f]{4}/i.exec(reader.text.slice(reader.at + 1, reader.at + 5)) : null;
    if (code) {
      value += String.fromCharCode(Number.parseInt(code[0], 16));
      reader.at += 4;
    } else value += escapes[next] ?? next;
  }
  return value;
}

/** A bare word, number or key, up to what ends it. */
function readBare(reader: Reader, ends: RegExp): string {
  const from = reader.at;
  while (reader.at < reader.text.length && !ends.test(reader.text[reader.at] as string)) reader.at++;
  return reader.text.slice(from, reader.at).trim();
}

function readList(reader: Reader, depth: number): Json[] | undefined {
  const list: Json[] = [];
  reader.at++;
  for (;;) {
    skipSpace(reader);
    const c = reader.text[reader.at];
    if (c === undefined) return list;
    if (c === ']' || c === ')') {
      reader.at++;
      return list;
    }
    if (c === ',') reader.at++;
    else {
      const value = readValue(reader, depth + 1);
      if (value === undefined) return undefined;
      list.push(value);
    }
  }
}

function readObject(reader: Reader, depth: number): JsonObject | undefined {
  // Without a prototype, since a key may be `__proto__`.
  const members = new Map<string, Json>();
  reader.at++;
  for (;;) {
    skipSpace(reader);
    const c = reader.text[reader.at];
    if (c === undefined || c === '}') {
      reader.at++;
      return Object.fromEntries(members);
    }
    if (c === ',') {
      reader.at++;
      continue;
    }
    const key = c === '"' || c === "'" ? readText(reader, c) : readBare(reader, /[:,{}[\]\n]/);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') return undefined;
    reader.at++;
    skipSpace(reader);
    if (reader.at >= reader.text.length) return Object.fromEntries(members);
    const value = readValue(reader, depth + 1);
    if (value === undefined) return undefined;
    members.set(key, value);
  }
}

function readValue(reader: Reader, depth: number): Json | undefined {
  if (depth > deepest) return undefined;
  skipSpace(reader);
  const c = reader.text[reader.at];
  if (c === '{') return readObject(reader, depth);
  if (c === '[' || c === '(') return readList(reader, depth);
  if (c === '"' || c === "'") return readText(reader, c);
  const bare = readBare(reader, /[,\]})\n]/);
  if (Object.hasOwn(words, bare)) return words[bare];
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare) ? Number(bare) : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/**
 * A JSON value in what a model wrote: JSON, JSON in a code fence or among words, or what is nearly JSON (single quotes,
 * Python's words, keys without quotes, commas too many, an end that is missing).
 * @returns undefined where there is none
 */
export function readLooseJson(text: string): Json | undefined {
  const trimmed = text.trim();
  const whole = parsed(trimmed);
  if (whole !== undefined) return whole;
  const fenced = /```(?:\w+)?\s*\n?([\s\S]*?)(?:```|$)/.exec(trimmed)?.[1]?.trim();
  const inside = fenced === undefined ? undefined : parsed(fenced);
  if (inside !== undefined) return inside;
  const within = fenced ?? trimmed;
  const from = within.search(/[[{]/);
  if (from >= 0) {
    const reader = { text: within, at: from };
    const value = readValue(reader, 0);
    if (value !== undefined) return value;
  }
  const reader = { text: within, at: 0 };
  const value = readValue(reader, 0);
  skipSpace(reader);
  return reader.at >= within.length ? value : undefined;
}
