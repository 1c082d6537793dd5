import {
  type Cell,
  contentHash,
  type ExampleId,
  type PairedResult,
  type RunId,
  type Verdict,
} from '../records/index.ts';
import {
  decidingRows,
  flakiness,
  type PairedDifference,
  pairedDifference,
  rowsNeeded,
  type ScoreRow,
} from '../stats/index.ts';
import { type Column, columnOf, type Measure, type MeasureKind, measuresOf, sideBySide } from './measures.ts';
import { verdictSentence } from './verdict-sentence.ts';

const risk = 0.05;
/** As many as people look at. */
const shownRows = 5;

/** One candidate (B) against the baseline (A) on one measure, before it is corrected for the others. */
export type Pairing = {
  measure: Measure;
  runId: RunId;
  found: PairedDifference;
  failuresA: number;
  failuresB: number;
  flaky: number | null;
  noiseShare: number | null;
  deciding: PairedResult['deciding'];
  toOverturn: number | null;
};

export const isShare = (kind: MeasureKind): boolean => kind === 'score' || kind === 'errors';

/** The same examples are drawn in the same way, whatever the order in which they came. */
const seedOf = (measure: string, ids: readonly string[]) =>
  Number.parseInt(contentHash([measure, ...ids]).slice(0, 8), 16);

const disagree = (values: readonly number[]) => values.some((value) => value !== values[0]);

export type Paired = Pick<Pairing, 'failuresA' | 'failuresB' | 'flaky'> & {
  rows: ScoreRow[];
  /** Of the rows. */
  exampleIds: ExampleId[];
  seed: number;
};

/** By example; an example without a value on one side is a failure of that side and no pair, never a zero. */
export function pairColumns({ name }: Measure, a: Column, b: Column): Paired {
  const ids: string[] = [];
  const rows: ScoreRow[] = [];
  const exampleIds: ExampleId[] = [];
  let [failuresA, failuresB, repeated, flaky] = [0, 0, 0, 0];
  for (const row of sideBySide(a, b)) {
    ids.push(row.exampleId);
    if (row.a.length === 0) failuresA++;
    if (row.b.length === 0) failuresB++;
    if (row.a.length > 1 || row.b.length > 1) repeated++;
    if (disagree(row.a) || disagree(row.b)) flaky++;
    if (row.a.length === 0 || row.b.length === 0) continue;
    rows.push({ a: row.a, b: row.b });
    exampleIds.push(row.exampleId);
  }
  const share = repeated === 0 ? null : flaky / ids.length;
  return { rows, exampleIds, seed: seedOf(name, ids), failuresA, failuresB, flaky: share };
}

/**
 * B against A on one measure.
 * @param of.family how many pairings are judged together: their intervals cover all at once (Bonferroni)
 */
export function compareColumns(
  measure: Measure,
  sides: { a: Column; b: Column },
  of: { runId: RunId; family: number },
): Pairing {
  const { rows, exampleIds, seed, ...counts } = pairColumns(measure, sides.a, sides.b);
  const options = { bounded: isShare(measure.kind), seed, confidence: 1 - risk / of.family };
  const { rows: deciding, toOverturn } = decidingRows(rows, { ...options, shown: shownRows });
  return {
    measure,
    runId: of.runId,
    found: pairedDifference(rows, options),
    ...counts,
    noiseShare: flakiness(rows, { shown: 0 }).share,
    deciding: deciding.map(({ index, influence }) => ({ exampleId: exampleIds[index] as ExampleId, influence })),
    toOverturn,
  };
}

function verdictOf({ difference, interval }: PairedDifference, p: number | null, kind: MeasureKind): Verdict {
  if (p !== null && p <= risk + 1e-12 && difference !== null && difference !== 0)
    return difference > 0 === (kind === 'score') ? 'better' : 'worse';
  return interval === null ? 'not_enough_data' : 'no_clear_difference';
}

/** @param p corrected for the others of its family; null where none was computed */
function resultOf(pairing: Pairing, p: number | null): PairedResult {
  const { measure, runId, found, failuresA, failuresB, flaky, noiseShare, deciding } = pairing;
  const { name, kind } = measure;
  const { interval, spread, difference, minimum } = found;
  const verdict = verdictOf(found, p, kind);
  const isOpen = verdict === 'no_clear_difference' && spread && difference;
  const toOverturn = verdict === 'better' || verdict === 'worse' ? pairing.toOverturn : null;
  return {
    runId,
    measure: name,
    meanA: found.meanA,
    meanB: found.meanB,
    difference,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    confidence: found.confidence,
    method: found.method,
    wins: found.wins,
    losses: found.losses,
    ties: found.ties,
    failuresA,
    failuresB,
    pairs: found.pairs,
    pValue: p,
    rowsToSettle: isOpen ? rowsNeeded({ spread, effect: difference, minimum }) : null,
    flaky,
    noiseShare,
    deciding,
    toOverturn,
    verdict,
    sentence: verdictSentence({ kind, verdict, found: { ...found, p }, failuresA, failuresB, noiseShare, toOverturn }),
  };
}

/** The scores of all candidates are one family, so are their latencies and their costs: of each, one in 20 may err. */
const familyOf = ({ measure }: Pairing): MeasureKind => measure.kind;

/** How many pairings of a measure's family there are; see {@link compareColumns}. */
export const familySize = (measures: readonly Measure[], measure: Measure, candidates: number): number =>
  measures.filter(({ kind }) => kind === measure.kind).length * candidates;

/**
 * What pairings say, each p-value times the size of its family (Bonferroni), as the intervals have it: a difference is called
 * when its interval leaves zero out.
 */
export function verdictsOf(pairings: readonly Pairing[]): PairedResult[] {
  const sizeOf = (kind: MeasureKind) => pairings.filter((one) => familyOf(one) === kind).length;
  return pairings.map((one) => {
    const { p } = one.found;
    return resultOf(one, p === null ? null : Math.min(1, p * sizeOf(familyOf(one))));
  });
}

/**
 * B against A, one result for each scorer, then `latency` (seconds) and `cost` (dollars), where less is better.
 * The same cells give the same results, in whatever order they come.
 */
export function compareRuns(
  cellsA: readonly Cell[],
  cellsB: readonly Cell[],
  { scorers, runId }: { scorers: readonly string[]; runId: RunId },
): PairedResult[] {
  const measures = measuresOf(scorers);
  const pairings = measures.map((measure) => {
    const sides = { a: columnOf(cellsA, measure), b: columnOf(cellsB, measure) };
    return compareColumns(measure, sides, { runId, family: familySize(measures, measure, 1) });
  });
  return verdictsOf(pairings);
}
