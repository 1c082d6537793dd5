import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../records/index.ts';

/** What a field of a signature may hold; what JSON Schema says beyond it is `any`, with the schema kept. */
export type FieldType =
  | { kind: 'text' | 'integer' | 'number' | 'boolean' | 'null' }
  | { kind: 'choice'; values: readonly (string | number | boolean)[] }
  | { kind: 'list'; of: FieldType }
  /** An object with names of the caller's own. */
  | { kind: 'map'; of: FieldType }
  | { kind: 'object'; name: string; members: readonly { name: string; type: FieldType; required: boolean }[] }
  | { kind: 'union'; of: readonly FieldType[] }
  | { kind: 'any'; schema: JsonSchema };

export const isOptional = (type: FieldType): boolean =>
  type.kind === 'null' || (type.kind === 'union' && type.of.some(isOptional));

/** As Python would write a text in `Literal[…]`. */
function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? `'${text.replaceAll("'", "\\'")}'` : `"${text}"`;
}
const pythonLiteral = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoted(value) : typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

const plainNames = { text: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'NoneType' } as const;

/** The type's name in prompts, which is Python's, as models have read it most often: `list[str]`, `Literal['a', 'b']`. */
export function typeName(type: FieldType): string {
  switch (type.kind) {
    case 'choice':
      return `Literal[${type.values.map(pythonLiteral).join(', ')}]`;
    case 'list':
      return type.of.kind === 'any' ? 'list' : `list[${typeName(type.of)}]`;
    case 'map':
      return `dict[str, ${typeName(type.of)}]`;
    case 'object':
      return type.name;
    case 'union':
      return `Union[${type.of.map(typeName).join(', ')}]`;
    case 'any':
      return 'Any';
    default:
      return plainNames[type.kind];
  }
}

/** JSON Schema (2020-12) of what the field holds. */
export function schemaOf(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'text':
      return { type: 'string' };
    case 'choice': {
      const kinds = new Set(type.values.map((value) => (typeof value === 'number' ? 'number' : typeof value)));
      return { ...(kinds.size === 1 ? { type: [...kinds][0] as string } : {}), enum: [...type.values] };
    }
    case 'list':
      return { type: 'array', items: schemaOf(type.of) };
    case 'map':
      return { type: 'object', additionalProperties: type.of.kind === 'any' ? true : schemaOf(type.of) };
    case 'object':
      return {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(type.members.map((member) => [member.name, schemaOf(member.type)])),
        required: type.members.filter(({ required }) => required).map(({ name }) => name),
      };
    case 'union':
      return { anyOf: type.of.map(schemaOf) };
    case 'any':
      return type.schema;
    default:
      return { type: type.kind };
  }
}

const alternatives = (schemas: Json[]): FieldType => ({ kind: 'union', of: schemas.map(typeOfSchema) });

function typeOfObject(schema: JsonObject): FieldType {
  const { properties, additionalProperties: rest } = schema;
  if (!isJsonObject(properties))
    return { kind: 'map', of: isJsonObject(rest) ? typeOfSchema(rest) : { kind: 'any', schema: {} } };
  const required = Array.isArray(schema.required) ? schema.required : [];
  return {
    kind: 'object',
    name: typeof schema.title === 'string' ? schema.title : 'object',
    members: Object.entries(properties).map(([name, member]) => ({
      name,
      type: typeOfSchema(member),
      required: required.includes(name),
    })),
  };
}

/** The type that a JSON Schema says. Bounds and patterns are not in it: whoever has the schema checks them. */
export function typeOfSchema(schema: Json): FieldType {
  if (!isJsonObject(schema)) return { kind: 'any', schema: {} };
  const { type } = schema;
  if ('const' in schema || Array.isArray(schema.enum)) {
    const values = Array.isArray(schema.enum) ? schema.enum : [schema.const as Json];
    const plain = values.filter((value) => value !== null && typeof value !== 'object');
    if (plain.length < values.length) return { kind: 'any', schema: schema as JsonSchema };
    return { kind: 'choice', values: plain as (string | number | boolean)[] };
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return alternatives(either);
  if (Array.isArray(type)) return alternatives(type.map((one) => ({ ...schema, type: one })));
  if (type === 'string') return { kind: 'text' };
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'null') return { kind: type };
  if (type === 'array') return { kind: 'list', of: typeOfSchema(schema.items ?? null) };
  if (type === 'object') return typeOfObject(schema);
  return { kind: 'any', schema: schema as JsonSchema };
}
