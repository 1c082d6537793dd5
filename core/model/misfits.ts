import { isJsonObject, type Json, type JsonSchema } from '../records/index.ts';
import { childSchemas, resolveSchema } from './walk-schema.ts';

const join = (place: string, name: string) => (place === '' ? name : `${place}.${name}`);

/** Every member that a value misses, or has too many, by its place (`items[2].name`). */
export function misfits(schema: JsonSchema, value: Json): { missing: string[]; unknown: string[] } {
  const missing: string[] = [];
  const unknown: string[] = [];
  function look(at: JsonSchema, held: Json, place: string): void {
    const resolved = resolveSchema(at, schema);
    if (isJsonObject(held)) {
      const { required, properties, additionalProperties, patternProperties } = resolved;
      if (Array.isArray(required))
        for (const name of required)
          if (typeof name === 'string' && !Object.hasOwn(held, name)) missing.push(join(place, name));
      if (additionalProperties === false && patternProperties === undefined)
        for (const name of Object.keys(held))
          if (!isJsonObject(properties) || !Object.hasOwn(properties, name)) unknown.push(join(place, name));
    }
    for (const child of childSchemas(resolved, held))
      look(
        child.schema,
        child.value,
        typeof child.key === 'number' ? `${place}[${child.key}]` : join(place, child.key),
      );
  }
  look(schema, value, '');
  return { missing, unknown };
}
