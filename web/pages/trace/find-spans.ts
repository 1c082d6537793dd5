import type { TreeRow } from './span-tree.ts';

const words = ({ span }: TreeRow) =>
  span === null
    ? ''
    : [span.name, span.kind, span.model, span.requestModel, span.provider, span.statusMessage].join('\n').toLowerCase();

/**
 * Indices of the rows whose name, kind, model, error or loaded text holds the words, whatever their case.
 * @param loaded what was said in a span, as far as it is loaded, in lower case
 */
export function findSpans(rows: TreeRow[], text: string, loaded: (spanId: string) => string | undefined): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return rows.flatMap((row, at) => (words(row).includes(wanted) || loaded(row.id)?.includes(wanted) ? [at] : []));
}

/** The next of some places after this one, or before it; the first follows the last. */
export function nextAmong(places: number[], at: number, step: 1 | -1): number | undefined {
  if (step > 0) return places.find((one) => one > at) ?? places[0];
  return places.findLast((one) => one < at) ?? places.at(-1);
}
