import { parseFilter } from '@wheelhouse/core/query';
import { UsageError } from './output/exit-codes.ts';

/** The filter that was typed, checked before anything is asked; a mistake is shown where it stands. */
export function readFilter(words: readonly string[]): string {
  const text = words.join(' ').trim();
  const parsed = parseFilter(text);
  if (parsed.ok) return text;
  const { message, hint, from, to } = parsed.problem;
  const marks = ' '.repeat(from) + '^'.repeat(Math.max(1, to - from));
  throw new UsageError(`${message}\n\n    ${text.replace(/\s/g, ' ')}\n    ${marks}`, hint);
}

/** A value of the filter language that means itself, whatever is in it. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, (char) => `\\${char}`)}"`;
