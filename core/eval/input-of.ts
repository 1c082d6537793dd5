import type { ModelInput } from '../ports/index.ts';
import { isJsonObject, type Json } from '../records/index.ts';

const isMessage = (value: Json) => isJsonObject(value) && typeof value.role === 'string';
const isMessages = (value: Json | undefined): value is Json[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage);
const userMessage = (content: string): ModelInput => ({ messages: [{ role: 'user', content }], variables: {} });

/**
 * What an example's input means to a model: text is one user message, an array of messages is a conversation,
 * `{messages, variables?}` is both, any other object holds variables; any other value is a user message in JSON.
 */
export function inputOf(input: Json): ModelInput {
  if (typeof input === 'string') return userMessage(input);
  if (isMessages(input)) return { messages: input, variables: {} };
  if (!isJsonObject(input)) return userMessage(JSON.stringify(input));
  const { messages, variables = {}, ...others } = input;
  if (isMessages(messages) && isJsonObject(variables) && Object.keys(others).length === 0)
    return { messages, variables };
  return { messages: [], variables: input };
}
