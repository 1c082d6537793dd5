import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { FieldType } from '../field-type.ts';
import type { Field, Signature } from '../signature.ts';
import type { Adapter, AdapterTask, ChatMessage } from './adapter.ts';
import { demoTurns, notSupplied } from './demo-turns.ts';
import { formatValue, outputPlaceholder } from './format-value.ts';
import { jsonAdapter } from './json.ts';
import { readOutputs } from './read-fields.ts';
import { describedFields, objectiveOf, structureIntro } from './sections.ts';
import { streamElements } from './stream-elements.ts';
import type { FieldPiece } from './stream-sections.ts';
import { elementOf, endOf, escaped, isNested, openTag, shapeOf, unescaped, valueIn } from './xml-elements.ts';

const element = (name: string, text: string) => `<${name}>\n${text}\n</${name}>`;

/** An input is not escaped, but for what would read as a field of the answer. */
const shielded = (text: string, { inputs, outputs }: Signature): string =>
  text.replace(
    new RegExp(`<(?=/?(?:${[...inputs, ...outputs].map(({ name }) => name).join('|')})[\\s/>])`, 'g'),
    '&lt;',
  );

const inputElements = (signature: Signature, values: JsonObject): string =>
  signature.inputs
    .filter(({ name }) => Object.hasOwn(values, name))
    .map(({ name, type }) => element(name, shielded(formatValue(values[name] ?? null, type), signature)))
    .join('\n\n');

function outputElement({ name, type }: Field, values: JsonObject): string {
  if (!Object.hasOwn(values, name)) return element(name, notSupplied);
  const value = values[name] ?? null;
  if (typeof value === 'object' && value !== null && isNested(type)) return elementOf(value, type, name);
  return element(name, escaped(formatValue(value, type)));
}

function systemText(signature: Signature): string {
  const { inputs, outputs } = signature;
  const structure = [
    structureIntro,
    ...inputs.map(({ name }) => element(name, `{${name}}`)),
    ...outputs.map((field) =>
      isNested(field.type) ? shapeOf(field.type, field.name) : element(field.name, outputPlaceholder(field)),
    ),
  ].join('\n\n');
  return `${describedFields(signature)}\n${structure}\n${objectiveOf(signature.instructions)}`;
}

function reminderOf({ outputs }: Signature): string {
  const names = outputs.map(({ name }) => `\`<${name}>\``).join(', then ');
  const shapes = outputs.filter(({ type }) => isNested(type)).map(({ name, type }) => shapeOf(type, name));
  const nested = shapes.length === 0 ? '' : ` Use this nested XML structure: ${shapes.join(' ')}`;
  return `Respond with the corresponding output fields wrapped in XML tags ${names}.${nested}`;
}

function format({ signature, demos, input }: AdapterTask): ChatMessage[] {
  const user = (values: JsonObject, prefix: string, reminder = '') =>
    [prefix, inputElements(signature, values), reminder].join('\n\n').trim();
  return [
    { role: 'system', content: systemText(signature) },
    ...demoTurns(signature, demos, {
      user,
      assistant: (values) =>
        signature.outputs
          .map((field) => outputElement(field, values))
          .join('\n\n')
          .trim(),
    }),
    { role: 'user', content: user(input, '', reminderOf(signature)) },
  ];
}

/** What stands in the elements of the outputs; of a repeated one the first. */
export function readElements(
  signature: Pick<Signature, 'outputs'>,
  text: string,
): Map<string, { text: string } | { json: Json }> {
  const found = new Map<string, { text: string } | { json: Json }>();
  const types = new Map(signature.outputs.map(({ name, type }) => [name, type]));
  const open = openTag([...types.keys()].join('|'));
  for (let tag = open.exec(text); tag; tag = open.exec(text)) {
    const [whole, name = '', , closed] = tag;
    const type = types.get(name) as FieldType;
    const from = tag.index + whole.length;
    // A text may hold markup; it ends at the first tag that ends it.
    const close = isNested(type) ? endOf(text, name, from) : text.indexOf(`</${name}>`, from);
    const end = closed === '/' ? from : close;
    const content = end < 0 ? text.slice(from) : text.slice(from, end);
    const given = isNested(type) ? { json: valueIn(content, type) } : { text: unescaped(content.trim()) };
    if (!found.has(name)) found.set(name, given);
    // The last one of an answer that was cut.
    if (end < 0) break;
    open.lastIndex = Math.max(end, from);
  }
  return found;
}

const parse = (signature: Signature, text: string): JsonObject =>
  readOutputs(signature, readElements(signature, text), text);

/**
 * Every field in an element of its name; the form of DSPy's XMLAdapter. An answer that cannot be read is asked for once more
 * as JSON.
 */
export const xmlAdapter: Adapter = {
  name: 'xml',
  format,
  parse,
  async ask(task, send) {
    const { onField, signature } = task;
    const stream = streamElements(signature);
    let streamed = false;
    const tell = (pieces: FieldPiece[]) => {
      for (const one of pieces) onField?.(one);
    };
    const onText = (piece: string) => {
      streamed = true;
      tell(stream.read(piece));
    };
    const text = await send(format(task), { adapter: 'xml', ...(onField ? { onText } : {}) });
    // A runner that does not stream has all of it to tell now.
    if (!streamed) tell(stream.read(text));
    tell(stream.end());
    try {
      return parse(signature, text);
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.code !== 'answer_unreadable') throw error;
      return jsonAdapter.ask(task, send);
    }
  },
};
