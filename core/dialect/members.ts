import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';

/** @param takes what stands there when it is right, for example `a list of messages` */
export const invalidMember = (param: string, takes: string): WheelhouseError =>
  new WheelhouseError('invalid_request', `\`${param}\` takes ${takes}.`, { param });

export const unsupportedMember = (param: string, why: string): WheelhouseError =>
  new WheelhouseError('unsupported_by_model', why, { param });

/** A request object whose members are taken one by one; null and absent are the same. What nobody took is left over. */
export type Members = {
  /** Where a member is in the request, for errors. */
  path(key: string): string;
  raw(key: string): Json;
  text(key: string): string | null;
  /** @throws WheelhouseError also when it is absent or empty */
  needText(key: string): string;
  number(key: string): number | null;
  flag(key: string): boolean | null;
  object(key: string): JsonObject | null;
  list(key: string): Json[] | null;
  /** A list of objects. */
  objects(key: string): JsonObject[];
  rest(): JsonObject;
};

/**
 * @param path of the object in the request, such as `messages[0]`; empty for the request itself
 * Each method throws WheelhouseError `invalid_request` when the member is of another type.
 */
export function createMembers(value: JsonObject, path = ''): Members {
  const taken = new Set<string>();
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const raw = (key: string): Json => {
    taken.add(key);
    return value[key] ?? null;
  };
  function typed<T extends Json>(key: string, is: (value: Json) => value is T, takes: string): T | null {
    const found = raw(key);
    if (found === null) return null;
    if (!is(found)) throw invalidMember(at(key), takes);
    return found;
  }
  const list = (key: string): Json[] | null => typed(key, (found) => Array.isArray(found), 'a list');
  const text = (key: string): string | null => typed(key, (found) => typeof found === 'string', 'text');
  return {
    path: at,
    raw,
    text,
    needText(key) {
      const found = text(key);
      if (found === null || found === '') throw invalidMember(at(key), 'text that is not empty');
      return found;
    },
    number: (key) => typed(key, (found) => typeof found === 'number', 'a number'),
    flag: (key) => typed(key, (found) => typeof found === 'boolean', 'true or false'),
    object: (key) => typed(key, isJsonObject, 'an object'),
    list,
    objects(key) {
      const found = list(key) ?? [];
      for (const [i, item] of found.entries())
        if (!isJsonObject(item)) throw invalidMember(`${at(key)}[${i}]`, 'an object');
      return found as JsonObject[];
    },
    rest: () => Object.fromEntries(Object.entries(value).filter(([key, member]) => member !== null && !taken.has(key))),
  };
}
