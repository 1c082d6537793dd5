import { isJsonObject, type JsonSchema, type Signature, WheelhouseError } from '../../records/index.ts';
import type { Reading } from './mapping.ts';

/** What every stepped definition may read. */
const always = ['input', 'messages', 'parameters'];

const written: JsonSchema = { type: ['string', 'number', 'boolean'] };

function memberRead(name: string, readings: Reading[], known: Readonly<Record<string, JsonSchema>>): JsonSchema {
  if (Object.hasOwn(known, name)) return known[name] as JsonSchema;
  const isWritten = readings.every(({ path, whole }) => path[1] !== name || (path.length === 2 && !whole));
  return isWritten ? written : {};
}

/**
 * The input that these readings need: each member that they name. Where `/input` itself is read, others may come too.
 * @param options `known`: schemas of members, from where they go; `optional`: members that may be left out
 */
export function inputRead(
  readings: Reading[],
  {
    known = {},
    optional = new Set(),
  }: { known?: Readonly<Record<string, JsonSchema>>; optional?: ReadonlySet<string> } = {},
): JsonSchema {
  const below = readings.filter(({ path }) => path[0] === 'input');
  const names = [...new Set(below.flatMap(({ path }) => path.slice(1, 2)))];
  const required = names.filter((name) => !optional.has(name));
  const whole = below.some(({ path }) => path.length === 1);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, memberRead(name, below, known)])),
    ...(required.length === 0 ? {} : { required }),
    ...(whole ? {} : { additionalProperties: false }),
  };
}

/**
 * @param more names beside `input`, `messages` and `parameters` that stand there too
 * @throws WheelhouseError `invalid_request` for a place where nothing can stand
 */
export function checkReadings(
  readings: Reading[],
  { signature, param, more = [] }: { signature: Signature; param: string; more?: readonly string[] },
): void {
  const declared = signature.input.properties;
  for (const { path } of readings) {
    const [root, name] = path;
    if (root === undefined) continue;
    if (![...always, ...more].includes(root))
      throw new WheelhouseError('invalid_request', `There is no \`/${root}\` to read here.`, {
        param,
        hint: `Values stand below ${[...always, ...more].map((one) => `/${one}`).join(', ')}.`,
      });
    const closed = signature.input.additionalProperties === false && isJsonObject(declared);
    if (root === 'input' && name !== undefined && closed && !Object.hasOwn(declared, name))
      throw new WheelhouseError(
        'invalid_request',
        `\`/input/${name}\` is read, which the signature does not declare.`,
        {
          param: 'signature.input.properties',
          hint: `Add \`${name}\` to signature.input.properties, or leave signature.input out to have it inferred.`,
        },
      );
  }
}
