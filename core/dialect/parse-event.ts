import { isJsonObject, type JsonObject, parseExactJson } from '../records/index.ts';

/** The JSON object of an event; null for what is none, such as `[DONE]`. */
export function parseEvent(data: string): JsonObject | null {
  if (!data.startsWith('{') && !data.trimStart().startsWith('{')) return null;
  try {
    const value = parseExactJson(data);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
