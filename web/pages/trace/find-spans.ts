import type { TreeRow } from './span-tree.ts';

const known = new WeakMap<TreeRow, string>();

/** What a row says of itself, in lower case; made once, since a search asks for it with every letter. */
function words(row: TreeRow): string {
  const { span } = row;
  if (span === null) return '';
  let text = known.get(row);
  if (text === undefined) {
    const said = [span.name, span.kind, span.model, span.requestModel, span.provider, span.statusMessage];
    text = said.join('\n').toLowerCase();
    known.set(row, text);
  }
  return text;
}

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
