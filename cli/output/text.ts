const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const zero = /[\p{Mn}\p{Me}\u200b-\u200d]/u;

/** Text of others on one line, without control characters, which could otherwise steer the reader's terminal. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .trim();
}

/** Columns that a terminal gives to the text. */
export function width(text: string): number {
  let columns = 0;
  for (const char of text) columns += zero.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return columns;
}

/** At most so many columns, with `…` where something was cut. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += width(char);
    if (used > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

export const padEnd = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));
export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - width(text))) + text;
