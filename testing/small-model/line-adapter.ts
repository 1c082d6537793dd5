import { type Adapter, type AdapterTask, chatAdapter, type Demo, type Signature } from '@wheelhouse/core/program';
import type { Json, JsonObject } from '@wheelhouse/core/records';

const line = (name: string, value: Json) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
const linesOf = (fields: Signature['inputs'], values: JsonObject) =>
  fields.map(({ name }) => line(name, values[name] ?? null));

const isWhole = ({ inputs, outputs }: Signature, { values }: Demo) =>
  [...inputs, ...outputs].every(({ name }) => values[name] !== undefined);

function format({ signature, demos, input }: AdapterTask) {
  const { instructions, inputs, outputs } = signature;
  const shown = demos
    .filter((demo) => isWhole(signature, demo))
    .map(({ values }) => linesOf([...inputs, ...outputs], values).join('\n'));
  const asked = [...linesOf(inputs, input), `${outputs[0]?.name}:`].join('\n');
  return [{ role: 'user' as const, content: [instructions, ...shown, asked].join('\n\n') }];
}

/** Reads `name: value` lines by what Chat reads, so that types and their errors are the same. */
function parse(signature: Signature, text: string): JsonObject {
  const names = new Set(signature.outputs.map(({ name }) => name));
  const sections = `${signature.outputs[0]?.name}: ${text.trim()}`.split('\n').flatMap((one) => {
    const [, name = '', value = ''] = /^(\w+): *(.*)$/.exec(one) ?? [];
    return names.delete(name) ? [`[[ ## ${name} ## ]]\n${value}`] : [];
  });
  return chatAdapter.parse(signature, `${sections.join('\n\n')}\n\n[[ ## completed ## ]]`);
}

/**
 * For a model that goes on with a text and was never taught to answer: the instructions, the demonstrations and the question
 * as lines `name: value`, up to where the model is to go on. What cannot be read is not asked for again.
 */
export const lineAdapter: Adapter = {
  name: 'lines',
  format,
  parse,
  ask: async (task, send) => parse(task.signature, await send(format(task), { adapter: 'lines' })),
};
