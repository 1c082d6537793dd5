import { isJsonObject, type Json, type JsonObject } from '../records/index.ts';
import { type FieldType, typeName } from './field-type.ts';
import { readLooseJson } from './loose-json.ts';

/** A value that fits, or one sentence on why it does not. */
export type Reading = { ok: true; value: Json } | { ok: false; problem: string };

const read = (value: Json): Reading => ({ ok: true, value });
const shown = (value: Json) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};
const unfit = (value: Json, type: FieldType): Reading => ({
  ok: false,
  problem: `${shown(value)} is no ${typeName(type)}`,
});

const yes = new Set(['true', 'yes', 'y', 'on', '1', 't']);
const no = new Set(['false', 'no', 'n', 'off', '0', 'f']);

/** Without `Literal[…]` and quotes, which models put around what they chose. */
function bare(text: string): string {
  const inner = /^(?:Literal|str)\[(.*)\]$/s.exec(text.trim())?.[1] ?? text.trim();
  return /^(['"]).*\1$/s.test(inner) && inner.length > 1 ? inner.slice(1, -1) : inner;
}

function choose(value: Json, type: FieldType & { kind: 'choice' }): Reading {
  if (type.values.some((one) => one === value)) return read(value);
  if (typeof value === 'object') return unfit(value, type);
  const text = bare(String(value));
  const same = type.values.find((one) => String(one) === text);
  if (same !== undefined) return read(same);
  const alike = type.values.filter((one) => String(one).toLowerCase() === text.toLowerCase());
  const [only] = alike;
  return only !== undefined && alike.length === 1 ? read(only) : unfit(value, type);
}

function readNumber(value: Json, type: FieldType & { kind: 'integer' | 'number' }): Reading {
  const given = typeof value === 'string' && value.trim() !== '' ? Number(value.trim().replaceAll('_', '')) : value;
  if (typeof given !== 'number' || !Number.isFinite(given)) return unfit(value, type);
  return type.kind === 'integer' && !Number.isInteger(given) ? unfit(value, type) : read(given);
}

function readBoolean(value: Json, type: FieldType): Reading {
  const text = String(value).trim().toLowerCase();
  if (typeof value === 'boolean') return read(value);
  if (yes.has(text)) return read(true);
  return no.has(text) ? read(false) : unfit(value, type);
}

function readEach(values: [string, Json][], type: FieldType): [string, Json][] | string {
  const entries: [string, Json][] = [];
  for (const [name, value] of values) {
    const item = readJson(value, type);
    if (!item.ok) return `${name}: ${item.problem}`;
    entries.push([name, item.value]);
  }
  return entries;
}

function readMembers(value: JsonObject, type: FieldType & { kind: 'object' }): Reading {
  const entries: [string, Json][] = [];
  for (const { name, type: of, required } of type.members) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined) {
      if (required) return { ok: false, problem: `\`${name}\` is missing` };
      continue;
    }
    const member = readJson(given, of);
    if (!member.ok) return { ok: false, problem: `${name}: ${member.problem}` };
    entries.push([name, member.value]);
  }
  return read(Object.fromEntries(entries));
}

/** A value as JSON that is to fit a type: numbers in texts are numbers, choices in quotes are choices. */
export function readJson(value: Json, type: FieldType): Reading {
  switch (type.kind) {
    case 'any':
      return read(value);
    case 'null':
      return value === null ? read(null) : unfit(value, type);
    case 'text':
      return typeof value === 'string' ? read(value) : unfit(value, type);
    case 'integer':
    case 'number':
      return readNumber(value, { kind: type.kind });
    case 'boolean':
      return readBoolean(value, type);
    case 'choice':
      return choose(value, type);
    case 'object':
      return isJsonObject(value) ? readMembers(value, type) : unfit(value, type);
    case 'union': {
      for (const of of type.of) {
        const one = readJson(value, of);
        if (one.ok) return one;
      }
      return unfit(value, type);
    }
    default: {
      const list = type.kind === 'list';
      if (list ? !Array.isArray(value) : !isJsonObject(value)) return unfit(value, type);
      const entries = readEach(Object.entries(value as JsonObject), type.of);
      if (typeof entries === 'string') return { ok: false, problem: entries };
      return read(list ? entries.map(([, item]) => item) : Object.fromEntries(entries));
    }
  }
}

/** What a model wrote where a field was asked for. Texts are taken as they are; all else is read as JSON, generously. */
export function readText(text: string, type: FieldType): Reading {
  if (type.kind === 'text') return read(text);
  if (type.kind === 'choice') return choose(text, type);
  if (type.kind === 'union' && type.of.some(({ kind }) => kind === 'text')) {
    const isNothing = /^(?:none|null)?$/i.test(text.trim()) && type.of.some(({ kind }) => kind === 'null');
    return isNothing ? read(null) : read(text);
  }
  const value = readLooseJson(text);
  if (value === undefined && type.kind === 'any') return read(text);
  return readJson(value ?? text, type);
}
