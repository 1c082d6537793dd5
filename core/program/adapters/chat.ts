import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Signature } from '../signature.ts';
import type { Adapter, AdapterTask, ChatMessage } from './adapter.ts';
import { demoTurns, notSupplied } from './demo-turns.ts';
import { outputPlaceholder, typeReminder } from './format-value.ts';
import { jsonAdapter } from './json.ts';
import { readOutputs } from './read-fields.ts';
import {
  describedFields,
  end,
  header,
  inputSections,
  inputShape,
  objectiveOf,
  readSections,
  section,
  structureIntro,
  valueSection,
} from './sections.ts';
import { streamSections } from './stream-sections.ts';

function systemText(signature: Signature): string {
  const structure = [
    structureIntro,
    inputShape(signature.inputs),
    signature.outputs.map((field) => section(field.name, outputPlaceholder(field))).join('\n\n'),
    header(end),
  ].join('\n\n');
  return `${describedFields(signature)}\n${structure.trim()}\n${objectiveOf(signature.instructions)}`;
}

const reminderOf = ({ outputs }: Signature): string =>
  `Respond with the corresponding output fields, starting with the field ${outputs
    .map((field) => `\`${header(field.name)}\`${typeReminder(field)}`)
    .join(', then ')}, and then ending with the marker for \`${header(end)}\`.`;

/** An answer as the model is to write it. */
function answerText(signature: Signature, values: JsonObject): string {
  const sections = signature.outputs.map((field) => {
    const has = Object.hasOwn(values, field.name);
    return has ? valueSection(signature, field, values[field.name] ?? null) : section(field.name, notSupplied);
  });
  return `${sections.join('\n\n').trim()}\n\n${header(end)}\n`;
}

function format({ signature, demos, input }: AdapterTask): ChatMessage[] {
  const user = (values: JsonObject, prefix: string, reminder?: string) =>
    [prefix, ...inputSections(signature, values), ...(reminder === undefined ? [] : [reminder])].join('\n\n').trim();
  return [
    { role: 'system', content: systemText(signature) },
    ...demoTurns(signature, demos, { user, assistant: (values) => answerText(signature, values) }),
    { role: 'user', content: user(input, '', reminderOf(signature)) },
  ];
}

const parse = (signature: Signature, text: string): JsonObject =>
  readOutputs(signature, readSections(signature, text), text);

/**
 * Every field in a section of its own below `[[ ## name ## ]]`; the form of DSPy's ChatAdapter, word by word. An answer
 * that cannot be read is asked for once more as JSON.
 */
export const chatAdapter: Adapter = {
  name: 'chat',
  format,
  parse,
  async ask(task, send) {
    const { onField, signature } = task;
    const read = streamSections(signature);
    let streamed = false;
    const tell = (piece: string) => {
      for (const one of read(piece)) onField?.(one);
    };
    const onText = (piece: string) => {
      streamed = true;
      tell(piece);
    };
    const text = await send(format(task), { adapter: 'chat', ...(onField ? { onText } : {}) });
    // A line feed decides what its last line is. A runner that does not stream has all of it to tell now.
    if (onField) tell(streamed ? '\n' : `${text}\n`);
    try {
      return parse(signature, text);
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.code !== 'answer_unreadable') throw error;
      return jsonAdapter.ask(task, send);
    }
  },
};
