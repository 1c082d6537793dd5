import { isJsonObject, type Json, type JsonObject } from '../records/index.ts';

/** A member by its name, or by a path of names such as `customer.plan`; undefined when it is not there. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  if (!isJsonObject(value)) {
    const at = Array.isArray(value) && /^\d+(?:\.|$)/.test(path) ? Number.parseInt(path, 10) : null;
    if (at === null) return undefined;
    const dot = path.indexOf('.');
    const item = (value as Json[])[at];
    return dot === -1 ? item : valueAt(item, path.slice(dot + 1));
  }
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = valueAt(value[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The object with a value at the path; objects on the way are made, and nothing that was given is changed. */
export function withValueAt(object: JsonObject, path: readonly string[], value: Json | undefined): JsonObject {
  const [name = '', ...rest] = path;
  const { [name]: inside, ...others } = object;
  if (rest.length > 0) return { ...object, [name]: withValueAt(isJsonObject(inside) ? inside : {}, rest, value) };
  return value === undefined ? others : { ...object, [name]: value };
}
