import { isJsonObject, type JsonObject, parseExactJson } from '../records/index.ts';

/** Where the text stands that a model wrote instead of an object: cut off by its limit, or no JSON at all. */
const unparsed = 'unparsed_arguments';

/** Arguments of a tool call for the dialects that take an object instead of its text; none is lost. */
export function argumentsObject(call: { arguments: string }): JsonObject {
  if (call.arguments.trim() === '') return {};
  try {
    const value = parseExactJson(call.arguments);
    if (isJsonObject(value)) return value;
  } catch {
    // Kept as it is.
  }
  return { [unparsed]: call.arguments };
}

/** The JSON text of arguments that a dialect gives as an object. */
export function argumentsText(value: unknown): string {
  if (!isJsonObject(value)) return '{}';
  const text = value[unparsed];
  return typeof text === 'string' && Object.keys(value).length === 1 ? text : JSON.stringify(value);
}
