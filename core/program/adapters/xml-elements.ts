import type { Json, JsonObject } from '../../records/index.ts';
import type { FieldType } from '../field-type.ts';
import { readLooseJson } from '../loose-json.ts';
import { formatValue, typeWithin } from './format-value.ts';

/** Markup and entities of a text are written so that none is read as markup. */
export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const controls: Record<string, string> = { '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };
export const unescaped = (text: string): string =>
  text.replace(/&(?:(lt|gt|quot|apos|amp)|#(9|10|13));/g, (_, name?: string, code?: string) =>
    name === undefined ? String.fromCharCode(Number(code)) : (entities[name] as string),
  );

function attribute(text: string): string {
  const said = escaped(text)
    .replaceAll('>', '&gt;')
    .replace(/[\t\n\r]/g, (control) => controls[control] as string);
  if (!said.includes('"')) return `"${said}"`;
  return said.includes("'") ? `"${said.replaceAll('"', '&quot;')}"` : `'${said}'`;
}

/** Whether a name can be that of an element. */
const isName = (text: string) => /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text);

/** A value as an element: items of a list are `item`, members go by their names, other names stand in `entry`. */
export function elementOf(value: Json, type: FieldType | null, tag: string, key: string | null = null): string {
  const open = `<${tag}${key === null ? '' : ` key=${attribute(key)}`}`;
  if (value === null || (Array.isArray(value) && value.length === 0)) return `${open} />`;
  const within = (text: string) => `${open}>${text}</${tag}>`;
  if (typeof value !== 'object') return within(escaped(formatValue(value, type ?? { kind: 'any', schema: {} })));
  const members = Object.entries(value).map(([name, member]) => {
    const of = typeWithin(type, name);
    if (Array.isArray(value)) return elementOf(member, of, 'item');
    return isName(name) ? elementOf(member, of, name) : elementOf(member, of, 'entry', name);
  });
  return within(members.join(''));
}

/** An optional type without its nothing. */
const something = (type: FieldType): FieldType =>
  type.kind === 'union' ? (type.of.find(({ kind }) => kind !== 'null') ?? type) : type;

/** Whether values of a type are elements within elements. */
export function isNested(type: FieldType): boolean {
  if (type.kind === 'union') {
    const [only, ...more] = type.of.filter(({ kind }) => kind !== 'null');
    return only !== undefined && more.length === 0 && isNested(only);
  }
  return type.kind === 'map' || type.kind === 'object' || (type.kind === 'list' && type.of.kind !== 'any');
}

/** The elements of a type, as a model is to write them. */
export function shapeOf(given: FieldType, tag: string): string {
  const type = something(given);
  if (type.kind === 'list') return `<${tag}>${shapeOf(type.of, 'item')}</${tag}>`;
  const members = type.kind === 'object' ? type.members : [];
  const inner = members.map((member) => shapeOf(member.type, member.name)).join('');
  return `<${tag}>${inner === '' ? '...' : inner}</${tag}>`;
}

const attributes = String.raw`(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*`;
export const openTag = (names: string): RegExp => new RegExp(`<(${names})(${attributes})\\s*(/?)>`, 'gu');

/** Where the element ends whose content begins here, elements of its name within it counted; -1: nowhere. */
export function endOf(text: string, name: string, from: number): number {
  const tags = new RegExp(`<(/?)${name.replaceAll('.', '\\.')}${attributes}\\s*(/?)>`, 'gu');
  tags.lastIndex = from;
  let depth = 1;
  for (let tag = tags.exec(text); tag; tag = tags.exec(text)) {
    if (tag[2] !== '') continue;
    depth += tag[1] === '/' ? -1 : 1;
    if (depth === 0) return tag.index;
  }
  return -1;
}

type Element = { name: string; content: string };

/** The elements in a text, without those within them; of one that is cut off, what there is. */
function elementsIn(text: string): Element[] {
  const found: Element[] = [];
  const open = openTag(String.raw`[\p{L}_][\p{L}\p{N}_.-]*`);
  for (let tag = open.exec(text); tag; tag = open.exec(text)) {
    const [whole, name = '', said = '', closed] = tag;
    const key = name === 'entry' ? /\skey\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(said) : null;
    const from = tag.index + whole.length;
    const end = closed === '/' ? from : endOf(text, name, from);
    found.push({
      name: key ? unescaped(key[1] ?? key[2] ?? '') : name,
      content: end < 0 ? text.slice(from) : text.slice(from, end),
    });
    if (end < 0) break;
    open.lastIndex = closed === '/' ? from : end + `</${name}>`.length;
  }
  return found;
}

/** What is written as JSON within an element. */
function looseOr(text: string, otherwise: Json): Json {
  const value = readLooseJson(text);
  return value === undefined ? otherwise : value;
}

/** So deep is no value that a model means, and no stack is in danger. */
const deepest = 50;

function membersOf(elements: readonly Element[], type: FieldType | null, depth: number): JsonObject {
  const groups = new Map<string, string[]>();
  for (const { name, content } of elements) groups.set(name, [...(groups.get(name) ?? []), content]);
  const entries = [...groups].map(([name, contents]): [string, Json] => {
    const of = typeWithin(type, name);
    const [first = ''] = contents;
    // Several of one name are a list where one is wanted.
    if (contents.length > 1 && of && something(of).kind === 'list')
      return [name, contents.map((content) => valueIn(content, typeWithin(something(of), ''), depth + 1))];
    return [name, valueIn(first, of, depth + 1)];
  });
  return Object.fromEntries(entries);
}

/** What an element holds, as far as its type says; texts that are to be numbers are still texts. */
export function valueIn(content: string, given: FieldType | null, depth = 0): Json {
  const text = unescaped(content.trim());
  const isOptional = given?.kind === 'union' && given.of.some(({ kind }) => kind === 'null');
  if (text === '' && isOptional) return null;
  const type = given === null ? null : something(given);
  const elements = depth < deepest ? elementsIn(content) : [];
  if (type?.kind === 'list') {
    if (elements.length === 0) return text === '' ? [] : looseOr(text, [text]);
    return elements.map((one) => valueIn(one.content, type.of, depth + 1));
  }
  if (type?.kind === 'map' || type?.kind === 'object') {
    if (elements.length === 0) return text === '' ? {} : looseOr(text, text);
    return membersOf(elements, type, depth);
  }
  if (type !== null && type.kind !== 'any') return text;
  if (elements.length === 0) return looseOr(text, text);
  const isList = elements.every(({ name }) => name === 'item');
  return isList ? elements.map((one) => valueIn(one.content, null, depth + 1)) : membersOf(elements, null, depth);
}
