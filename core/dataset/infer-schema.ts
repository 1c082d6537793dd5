import { isJsonObject, type Json, type JsonObject } from '../records/index.ts';

const mostMembers = 200;
const deepest = 8;

type Kind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

/** What was seen at one place. */
type Seen = {
  kinds: Set<Kind>;
  objects: number;
  members: Map<string, { count: number; seen: Seen }>;
  items: Seen | null;
};

const nothing = (): Seen => ({ kinds: new Set(), objects: 0, members: new Map(), items: null });

function kindOf(value: Json): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'boolean' | 'string' | 'object';
}

function look(seen: Seen, value: Json, depth: number): void {
  seen.kinds.add(kindOf(value));
  if (depth >= deepest) return;
  if (Array.isArray(value)) {
    seen.items ??= nothing();
    for (const item of value) look(seen.items, item, depth + 1);
  } else if (isJsonObject(value)) {
    seen.objects++;
    for (const [name, member] of Object.entries(value)) {
      let known = seen.members.get(name);
      if (known === undefined) {
        if (seen.members.size >= mostMembers) continue;
        known = { count: 0, seen: nothing() };
        seen.members.set(name, known);
      }
      known.count++;
      look(known.seen, member, depth + 1);
    }
  }
}

function schemaOf(seen: Seen): JsonObject {
  const kinds = [...seen.kinds].filter((kind) => kind !== 'integer' || !seen.kinds.has('number')).sort();
  const [only] = kinds;
  if (only === undefined) return {};
  const schema: JsonObject = { type: kinds.length === 1 ? only : kinds };
  if (seen.kinds.has('array') && seen.items !== null && seen.items.kinds.size > 0) schema.items = schemaOf(seen.items);
  if (seen.kinds.has('object')) {
    const members = [...seen.members].sort(([a], [b]) => (a < b ? -1 : 1));
    schema.properties = Object.fromEntries(members.map(([name, { seen: inside }]) => [name, schemaOf(inside)]));
    const required = members.filter(([, { count }]) => count === seen.objects).map(([name]) => name);
    if (required.length > 0) schema.required = required;
  }
  return schema;
}

/** The narrowest JSON Schema of types, members and items that all values fit. */
export function createSchemaInference() {
  const seen = nothing();
  return {
    add: (value: Json): void => look(seen, value, 0),
    schema: (): JsonObject => schemaOf(seen),
  };
}
