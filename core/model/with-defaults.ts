import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../records/index.ts';
import { memo } from './memo.ts';
import { childSchemas, resolveSchema } from './walk-schema.ts';

const hasDefaults = memo((schema: JsonSchema) => JSON.stringify(schema).includes('"default":'));

/** Members that are left out get their defaults, in members and items too. The value itself stays as it is. */
export function withDefaults(schema: JsonSchema, value: Json): Json {
  return hasDefaults(schema) ? complete(schema, value, schema) : value;
}

function complete(given: JsonSchema, value: Json, root: JsonSchema): Json {
  const schema = resolveSchema(given, root);
  if (Array.isArray(value)) {
    const { items } = schema;
    return isJsonObject(items) ? value.map((item) => complete(items, item, root)) : value;
  }
  if (!isJsonObject(value)) return value;
  const added: [string, Json][] = [];
  if (isJsonObject(schema.properties))
    for (const [name, inner] of Object.entries(schema.properties)) {
      if (Object.hasOwn(value, name) || !isJsonObject(inner)) continue;
      const { default: fallback } = resolveSchema(inner, root);
      if (fallback !== undefined) added.push([name, complete(inner, fallback, root)]);
    }
  const kept = new Map(
    childSchemas(schema, value).map((child) => [String(child.key), complete(child.schema, child.value, root)]),
  );
  const members = Object.entries(value).map(([name, held]): [string, Json] => [name, kept.get(name) ?? held]);
  return Object.fromEntries([...members, ...added]) as JsonObject;
}
