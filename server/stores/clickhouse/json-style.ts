import type { Json } from '@wheelhouse/core/records';

/** How a program writes JSON. 0: JavaScript. 1 to 3: Python, with spaces or without, other scripts escaped or not. */
export type JsonStyle = 0 | 1 | 2 | 3;

const isLikely = /^(?:\[\s*[[{"]|\{\s*")/;
const notAscii = /[\u007f-\uffff]/g;
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Python's `json.dumps`: other scripts are escaped unless it is told not to. */
function dump(value: Json, spaced: boolean): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const comma = spaced ? ', ' : ',';
  if (Array.isArray(value)) return `[${value.map((item) => dump(item, spaced)).join(comma)}]`;
  const colon = spaced ? ': ' : ':';
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}${colon}${dump(member, spaced)}`)
    .join(comma)}}`;
}

function write(value: Json, style: JsonStyle): string {
  if (style === 0) return JSON.stringify(value);
  const text = style === 2 ? JSON.stringify(value) : dump(value, true);
  return style === 3 ? text : text.replace(notAscii, escaped);
}

/** Writes JSON, given as JavaScript writes it, in a style. */
export const dumpJson = (json: string, style: JsonStyle): string =>
  style === 0 ? json : write(JSON.parse(json) as Json, style);

/** The value of a text that is JSON, and the style that gives this very text again; null when there is none. */
export function jsonStyleOf(text: string): { value: Json; style: JsonStyle } | null {
  if (!isLikely.test(text)) return null;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  const style = ([0, 1, 2, 3] as const).find((one) => write(value, one) === text);
  return style === undefined ? null : { value, style };
}
