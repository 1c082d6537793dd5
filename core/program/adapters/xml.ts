import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Field, Signature } from '../signature.ts';
import type { Adapter, AdapterTask, ChatMessage } from './adapter.ts';
import { demoTurns, notSupplied } from './demo-turns.ts';
import { formatValue, outputPlaceholder, typeReminder } from './format-value.ts';
import { jsonAdapter } from './json.ts';
import { readOutputs } from './read-fields.ts';
import { describedFields, objectiveOf, structureIntro } from './sections.ts';

const element = (name: string, text: string) => `<${name}>\n${text}\n</${name}>`;

/** Tags and entities of a value are written so that none is read as markup. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const elements = (fields: readonly Field[], text: (field: Field) => string | null): string =>
  fields
    .flatMap((field) => {
      const content = text(field);
      return content === null ? [] : [element(field.name, content)];
    })
    .join('\n\n');

const contentOf =
  (values: JsonObject, missing: string | null) =>
  ({ name, type }: Field): string | null =>
    Object.hasOwn(values, name) ? escaped(formatValue(values[name] ?? null, type)) : missing;

function format({ signature, demos, input }: AdapterTask): ChatMessage[] {
  const { inputs, outputs } = signature;
  const structure = [
    structureIntro,
    elements(inputs, ({ name }) => `{${name}}`),
    elements(outputs, outputPlaceholder),
  ].join('\n\n');
  const reminder = `Respond with the corresponding output fields wrapped in XML tags ${outputs
    .map((field) => `\`<${field.name}>\`${typeReminder(field)}`)
    .join(', then ')}.`;
  const user = (values: JsonObject, prefix: string) =>
    `${prefix}\n\n${elements(inputs, contentOf(values, null))}`.trim();
  return [
    {
      role: 'system',
      content: `${describedFields(signature)}\n${structure}\n${objectiveOf(signature.instructions)}`,
    },
    ...demoTurns(signature, demos, {
      user,
      assistant: (values) => elements(outputs, contentOf(values, notSupplied)),
    }),
    { role: 'user', content: `${user(input, '')}\n\n${reminder}`.trim() },
  ];
}

function parse(signature: Signature, text: string): JsonObject {
  const found = new Map<string, { text: string }>();
  const tags = signature.outputs.map(({ name }) => name).join('|');
  const open = new RegExp(`<(${tags})>`, 'g');
  for (let tag = open.exec(text); tag; tag = open.exec(text)) {
    const [whole, name = ''] = tag;
    const from = tag.index + whole.length;
    const end = text.indexOf(`</${name}>`, from);
    if (end < 0) {
      // The last one of an answer that was cut.
      if (!found.has(name)) found.set(name, { text: unescaped(text.slice(from).trim()) });
      break;
    }
    if (!found.has(name)) found.set(name, { text: unescaped(text.slice(from, end).trim()) });
    open.lastIndex = end;
  }
  return readOutputs(signature, found, text);
}

/** Every field in an element of its name. An answer that cannot be read is asked for once more as JSON. */
export const xmlAdapter: Adapter = {
  name: 'xml',
  format,
  parse,
  async ask(task, send) {
    const text = await send(format(task), { adapter: 'xml' });
    try {
      return parse(task.signature, text);
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.code !== 'answer_unreadable') throw error;
      return jsonAdapter.ask(task, send);
    }
  },
};
