import type { JsonObject } from '../../records/index.ts';
import { fieldOf, type Signature } from '../signature.ts';
import type { Adapter, AdapterTask, ChatMessage } from './adapter.ts';
import { chatAdapter } from './chat.ts';
import { demoTurns } from './demo-turns.ts';
import { describeFields, formatValue } from './format-value.ts';

const taskText = ({ inputs, outputs, instructions }: Signature): string =>
  [
    'You are a helpful assistant that can solve tasks based on user input.',
    `As input, you will be provided with:\n${describeFields(inputs)}`,
    `Your outputs must contain:\n${describeFields(outputs)}`,
    'You should lay out your outputs in detail so that your answer can be understood by another agent',
    ...(instructions === '' ? [] : [`Specific instructions: ${instructions}`]),
  ].join('\n');

function plainFields(fields: Signature['inputs'], values: JsonObject): string[] {
  return fields
    .filter(({ name }) => Object.hasOwn(values, name))
    .map(({ name, type }) => `${name}: ${formatValue(values[name] ?? null, type)}`);
}

function format({ signature, demos, input }: AdapterTask): ChatMessage[] {
  const { inputs, outputs } = signature;
  const user = (values: JsonObject, prefix: string) => [prefix, ...plainFields(inputs, values)].join('\n\n').trim();
  const assistant = (values: JsonObject) => plainFields(outputs, values).join('\n\n').trim();
  return [
    { role: 'system', content: taskText(signature) },
    ...demoTurns(signature, demos, { user, assistant }),
    { role: 'user', content: user(input, '') },
  ];
}

/** What reads the outputs out of a free text. */
function extractor({ outputs }: Signature): Signature {
  const names = outputs.map(({ name }) => `\`${name}\``).join(', ');
  const task = 'The input is a text that should contain all the necessary information to produce the fields';
  const job =
    'Your job is to extract the fields from the text verbatim. Extract precisely the appropriate value (content) for each field.';
  // An input of this name would hide an output of the same.
  const name = outputs.some((field) => field.name === 'text') ? 'source_text' : 'text';
  return { instructions: `${task} ${names}. ${job}`, inputs: [fieldOf(name, { kind: 'text' })], outputs };
}

/** A model answers in its own words, and a second, small one reads the fields out of them: for models that reason. */
export const twoStepAdapter = ({ extract }: { extract: string }): Adapter => ({
  name: 'two-step',
  format,
  // What the second model writes.
  parse: (signature, text) => chatAdapter.parse(extractor(signature), text),
  async ask(task, send) {
    const said = await send(format(task), { adapter: 'two-step' });
    const signature = extractor(task.signature);
    const [field] = signature.inputs;
    const input = { [field?.name ?? 'text']: said };
    return chatAdapter.ask({ signature, demos: [], input }, (messages, options) =>
      send(messages, { model: extract, ...options, adapter: `two-step/${options.adapter}` }),
    );
  },
});
