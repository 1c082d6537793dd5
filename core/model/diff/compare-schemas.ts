import { canonicalJson, isJsonObject, type Json, type JsonSchema } from '../../records/index.ts';
import { resolveSchema } from '../walk-schema.ts';

/** What became of the values that fit. */
type Way = 'stricter' | 'looser' | 'different';

/** A difference of two schemas at a place, for example `items[].name`. */
export type SchemaChange = { at: string } & (
  | { kind: 'added'; required: boolean; hasDefault: boolean }
  | { kind: 'removed'; refused: boolean }
  | { kind: 'required'; hasDefault: boolean }
  | { kind: 'optional' }
  | { kind: 'closed' }
  | { kind: 'opened' }
  | { kind: 'changed'; what: string; way: Way }
);

type Sides = { a: JsonSchema; b: JsonSchema };

/** Members that say nothing of which values fit. */
const notes = new Set([
  'title',
  'description',
  'examples',
  'default',
  '$comment',
  'deprecated',
  '$id',
  '$schema',
  '$defs',
]);
const handled = new Set(['type', 'enum', 'properties', 'required', 'additionalProperties', 'items', '$ref']);
/** Whether more of it is stricter. */
const bounds: Record<string, boolean> = {
  ...{ minimum: true, exclusiveMinimum: true, minLength: true, minItems: true, minProperties: true },
  ...{ maximum: false, exclusiveMaximum: false, maxLength: false, maxItems: false, maxProperties: false },
};
const deepest = 20;

const text = (value: Json | undefined): string => (value === undefined ? 'anything' : JSON.stringify(value));

function typesOf({ type }: JsonSchema): string[] | null {
  const named =
    typeof type === 'string' ? [type] : Array.isArray(type) ? type.filter((one) => typeof one === 'string') : null;
  return named?.includes('number') ? [...new Set([...named, 'integer'])] : named;
}

/** How `b` takes other values than `a`; null stands for everything. */
function wayOf(a: readonly string[] | null, b: readonly string[] | null): Way | null {
  const within = (inner: readonly string[] | null, outer: readonly string[] | null) =>
    outer === null || (inner?.every((one) => outer.includes(one)) ?? false);
  const [narrower, wider] = [within(b, a), within(a, b)];
  if (narrower && wider) return null;
  if (narrower) return 'stricter';
  return wider ? 'looser' : 'different';
}

const typeText = ({ type }: JsonSchema): string =>
  type === undefined ? 'anything' : Array.isArray(type) ? type.join(' or ') : String(type);

function typeChange({ a, b }: Sides, at: string): SchemaChange[] {
  const way = wayOf(typesOf(a), typesOf(b));
  return way === null ? [] : [{ at, kind: 'changed', what: `${typeText(a)} → ${typeText(b)}`, way }];
}

function valuesChange({ a, b }: Sides, at: string): SchemaChange[] {
  const values = ({ enum: listed }: JsonSchema) => (Array.isArray(listed) ? listed.map(canonicalJson) : null);
  const way = wayOf(values(a), values(b));
  const shown = (listed: string[] | null) => (listed === null ? 'any value' : `one of ${listed.join(', ')}`);
  return way === null ? [] : [{ at, kind: 'changed', what: `${shown(values(a))} → ${shown(values(b))}`, way }];
}

function boundWay(name: string, from: Json | undefined, to: Json | undefined): Way {
  if (from === undefined) return 'stricter';
  if (to === undefined) return 'looser';
  if (typeof from !== 'number' || typeof to !== 'number') return 'different';
  return to > from === bounds[name] ? 'stricter' : 'looser';
}

function otherChanges({ a, b }: Sides, at: string): SchemaChange[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name): SchemaChange[] => {
    const [from, to] = [a[name], b[name]];
    const isSchema = name === 'additionalProperties' && (isJsonObject(from) || isJsonObject(to));
    if (notes.has(name) || (handled.has(name) && !isSchema)) return [];
    if (from === to || (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to))) return [];
    const way = Object.hasOwn(bounds, name)
      ? boundWay(name, from, to)
      : from === undefined
        ? 'stricter'
        : to === undefined
          ? 'looser'
          : 'different';
    return [{ at, kind: 'changed', what: `${name} ${text(from)} → ${text(to)}`, way }];
  });
}

const propertiesOf = ({ properties }: JsonSchema): JsonSchema => (isJsonObject(properties) ? properties : {});
const requires = ({ required }: JsonSchema, name: string) => Array.isArray(required) && required.includes(name);
const isClosed = ({ additionalProperties }: JsonSchema) => additionalProperties === false;
const hasDefault = (schema: Json | undefined) => isJsonObject(schema) && schema.default !== undefined;

function memberChanges(
  { a, b }: Sides,
  at: string,
  compareAt: (sides: Sides, at: string) => SchemaChange[],
): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const [before, after] = [propertiesOf(a), propertiesOf(b)];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const place = at === '' ? name : `${at}.${name}`;
    const [from, to] = [
      Object.hasOwn(before, name) ? before[name] : undefined,
      Object.hasOwn(after, name) ? after[name] : undefined,
    ];
    if (to === undefined) changes.push({ at: place, kind: 'removed', refused: isClosed(b) });
    else if (from === undefined)
      changes.push({ at: place, kind: 'added', required: requires(b, name), hasDefault: hasDefault(to) });
    else {
      if (requires(b, name) && !requires(a, name))
        changes.push({ at: place, kind: 'required', hasDefault: hasDefault(to) });
      if (requires(a, name) && !requires(b, name)) changes.push({ at: place, kind: 'optional' });
      if (isJsonObject(from) && isJsonObject(to)) changes.push(...compareAt({ a: from, b: to }, place));
    }
  }
  if (isClosed(b) && !isClosed(a)) changes.push({ at, kind: 'closed' });
  if (isClosed(a) && !isClosed(b)) changes.push({ at, kind: 'opened' });
  return changes;
}

/** How two JSON Schemas differ in the values that fit. What it cannot weigh counts as `different`. */
export function compareSchemas(a: JsonSchema, b: JsonSchema): SchemaChange[] {
  function compare(given: Sides, at: string, depth: number): SchemaChange[] {
    if (depth > deepest) return [];
    const sides: Sides = { a: resolveSchema(given.a, a), b: resolveSchema(given.b, b) };
    const items =
      isJsonObject(sides.a.items) && isJsonObject(sides.b.items)
        ? compare({ a: sides.a.items, b: sides.b.items }, `${at}[]`, depth + 1)
        : otherChanges({ a: pick(sides.a), b: pick(sides.b) }, at);
    return [
      ...typeChange(sides, at),
      ...valuesChange(sides, at),
      ...otherChanges(sides, at),
      ...memberChanges(sides, at, (inner, place) => compare(inner, place, depth + 1)),
      ...items,
    ];
  }
  return compare({ a, b }, '', 0);
}

/** `items` under a name that is weighed like any other. */
const pick = ({ items }: JsonSchema): JsonSchema => (items === undefined ? {} : { 'type of items': items });
