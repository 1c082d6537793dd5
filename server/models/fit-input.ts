import type { PredictInput } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, type JsonObject, type JsonSchema, WheelhouseError } from '@wheelhouse/core/records';

const propertiesOf = (schema: JsonSchema): JsonObject => (isJsonObject(schema.properties) ? schema.properties : {});
const requiredOf = (schema: JsonSchema): string[] =>
  Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];

const shaping = ['enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf', 'not'];

/** Whether it takes text, or anything. */
function takesText(property: Json | undefined): boolean {
  if (!isJsonObject(property)) return false;
  const { type } = property;
  if (type === undefined) return shaping.every((name) => property[name] === undefined);
  return type === 'string' || (Array.isArray(type) && type.includes('string'));
}

/** Of the last user message. */
function lastText(messages: Json[]): string | null {
  const last = messages.findLast((message) => isJsonObject(message) && message.role === 'user');
  if (!isJsonObject(last)) return null;
  if (typeof last.content === 'string') return last.content;
  if (!Array.isArray(last.content)) return null;
  const texts = last.content.flatMap((part) =>
    isJsonObject(part) && typeof part.text === 'string' ? [part.text] : [],
  );
  return texts.length === 0 ? null : texts.join('\n');
}

/** The one text that the input must have; null: it is not as simple as that. */
function onlyText(schema: JsonSchema): string | null {
  const [name, ...more] = requiredOf(schema);
  return name !== undefined && more.length === 0 && takesText(propertiesOf(schema)[name]) ? name : null;
}

const list = (names: string[]) => names.map((name) => `\`${name}\``).join(', ');

type Fitted = Omit<PredictInput, 'input'> & { input: JsonObject };

/**
 * An input as an object: text stands for the one text that the signature requires, or else for a user message.
 * @param name for the error, for example `support-bot@2`
 * @throws WheelhouseError `signature_mismatch`
 */
export function fitText(schema: JsonSchema, ask: PredictInput, name: string): Fitted {
  const { input, messages } = ask;
  if (isJsonObject(input)) return { ...ask, input };
  if (typeof input !== 'string')
    throw new WheelhouseError('signature_mismatch', `The input of ${name} is an object, or text.`, { param: 'input' });
  const only = onlyText(schema);
  if (only !== null) return { ...ask, input: { [only]: input } };
  return { ...ask, input: {}, messages: [...messages, { role: 'user', content: input }] };
}

/**
 * The same for a model that is no conversation by itself: a conversation without variables stands for the variable
 * `messages` where there is one, else for the one text that is required.
 * @throws WheelhouseError `signature_mismatch`, which says what to send
 */
export function fitConversation(schema: JsonSchema, given: PredictInput, name: string): Fitted {
  const ask = fitText(schema, given, name);
  const { input, messages } = ask;
  if (messages.length === 0) return ask;
  if (isJsonObject(propertiesOf(schema).messages) && input.messages === undefined)
    return { ...ask, input: { ...input, messages } };
  const needed = requiredOf(schema);
  if (Object.keys(input).length > 0 || needed.length === 0) return ask;
  const only = onlyText(schema);
  const text = lastText(messages);
  if (only !== null && text !== null) return { ...ask, input: { [only]: text } };
  throw new WheelhouseError(
    'signature_mismatch',
    `${name} takes ${list(needed)}, which a conversation alone does not say.`,
    {
      param: 'variables',
      hint: `Send \`variables\` with ${list(needed)} beside the messages, or in the header x-wheelhouse-variables.`,
    },
  );
}
