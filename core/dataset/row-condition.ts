import type { ExampleContent, ExampleLabels, RowCondition } from '../records/index.ts';
import { valueAt } from './paths.ts';
import { textOfValue } from './row-text.ts';

/** What of a condition needs the content of a row, and not only its labels. */
export const needsContent = ({ text, metadata }: RowCondition): boolean => text !== undefined || metadata !== undefined;

/** Whether a row fits everything that the condition says. */
export function fitsCondition(row: ExampleContent & ExampleLabels, condition: RowCondition): boolean {
  const { split, tag, text, metadata } = condition;
  if (split !== undefined && row.split !== split) return false;
  if (tag !== undefined && !row.tags.includes(tag)) return false;
  if (text !== undefined) {
    const whole = `${textOfValue(row.input)}\n${textOfValue(row.expected)}`.toLowerCase();
    if (!whole.includes(text.toLowerCase())) return false;
  }
  return Object.entries(metadata ?? {}).every(([path, wanted]) => {
    const value = valueAt(row.metadata, path);
    if (value === undefined) return false;
    return Array.isArray(value) ? value.some((one) => String(one) === wanted) : String(value) === wanted;
  });
}
