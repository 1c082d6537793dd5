import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject, parseExactJson, WheelhouseError } from '@wheelhouse/core/records';

export const variablesHeader = 'x-wheelhouse-variables';

const wrong = (hint?: string) =>
  new WheelhouseError('invalid_request', `The header \`${variablesHeader}\` takes a JSON object.`, {
    param: variablesHeader,
    ...(hint === undefined ? {} : { hint }),
  });

const beyondAscii = /[^\x20-\x7e]/;

/**
 * Variables of clients that cannot put members of their own into a request: JSON, percent-encoded when it is not ASCII.
 * null: there are none.
 * @throws WheelhouseError `invalid_request`
 */
export function readVariables(headers: IncomingHttpHeaders): JsonObject | null {
  const given = headers[variablesHeader];
  if (typeof given !== 'string' || given === '') return null;
  if (beyondAscii.test(given)) throw wrong('Percent-encode what is not ASCII, as encodeURIComponent does.');
  try {
    // JSON of an object begins with a brace; one that is percent-encoded does not.
    const value: unknown = parseExactJson(given.trimStart().startsWith('{') ? given : decodeURIComponent(given));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw wrong();
}
