/** What turns one word list into the other: `=` keep, `s` replace, `i` a word only in the reference, `d` only in the output. */
export type Edit = '=' | 's' | 'i' | 'd';

const unreached = 1e9;
const narrowest = 25;

/** Tercom looks only near the diagonal of the table; the ratio of lengths makes it lean. */
function createBeam(outputLength: number, referenceLength: number) {
  const ratio = outputLength > 0 ? referenceLength / outputLength : 1;
  const width = narrowest < ratio / 2 ? Math.ceil(ratio / 2 + narrowest) : narrowest;
  return (row: number) => {
    const diagonal = Math.floor(row * ratio);
    const end = row === outputLength ? referenceLength + 1 : Math.min(referenceLength + 1, diagonal + width);
    return { from: Math.max(0, diagonal - width), end };
  };
}

type Row = { costs: Int32Array; edits: Edit[] };

/** Row after row of Levenshtein's table: what the first words of `words` cost against the first words of `reference`. */
function nextRow(
  word: string,
  before: Int32Array,
  reference: readonly string[],
  beam: { from: number; end: number },
): Row {
  const costs = new Int32Array(reference.length + 1).fill(unreached);
  const edits: Edit[] = [];
  for (let j = beam.from; j < beam.end; j++) {
    // Of equal costs: keep or replace, then delete, then insert.
    let cost = (before[j] as number) + 1;
    let edit: Edit = 'd';
    if (j > 0) {
      const same = word === reference[j - 1];
      const replaced = (before[j - 1] as number) + (same ? 0 : 1);
      if (replaced <= cost) [cost, edit] = [replaced, same ? '=' : 's'];
      const inserted = (costs[j - 1] as number) + 1;
      if (inserted < cost) [cost, edit] = [inserted, 'i'];
    }
    if (cost >= unreached) continue;
    costs[j] = cost;
    edits[j] = edit;
  }
  return { costs, edits };
}

function traceOf(rows: readonly Row[], referenceLength: number): Edit[] {
  const trace: Edit[] = [];
  let [i, j] = [rows.length - 1, referenceLength];
  while (i > 0 || j > 0) {
    const edit = i === 0 ? 'i' : (rows[i]?.edits[j] ?? 'd');
    trace.push(edit);
    if (edit !== 'i') i--;
    if (edit !== 'd') j--;
  }
  return trace.reverse();
}

/**
 * Edit distance near the diagonal, with the trace of edits; and the distance alone for rearrangements of the same words,
 * which starts from the rows of the words that both begin with.
 */
export function beamDistance(words: readonly string[], reference: readonly string[]) {
  const beam = createBeam(words.length, reference.length);
  const rows: Row[] = [{ costs: Int32Array.from({ length: reference.length + 1 }, (_, j) => j), edits: [] }];
  const costsOf = (row: number) => (rows[row] as Row).costs;
  words.forEach((word, i) => {
    rows.push(nextRow(word, costsOf(i), reference, beam(i + 1)));
  });
  return {
    distance: costsOf(words.length)[reference.length] as number,
    trace: () => traceOf(rows, reference.length),
    distanceOf(moved: readonly string[]): number {
      let row = moved.findIndex((word, i) => word !== words[i]);
      if (row === -1) row = words.length;
      let costs = costsOf(row);
      for (; row < moved.length; row++) costs = nextRow(moved[row] as string, costs, reference, beam(row + 1)).costs;
      return costs[reference.length] as number;
    },
  };
}
