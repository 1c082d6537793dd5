import type { Json } from '../../records/index.ts';
import { type FieldType, schemaOf, typeName } from '../field-type.ts';
import type { Field } from '../signature.ts';

/** Python's `str` of a number that is a float there. */
function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const text = size >= 1e21 ? BigInt(value).toString() : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** The type of a member of what a type holds, where it says one. */
export function typeWithin(type: FieldType | null, name: string): FieldType | null {
  if (type === null) return null;
  if (type.kind === 'list' || type.kind === 'map') return type.of;
  return type.kind === 'object' ? (type.members.find((member) => member.name === name)?.type ?? null) : null;
}

/**
 * JSON as Python writes it: a space after commas and colons, or a line for each member; every letter as it is; floats
 * with their point, as far as the type says that they are.
 */
export function pythonJson(value: Json, type: FieldType | null, indent: string | null = null): string {
  if (typeof value === 'number' && type?.kind === 'number') return floatText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent === null ? null : `${indent}  `;
  const members = Object.entries(value).map(([name, member]) => {
    const text = pythonJson(member, typeWithin(type, name), inner);
    return Array.isArray(value) ? text : `${JSON.stringify(name)}: ${text}`;
  });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (inner === null || members.length === 0) return `${open}${members.join(', ')}${close}`;
  return `${open}\n${inner}${members.join(`,\n${inner}`)}\n${indent}${close}`;
}

const blob = (text: string): string =>
  /[\n«»]/.test(text) ? `«««\n    ${text.replaceAll('\n', '\n    ')}\n»»»` : `«${text}»`;

function numbered(items: readonly Json[]): string {
  const texts = items.map((item) => blob(typeof item === 'string' ? item : pythonJson(item, null)));
  const [only] = texts;
  if (only === undefined) return 'N/A';
  return texts.length === 1 ? only : texts.map((text, i) => `[${i + 1}] ${text}`).join('\n');
}

/** A value as it stands in a message: texts as they are, what is structured as JSON, the rest as Python writes it. */
export function formatValue(value: Json, type: FieldType): string {
  if (Array.isArray(value) && type.kind === 'text') return numbered(value);
  if (value === null) return 'None';
  if (typeof value === 'object') return pythonJson(value, type);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return type.kind === 'number' ? floatText(value) : String(value);
  return value;
}

/** Models read what `type` a schema has before what else it says. */
function typeFirst(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(typeFirst);
  const names = Object.keys(value).sort((a, b) => Number(a !== 'type') - Number(b !== 'type') || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, typeFirst(value[name] as Json)]));
}

function wanted(type: FieldType): string | null {
  switch (type.kind) {
    case 'text':
      return null;
    case 'boolean':
      return 'must be True or False';
    case 'integer':
    case 'number':
      return `must be a single ${typeName(type)} value`;
    case 'choice':
      return `must exactly match (no extra characters) one of: ${type.values.map((value) => formatValue(value, type)).join('; ')}`;
    default:
      return `must adhere to the JSON schema: ${pythonJson(typeFirst(schemaOf(type)), null)}`;
  }
}

/** What stands for an output's value where the form of an answer is shown. */
export function outputPlaceholder({ name, type }: Field): string {
  const note = wanted(type);
  return `{${name}}${note === null ? '' : `        # note: the value you produce ${note}`}`;
}

/** The reminder of an output's type, after its name. */
export const typeReminder = ({ type }: Field): string =>
  type.kind === 'text' ? '' : ` (must be formatted as a valid Python ${typeName(type)})`;

/** `1. `name` (str): description`, a line a field. */
export function describeFields(fields: readonly Field[]): string {
  return fields
    .map(({ name, type, description }, i) => {
      const said = description === `\${${name}}` ? '' : description;
      return `${i + 1}. \`${name}\` (${typeName(type)}): ${said}`;
    })
    .join('\n')
    .trim();
}

/** Lines as Python splits a text into them. */
export const linesOf = (text: string): string[] => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these end lines in Python
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

/** A text without the indentation that its lines share and without blank lines around it, as Python's `inspect.cleandoc`. */
export function cleanText(text: string): string {
  const lines = text.replaceAll('\t', '        ').split('\n');
  const margin = Math.min(...lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)])));
  const cut = lines.map((line, i) => (i === 0 ? line.trimStart() : line.slice(Number.isFinite(margin) ? margin : 0)));
  while (cut.length > 0 && cut.at(-1) === '') cut.pop();
  while (cut.length > 0 && cut[0] === '') cut.shift();
  return cut.join('\n');
}
