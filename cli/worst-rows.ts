import type { ComparisonRowBody } from '@wheelhouse/sdk';

/** A row on which B scored lower than A; means over the repetitions that have a score. */
export type WorseRow = { exampleId: string; input: unknown; a: number; b: number };

function mean(cells: ComparisonRowBody['a'], scorer: string): number | null {
  const scores = cells.flatMap(({ scores: { [scorer]: result } }) => (result?.ok ? [result.score] : []));
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Rows that got worse, the worst first. */
export function worseRows(rows: ComparisonRowBody[], scorer: string): WorseRow[] {
  return rows
    .flatMap(({ exampleId, input, ...sides }) => {
      const a = mean(sides.a, scorer);
      const b = mean(sides.b, scorer);
      return a !== null && b !== null && b < a ? [{ exampleId, input, a, b }] : [];
    })
    .sort((x, y) => x.b - x.a - (y.b - y.a));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An example's input as a line of text: the last message when it has messages, else the text or the JSON. */
export function inputText(input: unknown): string {
  if (typeof input === 'string') return input;
  const messages = isObject(input) ? input.messages : null;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : null;
  return isObject(last) && typeof last.content === 'string' ? last.content : (JSON.stringify(input) ?? '');
}
