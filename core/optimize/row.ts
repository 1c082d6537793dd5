import { contentHash, type Json, type JsonObject } from '../records/index.ts';
import { uniformFrom } from '../stats/index.ts';
import { shuffled } from './draws.ts';

/** An example to optimize by. Labels of fields stand in `expected` by name; what else stands there is for the metric. */
export type Row<I extends object = JsonObject> = { input: I; expected?: Json };

/** A row that optimizers see. */
export type SearchRow = { input: JsonObject; expected: Json | undefined; key: string; split: 'train' | 'validation' };
/** A row that they do not. */
export type HeldOutRow = Omit<SearchRow, 'split'> & { split: 'held_out' };
export type AnyRow = SearchRow | HeldOutRow;

export type RowSets = {
  train: SearchRow[];
  /** null: none were given, and every optimizer does as its rules say. */
  validation: SearchRow[] | null;
  /** In an order that the seed draws, each content once. */
  heldOut: HeldOutRow[];
  /** Rows that were left out of the search, because one with the same input is held out. */
  overlapping: number;
};

/** Of the rows, where nobody says which are held out. */
const heldOutShare = 0.3;

const inputKey = ({ input }: Row<object>) => contentHash(input as JsonObject);
const keyed = <S extends AnyRow['split']>(row: Row<object>, split: S) => ({
  input: row.input as JsonObject,
  expected: row.expected,
  key: contentHash([row.input as JsonObject, row.expected ?? null]),
  split,
});

/**
 * Sets rows apart before anything is tried. What is held out shares no input with what is searched on; given none, so large
 * a share of the different inputs is drawn.
 */
export function setApart({
  train,
  validation,
  heldOut,
  seed,
}: {
  train: readonly Row<object>[];
  validation?: readonly Row<object>[] | undefined;
  heldOut?: readonly Row<object>[] | undefined;
  seed: number;
}): RowSets {
  const draw = uniformFrom(seed);
  let drawn: Set<string> | null = null;
  if (heldOut === undefined) {
    const inputs = shuffled([...new Set(train.map(inputKey))], draw);
    drawn = new Set(inputs.slice(0, Math.floor(inputs.length * heldOutShare)));
  }
  const apart = drawn === null ? (heldOut ?? []) : train.filter((row) => drawn.has(inputKey(row)));
  const hidden = new Set(apart.map(inputKey));
  const open = (rows: readonly Row<object>[]) => rows.filter((row) => !hidden.has(inputKey(row)));
  const [openTrain, openValidation] = [open(train), validation && open(validation)];
  const once = new Map(apart.map((row) => keyed(row, 'held_out')).map((row) => [row.key, row]));
  const lost = drawn === null ? train.length - openTrain.length : 0;
  return {
    train: openTrain.map((row) => keyed(row, 'train')),
    validation: openValidation?.map((row) => keyed(row, 'validation')) ?? null,
    heldOut: shuffled([...once.values()], draw),
    overlapping: lost + (validation?.length ?? 0) - (openValidation?.length ?? 0),
  };
}

/** How many rows are for what, as {@link setApart} has it. */
export function countRows(given: Parameters<typeof setApart>[0]): {
  train: number;
  validation: number;
  heldOut: number;
} {
  const { train, validation, heldOut } = setApart(given);
  return { train: train.length, validation: validation?.length ?? 0, heldOut: heldOut.length };
}
