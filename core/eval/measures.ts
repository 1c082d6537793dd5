import type { MeasuredCell } from '../ports/index.ts';
import type { Cell, ExampleId } from '../records/index.ts';

/** `score`: from 0 to 1, more is better; of the others less is. */
export type MeasureKind = 'score' | 'latency' | 'cost' | 'errors';
export type Measure = { name: string; kind: MeasureKind };

const kinds: Record<string, MeasureKind> = { latency: 'latency', cost: 'cost', errors: 'errors' };

/** What a name measures: `latency` (seconds), `cost` (dollars), `errors` (share of calls that failed), else a scorer. */
export const measureNamed = (name: string): Measure => ({ name, kind: kinds[name] ?? 'score' });

/** What runs are compared by: each scorer, then latency and cost. */
export const measuresOf = (scorers: readonly string[]): Measure[] => [...scorers, 'latency', 'cost'].map(measureNamed);

/** Every name that a gate may have. */
export const measureNamesOf = (scorers: readonly string[]): string[] => [
  ...measuresOf(scorers).map(({ name }) => name),
  'errors',
];

/** A failed call has a latency and maybe a cost, but they say nothing about the model's answers. */
function readValue(cell: Cell, { name, kind }: Measure): number | null {
  if (kind === 'errors') return cell.error === null ? 0 : 1;
  if (cell.error !== null) return null;
  // No call takes no time: of answers from elsewhere nobody may have measured it.
  if (kind === 'latency') return cell.latencyNs === 0n ? null : Number(cell.latencyNs) / 1e9;
  if (kind === 'cost') return cell.costNanoUsd === null ? null : Number(cell.costNanoUsd) / 1e9;
  const result = cell.scores[name];
  return result?.ok ? result.score : null;
}

/** The cell's value of a measure, as `CellStore.measured` gives it. */
export function measured(cell: Cell, measure: Measure): MeasuredCell {
  const result = measure.kind === 'score' && cell.error === null ? cell.scores[measure.name] : undefined;
  const { exampleId, repetition } = cell;
  return { exampleId, repetition, value: readValue(cell, measure), label: result?.ok ? result.label : null };
}

/** One measure of one run: by example, in the order of their ids, the values of the cells that have one. */
export type Column = {
  exampleIds: ExampleId[];
  values: number[][];
  /** How often each label was given. */
  labels: Record<string, number>;
  /** Cells with neither value nor label. */
  missing: number;
};

type ColumnBuilder = { add(cell: MeasuredCell): void; column: Column };

/** Takes cells in the order of their example ids. */
export function buildColumn(): ColumnBuilder {
  const column: Column = { exampleIds: [], values: [], labels: {}, missing: 0 };
  return {
    column,
    add({ exampleId, value, label }) {
      if (column.exampleIds.at(-1) !== exampleId) {
        column.exampleIds.push(exampleId);
        column.values.push([]);
      }
      if (value !== null) column.values.at(-1)?.push(value);
      if (label !== null) column.labels[label] = (column.labels[label] ?? 0) + 1;
      if (value === null && label === null) column.missing++;
    },
  };
}

const byPlace = (a: Cell, b: Cell) =>
  a.exampleId === b.exampleId ? a.repetition - b.repetition : a.exampleId < b.exampleId ? -1 : 1;

export function columnOf(cells: readonly Cell[], measure: Measure): Column {
  const { add, column } = buildColumn();
  for (const cell of cells.toSorted(byPlace)) add(measured(cell, measure));
  return column;
}

/** Both columns side by side, by example; an example that one lacks has no values there. */
export function* sideBySide(a: Column, b: Column): Generator<{ exampleId: ExampleId; a: number[]; b: number[] }> {
  let [i, j] = [0, 0];
  for (;;) {
    const [idA, idB] = [a.exampleIds[i], b.exampleIds[j]];
    if (idA === undefined && idB === undefined) return;
    const takesA = idA !== undefined && (idB === undefined || idA <= idB);
    const takesB = idB !== undefined && (idA === undefined || idB <= idA);
    const exampleId = (takesA ? idA : idB) as ExampleId;
    yield { exampleId, a: (takesA && a.values[i]) || [], b: (takesB && b.values[j]) || [] };
    if (takesA) i++;
    if (takesB) j++;
  }
}
