import type { JsonObject } from '../../records/index.ts';
import type { Signature } from '../signature.ts';
import type { Demo } from '../tunables.ts';
import type { ChatMessage } from './adapter.ts';

const incompletePrefix = 'This is an example of the task, though some input or output fields are not supplied.';
export const notSupplied = 'Not supplied for this particular example. ';

/**
 * Demonstrations as turns of the conversation. What lacks a field comes first and says so; what has no input or no output
 * at all is left out.
 */
export function demoTurns(
  { inputs, outputs }: Signature,
  demos: readonly Demo[],
  write: { user(values: JsonObject, prefix: string): string; assistant(values: JsonObject): string },
): ChatMessage[] {
  const has = (values: JsonObject, name: string) => Object.hasOwn(values, name);
  const isWhole = ({ values }: Demo) =>
    [...inputs, ...outputs].every(({ name }) => has(values, name) && values[name] !== null);
  const isPart = ({ values }: Demo) =>
    inputs.some(({ name }) => has(values, name)) && outputs.some(({ name }) => has(values, name));
  const turns = ({ values }: Demo, prefix: string): ChatMessage[] => [
    { role: 'user', content: write.user(values, prefix) },
    { role: 'assistant', content: write.assistant(values) },
  ];
  return [
    ...demos.filter((demo) => !isWhole(demo) && isPart(demo)).flatMap((demo) => turns(demo, incompletePrefix)),
    ...demos.filter(isWhole).flatMap((demo) => turns(demo, '')),
  ];
}
