import {
  canonicalJson,
  contentHash,
  type Example,
  type ExampleId,
  isJsonObject,
  type Json,
  type JsonObject,
  type RecipeStep,
  WheelhouseError,
} from '../records/index.ts';
import { findPii } from '../text/index.ts';
import { normalText, signatureOf, similarity } from './near-duplicates.ts';
import { valueAt, withValueAt } from './paths.ts';
import { fitsCondition } from './row-condition.ts';
import { textOfValue } from './row-text.ts';
import { shareOf, splitOf } from './split-of.ts';
import { sortedTags } from './to-row.ts';

/** A row on its way through a recipe. */
export type RecipeRow = Omit<Example, 'hash' | 'erasedAt' | 'place'>;
type Rows = () => AsyncIterable<RecipeRow>;
type Apply = (row: RecipeRow) => RecipeRow[];

/** Rows among which nearly the same ones can be told: each keeps a signature in memory. */
const mostNear = 100_000;

const keepIf =
  (fits: (row: RecipeRow) => boolean): Apply =>
  (row) =>
    fits(row) ? [row] : [];

/** Every text of a value, changed; roles and the like of messages stay. */
function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'role' || name === 'type' ? member : mapTexts(member, change),
    ]),
  );
}

function moved(row: RecipeRow, { move, drop }: Extract<RecipeStep, { do: 'map' }>): RecipeRow[] {
  const before: JsonObject = { input: row.input, expected: row.expected, metadata: row.metadata };
  let after = before;
  for (const path of [...Object.keys(move), ...drop]) after = withValueAt(after, path.split('.'), undefined);
  for (const [from, to] of Object.entries(move)) {
    const value = valueAt(before, from);
    if (value !== undefined) after = withValueAt(after, to.split('.'), value);
  }
  const { input = null, expected = null, metadata } = after;
  return [{ ...row, input, expected, metadata: isJsonObject(metadata) ? metadata : {} }];
}

/** The text with marks in the place of what tells people apart. */
function maskText(text: string): string {
  let masked = '';
  let at = 0;
  for (const { kind, start, end } of [...findPii(text)].sort((a, b) => a.start - b.start)) {
    masked += `${text.slice(at, start)}<${kind.toUpperCase()}>`;
    at = end;
  }
  return masked + text.slice(at);
}

const masked = (row: RecipeRow): RecipeRow[] => [
  {
    ...row,
    input: mapTexts(row.input, maskText),
    expected: mapTexts(row.expected, maskText),
    metadata: mapTexts(row.metadata, maskText) as JsonObject,
  },
];

/** Two neighbours change places, once in so many characters, the same ones each time. */
const everyTypo = 25;
function withTypos(text: string, seed: string): string {
  const characters = [...text];
  for (let at = Math.floor(shareOf(seed) * everyTypo); at + 1 < characters.length; at += everyTypo)
    [characters[at], characters[at + 1]] = [characters[at + 1] ?? '', characters[at] ?? ''];
  return characters.join('');
}

const changes: Record<Extract<RecipeStep, { do: 'augment' }>['with'][number], (text: string, seed: string) => string> =
  {
    lowercase: (text) => text.toLowerCase(),
    typos: withTypos,
    no_punctuation: (text) => text.replace(/\p{P}+/gu, ''),
  };

/** The same each time: a copy is the same example whenever the recipe runs. */
const copyId = (id: string, copy: number): ExampleId => `ex_${contentHash([id, copy]).slice(0, 17)}` as ExampleId;

function augmented(row: RecipeRow, { with: ways, copies }: Extract<RecipeStep, { do: 'augment' }>): RecipeRow[] {
  const made = Array.from({ length: copies }, (_, copy): RecipeRow => {
    const change = (text: string) => ways.reduce((now, way) => changes[way](now, `${row.id} ${copy}`), text);
    return {
      ...row,
      id: copyId(row.id, copy),
      input: mapTexts(row.input, change),
      metadata: { ...row.metadata, augmented: { of: row.id, with: ways } },
      tags: sortedTags([...row.tags, 'augmented']),
    };
  });
  return [row, ...made];
}

