import type { Json } from '@wheelhouse/core/records';

/** One value that a schema speaks of: where it is, what it is, and whether it is in every row. */
export type SchemaLine = { path: string; type: string; always: boolean };

type Schema = { [key: string]: Json };

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typesOf = ({ type }: Schema): string[] =>
  (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === 'string');

function nameOf(schema: Schema): string {
  const names = typesOf(schema).map((type) =>
    type === 'array' && isSchema(schema.items) ? `list of ${nameOf(schema.items)}` : type === 'array' ? 'list' : type,
  );
  return names.length === 0 ? 'anything' : names.join(' or ');
}

/** What a schema says, a line for each value; members of objects and of objects in lists under what holds them. */
export function schemaLines(schema: Schema, path: string, always = true): SchemaLine[] {
  const inside = isSchema(schema.items) ? schema.items : schema;
  const at = inside === schema ? path : `${path}[]`;
  const members = isSchema(inside.properties) ? Object.entries(inside.properties) : [];
  const required = Array.isArray(inside.required) ? inside.required : [];
  return [
    { path, type: nameOf(schema), always },
    ...members.flatMap(([name, member]) =>
      isSchema(member) ? schemaLines(member, `${at}.${name}`, required.includes(name)) : [],
    ),
  ];
}

/** Paths that a split or a step of a recipe can name: what is not inside a list. */
export const pathsOf = (lines: readonly SchemaLine[]): string[] =>
  lines.flatMap(({ path }) => (path.includes('[]') || path === 'metadata' ? [] : [path]));
