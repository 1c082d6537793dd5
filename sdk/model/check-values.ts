import type { SchemaChecker } from '@wheelhouse/core/ports';
import { canonicalJson, isJsonObject, type Json, type JsonSchema } from '@wheelhouse/core/records';

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

function isOfType(type: Json, value: Json): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return type === typeOf(value);
}

const same = (a: Json, b: Json) => canonicalJson(a) === canonicalJson(b);
const at = (place: string, name: string | number) =>
  typeof name === 'number' ? `${place}[${name}]` : place === '' ? name : `${place}.${name}`;

function memberProblem(schema: JsonSchema, value: Record<string, Json>, place: string): string | null {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  for (const name of Array.isArray(schema.required) ? schema.required : [])
    if (typeof name === 'string' && !Object.hasOwn(value, name)) return `\`${at(place, name)}\` is missing`;
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    if (known === false && schema.patternProperties === undefined) return `\`${at(place, name)}\` is unknown`;
    const problem = isJsonObject(known) ? problemOf(known, member, at(place, name)) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function problemOf(schema: JsonSchema, value: Json, place: string): string | null {
  const { type } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const name = place === '' ? 'it' : `\`${place}\``;
  if (types.length > 0 && !types.some((one) => isOfType(one, value))) return `${name} must be ${types.join(' or ')}`;
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => same(one, value)))
    return `${name} must be one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`;
  if (schema.const !== undefined && !same(schema.const, value))
    return `${name} must be ${JSON.stringify(schema.const)}`;
  if (isJsonObject(value)) return memberProblem(schema, value, place);
  const { items } = schema;
  if (!Array.isArray(value) || !isJsonObject(items)) return null;
  for (const [index, item] of value.entries()) {
    const problem = problemOf(items, item, at(place, index));
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * What of JSON Schema can be checked without a compiler: types, members, items, `enum` and `const`. What else a schema says
 * is checked by the server alone.
 */
export const valueChecker: SchemaChecker = {
  check: (schema, value) => problemOf(schema as JsonSchema, value as Json, ''),
  checkSchema: () => null,
};
