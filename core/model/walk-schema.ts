import { isJsonObject, type Json, type JsonSchema } from '../records/index.ts';
import { pointerPath, valueAt } from './pointer.ts';

/** A schema behind its `$ref`s within the same document, as far as they lead; a circle of them is left as it is. */
export function resolveSchema(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let at = schema;
  for (let hops = 0; hops < 20 && typeof at.$ref === 'string' && at.$ref.startsWith('#'); hops++) {
    const found = valueAt(root, pointerPath(at.$ref.slice(1)));
    if (!isJsonObject(found)) break;
    at = found;
  }
  return at;
}

/** The members and items of a value that a schema says something of by their name or place. */
export function childSchemas(
  schema: JsonSchema,
  value: Json,
): { key: string | number; schema: JsonSchema; value: Json }[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return isJsonObject(items) ? value.map((item, key) => ({ key, schema: items, value: item })) : [];
  }
  const { properties } = schema;
  if (!isJsonObject(value) || !isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([key, inner]) =>
    isJsonObject(inner) && Object.hasOwn(value, key) ? [{ key, schema: inner, value: value[key] as Json }] : [],
  );
}
