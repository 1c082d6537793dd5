import { canonicalJson, isJsonObject, type Json } from '../records/index.ts';

export type JsonDifference = {
  /** Places of leaves that either value has; an empty list or object is a leaf. */
  leaves: number;
  equal: number;
  /** One sentence per place that differs, in order of the places. */
  differences: string[];
};

type Leaf = { path: string; value: Json };

const plainKey = /^[A-Za-z_$][\w$]*$/;
const step = (path: string, key: string) => {
  if (!plainKey.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
};

function* leavesOf(value: Json, path: string): Generator<Leaf> {
  if (Array.isArray(value) && value.length > 0)
    for (const [index, item] of value.entries()) yield* leavesOf(item, `${path}[${index}]`);
  else if (isJsonObject(value) && Object.keys(value).length > 0)
    for (const [key, item] of Object.entries(value)) yield* leavesOf(item as Json, step(path, key));
  else yield { path, value };
}

const longest = 60;
function shown(value: Json): string {
  const letters = [...JSON.stringify(value)];
  return letters.length > longest ? `${letters.slice(0, longest).join('')}…` : letters.join('');
}

/** Inside the place, or the place itself. */
const isWithin = (path: string, place: string) =>
  path === place || (path.startsWith(place) && (place === '' || '.['.includes(path[place.length] as string)));

/**
 * Two JSON values leaf by leaf: keys in any order, list items by their place. `ignore` names places that do not count,
 * with all that is inside: `id`, `items[0].price`, `["odd key"]`.
 */
export function jsonDiff(actual: Json, expected: Json, ignore: readonly string[] = []): JsonDifference {
  const counted = (value: Json) =>
    new Map(
      [...leavesOf(value, '')]
        .filter(({ path }) => !ignore.some((place) => isWithin(path, place)))
        .map((leaf) => [leaf.path, leaf.value]),
    );
  const [own, wanted] = [counted(actual), counted(expected)];
  const paths = [...new Set([...wanted.keys(), ...own.keys()])];
  const differences = paths.flatMap((path) => {
    const place = path === '' ? 'the value' : path;
    const [mine, theirs] = [own.get(path), wanted.get(path)];
    if (mine === undefined) return [`${place} is missing`];
    if (theirs === undefined) return [`${place} is not expected`];
    return canonicalJson(mine) === canonicalJson(theirs) ? [] : [`${place} is ${shown(mine)}, not ${shown(theirs)}`];
  });
  return { leaves: paths.length, equal: paths.length - differences.length, differences };
}
