import { WheelhouseError } from '../records/index.ts';
import type { FieldType } from './field-type.ts';

export type ParsedField = { name: string; type: FieldType };

const names: Record<string, FieldType> = {
  str: { kind: 'text' },
  string: { kind: 'text' },
  int: { kind: 'integer' },
  float: { kind: 'number' },
  number: { kind: 'number' },
  bool: { kind: 'boolean' },
  boolean: { kind: 'boolean' },
  None: { kind: 'null' },
  list: { kind: 'list', of: { kind: 'any', schema: {} } },
  dict: { kind: 'map', of: { kind: 'any', schema: {} } },
  any: { kind: 'any', schema: {} },
  Any: { kind: 'any', schema: {} },
};

type Reader = { text: string; at: number };

const bad = ({ text, at }: Reader, problem: string) =>
  new WheelhouseError('invalid_request', `The signature \`${text}\` cannot be read at ${at + 1}: ${problem}.`, {
    param: 'signature',
    hint: 'A signature reads: question, context: list[str] -> answer: Literal["yes", "no"].',
  });

/** What matches at the reader's place, after white space; null: nothing does. */
function take(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  const sticky = new RegExp(`\\s*(?:${pattern.source})`, 'y');
  sticky.lastIndex = reader.at;
  const found = sticky.exec(reader.text);
  if (found) reader.at = sticky.lastIndex;
  return found;
}

function need(reader: Reader, pattern: RegExp, what: string): RegExpExecArray {
  const found = take(reader, pattern);
  if (!found) throw bad(reader, `${what} is missing`);
  return found;
}

function readLiterals(reader: Reader): FieldType {
  const values: (string | number | boolean)[] = [];
  do {
    const [, single, double, number, word] = need(
      reader,
      /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?)|(True|False)\b/,
      'a text in quotes, a number, True or False',
    );
    const text = single ?? double;
    if (text !== undefined) values.push(text.replace(/\\(.)/g, '$1'));
    else values.push(number === undefined ? word === 'True' : Number(number));
  } while (take(reader, /,/));
  need(reader, /\]/, '`]`');
  return { kind: 'choice', values };
}

function readOne(reader: Reader): FieldType {
  const [, word = ''] = need(reader, /([A-Za-z_]\w*)/, 'a type');
  const open = /^(?:list|dict|Optional|Literal)$/.test(word) && take(reader, /\[/);
  if (!open) {
    const known = Object.hasOwn(names, word) ? names[word] : undefined;
    if (known) return known;
    throw bad(reader, `\`${word}\` is not a type`);
  }
  if (word === 'Literal') return readLiterals(reader);
  if (word === 'dict') need(reader, /str\s*,/, '`str,`');
  const of = readType(reader);
  need(reader, /\]/, '`]`');
  if (word === 'Optional') return { kind: 'union', of: [of, { kind: 'null' }] };
  return { kind: word === 'list' ? 'list' : 'map', of };
}

function readType(reader: Reader): FieldType {
  const of = [readOne(reader)];
  while (take(reader, /\|/)) of.push(readOne(reader));
  const [only] = of;
  return only && of.length === 1 ? only : { kind: 'union', of };
}

function readFields(reader: Reader, seen: Set<string>): ParsedField[] {
  const fields: ParsedField[] = [];
  do {
    const [, name = ''] = need(reader, /([A-Za-z_]\w*)/, "a field's name");
    if (seen.has(name)) throw bad(reader, `there are two fields \`${name}\``);
    seen.add(name);
    fields.push({ name, type: take(reader, /:/) ? readType(reader) : { kind: 'text' } });
  } while (take(reader, /,/));
  return fields;
}

/**
 * Reads `question, context: list[str] -> answer: Literal['yes', 'no'], sure: float`. Types are those of DSPy's signatures,
 * with TypeScript's words for texts, numbers and booleans beside; a field without one holds text.
 * @throws WheelhouseError `invalid_request`
 */
export function parseSignature(text: string): { inputs: ParsedField[]; outputs: ParsedField[] } {
  const reader = { text, at: 0 };
  const seen = new Set<string>();
  const inputs = readFields(reader, seen);
  need(reader, /->/, '`->`');
  const outputs = readFields(reader, seen);
  if (!take(reader, /$/)) throw bad(reader, `\`${text.slice(reader.at).trim()}\` is left over`);
  return { inputs, outputs };
}

/** A type alone, in the same words. @throws WheelhouseError `invalid_request` */
export function parseType(text: string): FieldType {
  const reader = { text, at: 0 };
  const type = readType(reader);
  if (!take(reader, /$/)) throw bad(reader, `\`${text.slice(reader.at).trim()}\` is left over`);
  return type;
}
