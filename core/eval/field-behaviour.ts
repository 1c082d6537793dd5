import { canonicalJson, isJsonObject, type Json } from '../records/index.ts';

/** What one side of a field is like; shares are of answers that are JSON. */
type FieldSide = {
  share: number;
  /** Kinds of its values, in the order of the alphabet: `string`, `number`, `null` … */
  types: string[];
};

export type FieldBehaviour = {
  /** `items[].sku`: all items of a list are one place. */
  path: string;
  before: FieldSide;
  after: FieldSide;
  /** Rows in which no new answer has the values there that an old one had. */
  changed: number;
};

type Answers = readonly (Json | undefined)[];
type FieldRow = { before: Answers; after: Answers };

const deepest = 8;
const mostFields = 200;

const typeOf = (value: Json) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);

/** Leaves by place, with all values that stand there; a list or object that is empty is a leaf. */
function fieldsOf(value: Json): Map<string, Json[]> {
  const found = new Map<string, Json[]>();
  const visit = (one: Json, path: string, depth: number) => {
    if (depth < deepest && Array.isArray(one) && one.length > 0)
      for (const item of one) visit(item, `${path}[]`, depth + 1);
    else if (depth < deepest && isJsonObject(one) && Object.keys(one).length > 0)
      for (const [key, item] of Object.entries(one))
        visit(item as Json, path === '' ? key : `${path}.${key}`, depth + 1);
    else found.set(path, [...(found.get(path) ?? []), one]);
  };
  visit(value, '', 0);
  return found;
}

type Fields = Map<string, Json[]>;

function sideOf(answers: readonly Fields[], path: string): FieldSide {
  const values = answers.flatMap((fields) => fields.get(path) ?? []);
  const having = answers.filter((fields) => fields.has(path)).length;
  return { share: answers.length === 0 ? 0 : having / answers.length, types: [...new Set(values.map(typeOf))].sort() };
}

function isChanged({ before, after }: { before: readonly Fields[]; after: readonly Fields[] }, path: string): boolean {
  const textOf = (fields: Fields) => canonicalJson(fields.get(path) ?? []);
  const known = new Set(before.map(textOf));
  return before.length > 0 && after.length > 0 && !after.some((fields) => known.has(textOf(fields)));
}

/**
 * What stands in answers that are JSON objects or lists, place by place, in two versions; others are left out (`undefined`). Places
 * that are gone or new come first, then those that change in most rows; 200 at most.
 */
export function compareFields(rows: readonly FieldRow[]): FieldBehaviour[] {
  const read = (answers: Answers) =>
    answers.flatMap((value) => (typeof value === 'object' && value !== null ? [fieldsOf(value)] : []));
  const sides = rows.map(({ before, after }) => ({ before: read(before), after: read(after) }));
  const [before, after] = [sides.flatMap((row) => row.before), sides.flatMap((row) => row.after)];
  const paths = [...new Set([...before, ...after].flatMap((fields) => [...fields.keys()]))];
  const weight = (one: FieldBehaviour) => Math.abs(one.before.share - one.after.share);
  return paths
    .map((path) => ({
      ...{ path, before: sideOf(before, path), after: sideOf(after, path) },
      changed: sides.filter((row) => isChanged(row, path)).length,
    }))
    .sort((a, b) => weight(b) - weight(a) || b.changed - a.changed || (a.path < b.path ? -1 : 1))
    .slice(0, mostFields);
}