function deduplicate(near: number | undefined): Apply {
  const seen = new Set<string>();
  const signatures: Uint32Array[] = [];
  const buckets = new Map<string, number[]>();
  return (row) => {
    const normal = normalText(textOfValue(row.input));
    const exact = contentHash(normal).slice(0, 16);
    if (seen.has(exact)) return [];
    seen.add(exact);
    if (near === undefined) return [row];
    if (signatures.length >= mostNear)
      throw new WheelhouseError('invalid_request', `Nearly equal rows can be told among ${mostNear} rows at most.`, {
        hint: 'Sample first, or leave `near` out to remove equal rows.',
      });
    const signature = signatureOf(normal);
    const keys = Array.from(
      { length: 16 },
      (_, band) => `${band}:${signature.subarray(band * 4, band * 4 + 4).join(',')}`,
    );
    const others = new Set(keys.flatMap((key) => buckets.get(key) ?? []));
    for (const other of others) if (similarity(signature, signatures[other] as Uint32Array) >= near) return [];
    const at = signatures.push(signature) - 1;
    for (const key of keys) buckets.set(key, [...(buckets.get(key) ?? []).slice(-20), at]);
    return [row];
  };
}

const fieldOf = (row: RecipeRow, by: string): string => {
  const value = valueAt({ ...row, source: null } as JsonObject, by);
  return value === undefined ? '' : canonicalJson(value);
};

async function balance({ by, most }: Extract<RecipeStep, { do: 'balance' }>, rows: Rows): Promise<Apply> {
  const counts = new Map<string, number>();
  for await (const row of rows()) counts.set(fieldOf(row, by), (counts.get(fieldOf(row, by)) ?? 0) + 1);
  const wanted = most ?? Math.min(...counts.values());
  const kept = new Map<string, number>();
  return keepIf((row) => {
    const value = fieldOf(row, by);
    const count = (kept.get(value) ?? 0) + 1;
    kept.set(value, count);
    return count <= wanted;
  });
}

async function sample({ rows: wanted, seed }: Extract<RecipeStep, { do: 'sample' }>, rows: Rows): Promise<Apply> {
  const shares: number[] = [];
  for await (const { id } of rows()) shares.push(shareOf(`${seed} ${id}`));
  const until = shares.sort((a, b) => a - b)[wanted] ?? 1;
  return keepIf(({ id }) => shareOf(`${seed} ${id}`) < until);
}

/** @param rows the rows that come to this step, as often as it asks for them */
async function applyOf(step: RecipeStep, rows: Rows): Promise<Apply> {
  switch (step.do) {
    case 'filter':
      return keepIf((row) => fitsCondition(row, step) !== (step.not === true));
    case 'map':
      return (row) => moved(row, step);
    case 'balance':
      return balance(step, rows);
    case 'deduplicate':
      return deduplicate(step.near);
    case 'augment':
      return (row) => augmented(row, step);
    case 'mask':
      return masked;
    case 'sample':
      return sample(step, rows);
    case 'split':
      return (row) => [{ ...row, split: splitOf(row, step) }];
    case 'tag':
      return (row) => [{ ...row, tags: sortedTags([...row.tags, ...step.add]) }];
  }
}

/**
 * What a recipe makes of rows, row by row. A step that must know all rows first reads them through the steps before it, so
 * that the rows themselves are never held.
 */
export async function* followRecipe(steps: readonly RecipeStep[], rows: Rows): AsyncGenerator<RecipeRow> {
  const [last] = steps.slice(-1);
  if (last === undefined) {
    yield* rows();
    return;
  }
  const before: Rows = () => followRecipe(steps.slice(0, -1), rows);
  const apply = await applyOf(last, before);
  for await (const row of before()) yield* apply(row);
}
