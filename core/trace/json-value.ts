import { isJsonObject, type Json, type JsonObject, parseExactJson } from '../records/index.ts';

/** Deeper JSON is refused: writing it back as text would overflow the stack. */
export const maxJsonDepth = 64;

/** Whether a character comes no more than so many times. */
function isRare(text: string, character: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1))
    if (++count > most) return false;
  return true;
}

function isShallow(text: string): boolean {
  // Few brackets cannot nest deep; most texts are spared the look at each character.
  if (isRare(text, '{', maxJsonDepth / 2) && isRare(text, '[', maxJsonDepth / 2)) return true;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 92) i++;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 91 || c === 123) {
      if (++depth > maxJsonDepth) return false;
    } else if (c === 93 || c === 125) depth--;
  }
  return true;
}

/** The value that the text writes in JSON, large integers as text; undefined when it is not JSON or nested too deep. */
export function parseJson(text: string): Json | undefined {
  if (!isShallow(text)) return undefined;
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

/** JSON text becomes its value, any other text stays text: instrumentations write objects both ways. */
export function jsonOrText(value: Json): Json {
  if (typeof value !== 'string') return value;
  const parsed = parseJson(value);
  return parsed === undefined ? value : parsed;
}

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const objectsOf = (value: unknown): JsonObject[] => listOf(value).filter(isJsonObject);
/** The text, when it is one and not empty. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A finite number, also one written as text. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** A count: a whole number from 0; a negative one counts as 0. */
export function countOf(value: unknown): number | null {
  const number = numberOf(value);
  return number === null ? null : Math.min(Math.max(0, Math.trunc(number)), Number.MAX_SAFE_INTEGER);
}
