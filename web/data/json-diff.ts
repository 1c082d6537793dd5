import { jsonText } from './safe-json.ts';

export type JsonChange = {
  /** `items[0].sku`; empty for the whole value. */
  path: string;
  /** undefined: the key is only in the other. */
  before: unknown;
  after: unknown;
};

type Branch = Record<string, unknown> | unknown[];

const isBranch = (value: unknown): value is Branch => typeof value === 'object' && value !== null;
const keysOf = (value: Branch) => Object.keys(value);
const at = (value: Branch, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
const join = (path: string, key: string, inList: boolean) =>
  inList
    ? `${path}[${key}]`
    : /^[A-Za-z_][\w-]*$/.test(key)
      ? path === ''
        ? key
        : `${path}.${key}`
      : `${path}["${key}"]`;

/** Deeper than this, values are compared as text. */
const deepest = 32;

/** An object or a list in a text, or in a fenced block that is all of the text; undefined for anything else. */
export function jsonIn(text: string): Branch | undefined {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text)?.[1] ?? text;
  if (!/^\s*[[{]/.test(inner)) return undefined;
  try {
    const value: unknown = JSON.parse(inner);
    return isBranch(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What differs between two JSON values, key by key, in the order of the first, then of the second. */
export function jsonDiff(before: unknown, after: unknown): JsonChange[] {
  const changes: JsonChange[] = [];
  const compare = (a: unknown, b: unknown, path: string, depth: number) => {
    if (Object.is(a, b)) return;
    if (!isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b)) {
      changes.push({ path, before: a, after: b });
      return;
    }
    if (depth >= deepest) {
      if (jsonText(a) !== jsonText(b)) changes.push({ path, before: a, after: b });
      return;
    }
    for (const key of new Set([...keysOf(a), ...keysOf(b)]))
      compare(at(a, key), at(b, key), join(path, key, Array.isArray(a)), depth + 1);
  };
  compare(before, after, '', 0);
  return changes;
}
