import { isOptional, type Signature } from '../../program/index.ts';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Row } from '../row.ts';

/** A row as datasets and files have it. */
export type ReadRow = { input: Json; expected?: Json | null; metadata?: JsonObject; split?: string | null };

export type SplitRows = {
  train: Row[];
  validation: Row[] | undefined;
  heldOut: Row[] | undefined;
  /** Of the row with this input, which is the same object. */
  metadata: WeakMap<object, JsonObject>;
};

/** What is no object is the program's one input. */
function inputOf(input: Json, inputs: readonly string[] | null, at: number): JsonObject {
  if (isJsonObject(input)) return input;
  const [name] = inputs ?? [];
  if (name !== undefined && inputs?.length === 1) return { [name]: input };
  throw new WheelhouseError('invalid_request', `The input of row ${at + 1} is no object.`, {
    param: 'data',
    hint:
      inputs === null ? 'Give inputs by name.' : `The program takes ${inputs.map((one) => `\`${one}\``).join(', ')}.`,
  });
}

/** Rows of something else, or with a name misspelt, would all fail, each after the other. */
function checkNames(rows: readonly Row[], { inputs }: Signature): void {
  const missing = inputs.find(({ name, type }) => !isOptional(type) && rows.every(({ input }) => !(name in input)));
  const [first] = rows;
  if (!missing || !first) return;
  const has = Object.keys(first.input).map((name) => `\`${name}\``);
  throw new WheelhouseError('invalid_request', `No row has \`${missing.name}\`, which the program takes.`, {
    ...{ param: 'data', hint: `Name inputs as the program does; the first row has ${has.join(', ') || 'none'}.` },
  });
}

/**
 * Rows by what they are for: those of the split `validation` choose candidates, those of `test`, or `heldOut` where it is
 * given, are held out, and all others train.
 * @throws WheelhouseError `invalid_request`
 */
export function splitRows(
  rows: readonly ReadRow[],
  { signature, heldOut }: { signature: Signature | null; heldOut?: readonly ReadRow[] | undefined },
): SplitRows {
  const inputs = signature?.inputs.map(({ name }) => name) ?? null;
  const metadata = new WeakMap<object, JsonObject>();
  const taken = (some: readonly ReadRow[]) =>
    some.map(({ input, expected, metadata: said = {} }, at): Row => {
      // One of its own for each row, since what is known of a row is found by it.
      const own = { ...inputOf(input, inputs, at) };
      metadata.set(own, said);
      return { input: own, ...(expected === undefined || expected === null ? {} : { expected }) };
    });
  const ofSplit = (split: string) => rows.filter((row) => row.split === split);
  const [validation, test] = [ofSplit('validation'), ofSplit('test')];
  const held = heldOut ?? (test.length > 0 ? test : undefined);
  const sets = {
    train: taken(rows.filter(({ split }) => split !== 'validation' && split !== 'test')),
    validation: validation.length > 0 ? taken(validation) : undefined,
    heldOut: held && taken(held),
  };
  if (signature) checkNames([...sets.train, ...(sets.validation ?? []), ...(sets.heldOut ?? [])], signature);
  return { ...sets, metadata };
}
