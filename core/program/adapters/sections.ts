import type { Json, JsonObject } from '../../records/index.ts';
import type { Field, Signature } from '../signature.ts';
import { cleanText, describeFields, formatValue, linesOf } from './format-value.ts';

export const header = (name: string) => `[[ ## ${name} ## ]]`;
/** What ends an answer. */
export const end = 'completed';

const namesOf = ({ inputs, outputs }: Signature): string =>
  [...inputs, ...outputs, { name: end }].map(({ name }) => name).join('|');

/** A line of a value that would read as a header gets a backslash more, and loses one when it is read. */
const shielded = (text: string, of: Signature): string =>
  text.replace(new RegExp(`(^|\\n)([ \\t]*)(\\\\*\\[\\[ ## (?:${namesOf(of)}) ## \\]\\])`, 'g'), '$1$2\\$3');

export const section = (name: string, text: string) => `${header(name)}\n${text}`;
/** A field of the caller's, or of a demonstration. */
export const valueSection = (of: Signature, { name, type }: Field, value: Json): string =>
  section(name, shielded(formatValue(value, type), of));

/** The sections of the inputs that there are. */
export const inputSections = (of: Signature, values: JsonObject): string[] =>
  of.inputs
    .filter(({ name }) => Object.hasOwn(values, name))
    .map((field) => valueSection(of, field, values[field.name] ?? null));

export const objectiveOf = (instructions: string): string => {
  const lines = linesOf(cleanText(instructions));
  return `In adhering to this structure, your objective is: ${lines.map((line) => `\n        ${line}`).join('')}`;
};
export const describedFields = ({ inputs, outputs }: Signature): string =>
  `Your input fields are:\n${describeFields(inputs)}\nYour output fields are:\n${describeFields(outputs)}`;
export const structureIntro =
  'All interactions will be structured in the following way, with the appropriate values filled in.';
export const inputShape = (fields: readonly Field[]): string =>
  fields.map(({ name }) => section(name, `{${name}}`)).join('\n\n');

/** A line that begins a section: what shields it, where it is a value's, and the name. */
export const sectionMark = (of: Signature): RegExp => new RegExp(`^[ \\t]*(\\\\*)\\[\\[ ## (${namesOf(of)}) ## \\]\\]`);

/** Sections by name; of a repeated one the first. What is no field's header is text, and nothing counts after the end. */
export function readSections(signature: Signature, text: string): Map<string, { text: string }> {
  const mark = sectionMark(signature);
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [whole = '', shield = '', name = ''] = mark.exec(line) ?? [];
    if (name === '') lines.push(line);
    else if (shield !== '') lines.push(line.replace('\\', ''));
    else if (name === end) break;
    else {
      lines = [line.slice(whole.length)];
      if (!found.has(name)) found.set(name, lines);
    }
  }
  return new Map([...found].map(([name, of]) => [name, { text: of.join('\n').trim() }]));
}
