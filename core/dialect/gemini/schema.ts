import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../records/index.ts';

/**
 * Gemini's older schemas are OpenAPI 3.0: types in capitals, `nullable` beside them, counts as text. The newer members
 * take JSON Schema, and so does everybody else.
 */
export function fromOpenApi(schema: JsonObject | null): JsonSchema | null {
  return schema === null ? null : (convert(schema) as JsonSchema);
}

const counts = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

function convert(schema: JsonObject): JsonObject {
  const { nullable, propertyOrdering: _, ...rest } = schema;
  const entries = Object.entries(rest).map(([key, value]): [string, Json] => [key, convertMember(key, value)]);
  const converted: JsonObject = Object.fromEntries(entries);
  if (nullable === true && typeof converted.type === 'string') converted.type = [converted.type, 'null'];
  return converted;
}

function convertMember(key: string, value: Json): Json {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase();
  if (counts.has(key) && typeof value === 'string') return Number(value);
  if (key === 'properties' && isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]): [string, Json] => [
        name,
        isJsonObject(inner) ? convert(inner) : inner,
      ]),
    );
  if (key === 'items' && isJsonObject(value)) return convert(value);
  if (key === 'anyOf' && Array.isArray(value))
    return value.map((inner) => (isJsonObject(inner) ? convert(inner) : inner));
  return value;
}

/** What Gemini lets decide about an answer; it passes over any other keyword in silence. */
const enforced = new Set([
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
]);
/** Keywords that decide nothing. */
const silent = new Set([
  '$schema',
  '$comment',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

const maps = new Set(['properties', '$defs']);

/** `const` says what a list of one does, and `definitions` is what older drafts call `$defs`. */
function writeKeyword(given: string, value: Json): [string, Json] {
  const key = given === 'definitions' ? '$defs' : given;
  if (key === 'const') return ['enum', [value]];
  if (key === '$ref' && typeof value === 'string') return [key, value.replace('#/definitions/', '#/$defs/')];
  if (maps.has(key) && isJsonObject(value))
    return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, writeSchema(inner)]))];
  if (Array.isArray(value) && key !== 'enum' && key !== 'required' && key !== 'type')
    return [key, value.map(writeSchema)];
  return [key, isJsonObject(value) && key !== 'default' ? writeSchema(value) : value];
}

export function writeSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => writeKeyword(key, value)));
}

/** The first keyword by which a written schema says something that Gemini would not enforce; null when there is none. */
export function unenforced(schema: Json): string | null {
  if (!isJsonObject(schema)) return null;
  for (const [key, value] of Object.entries(schema)) {
    if (!enforced.has(key) && !silent.has(key)) return key;
    if (key === 'enum' || key === 'default' || key === 'examples' || key === 'required') continue;
    const inner = maps.has(key) && isJsonObject(value) ? Object.values(value) : Array.isArray(value) ? value : [value];
    const found = inner.map(unenforced).find((name) => name !== null);
    if (found) return found;
  }
  return null;
}
