import { type Cell, contentHash, type ExampleId, type PairedResult, type Verdict } from '../records/index.ts';
import { type PairedDifference, pairedDifference, type ScorePair, sortedMean } from '../stats/index.ts';
import { type MeasureKind, verdictSentence } from './verdict-sentence.ts';

type Measure = {
  name: string;
  kind: MeasureKind;
  /** null where this cell says nothing. */
  read: (cell: Cell) => number | null;
};

function scoreOf(cell: Cell, scorer: string): number | null {
  const result = cell.scores[scorer];
  return result?.ok ? result.score : null;
}

/** A failed call has a latency and maybe a cost, but they say nothing about the model's answers. */
const ofAnswer = (read: (cell: Cell) => number | null) => (cell: Cell) => (cell.error === null ? read(cell) : null);

const measuresOf = (scorers: readonly string[]): Measure[] => [
  ...scorers.map((name): Measure => ({ name, kind: 'score', read: ofAnswer((cell) => scoreOf(cell, name)) })),
  { name: 'latency', kind: 'latency', read: ofAnswer((cell) => Number(cell.latencyNs) / 1e9) },
  {
    name: 'cost',
    kind: 'cost',
    read: ofAnswer((cell) => (cell.costNanoUsd === null ? null : Number(cell.costNanoUsd) / 1e9)),
  },
];

/** Mean over the repetitions that have a value, by example; null where none has. */
function meansByExample(cells: readonly Cell[], { read }: Measure): Map<ExampleId, number | null> {
  const values = new Map<ExampleId, number[]>();
  for (const cell of cells) {
    const ofExample = values.get(cell.exampleId) ?? [];
    const value = read(cell);
    values.set(cell.exampleId, value === null ? ofExample : [...ofExample, value]);
  }
  return new Map([...values].map(([id, all]) => [id, all.length === 0 ? null : sortedMean(all)]));
}

function verdictOf(decision: PairedDifference['decision'], kind: MeasureKind): Verdict {
  if (decision === 'too_few') return 'not_enough_data';
  if (decision === 'unclear') return 'no_clear_difference';
  return (decision === 'higher') === (kind === 'score') ? 'better' : 'worse';
}

function compareMeasure(cellsA: readonly Cell[], cellsB: readonly Cell[], measure: Measure): PairedResult {
  const a = meansByExample(cellsA, measure);
  const b = meansByExample(cellsB, measure);
  const ids = [...new Set([...a.keys(), ...b.keys()])].sort();
  const pairs: ScorePair[] = [];
  let failuresA = 0;
  let failuresB = 0;
  for (const id of ids) {
    const [valueA, valueB] = [a.get(id) ?? null, b.get(id) ?? null];
    if (valueA === null) failuresA++;
    if (valueB === null) failuresB++;
    if (valueA !== null && valueB !== null) pairs.push({ a: valueA, b: valueB });
  }
  const seed = Number.parseInt(contentHash([measure.name, ...ids]).slice(0, 8), 16);
  const { interval, decision, mcnemarP, spread, ...found } = pairedDifference(pairs, {
    bounded: measure.kind === 'score',
    seed,
  });
  const verdict = verdictOf(decision, measure.kind);
  return {
    measure: measure.name,
    meanA: found.meanA,
    meanB: found.meanB,
    difference: found.difference,
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
    verdict,
    sentence: verdictSentence({
      kind: measure.kind,
      verdict,
      found: { ...found, interval, mcnemarP, spread },
      failuresA,
      failuresB,
    }),
  };
}

/**
 * B against A, one result for each scorer, then `latency` (seconds) and `cost` (dollars), where less is better.
 * Pairs by example, repetitions averaged within it; an example without a value on one side is a failure of that side
 * and no pair, never a zero. The same cells give the same results, in whatever order they come.
 */
export function compareRuns(
  cellsA: readonly Cell[],
  cellsB: readonly Cell[],
  options: { scorers: readonly string[] },
): PairedResult[] {
  return measuresOf(options.scorers).map((measure) => compareMeasure(cellsA, cellsB, measure));
}
