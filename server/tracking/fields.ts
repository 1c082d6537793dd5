import { isJsonObject, type Json, type JsonObject, type TrackedTag } from '@wheelhouse/core/records';
import { wrong } from './mlflow-error.ts';

const docs = 'See the API docs for more information about request parameters.';
const typeOf = (value: Json): string => {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : 'dict';
};

/** In MLflow's words. */
export const invalid = (path: string, value: Json) => {
  const hint = ` Hint: Value was of type '${typeOf(value)}'. ${docs}`;
  return wrong(`Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied: ${hint}`);
};
export const missing = (path: string) => wrong(`Missing value for required parameter '${path}'. ${docs}`);

/** null where it is left out. */
export function textOr(body: JsonObject, name: string, path = name): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(path, value);
  return value;
}

export function textOf(body: JsonObject, name: string, path = name): string {
  const text = textOr(body, name, path);
  if (text === null || text === '') throw missing(path);
  return text;
}

/** Integers come as numbers, or as the decimal texts of protobuf's JSON; null where it is left out. */
export function integerOr(body: JsonObject, name: string, path = name): number | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw invalid(path, value);
  return number;
}

export const largest = 1.797_693_134_862_315_7e308;
const words: Record<string, number> = { NaN: Number.NaN, Infinity: largest, '-Infinity': -largest };

/** A double of protobuf's JSON; infinity is the largest number, as in MLflow's stores. */
export function doubleOf(body: JsonObject, name: string, path = name): number {
  const value = body[name];
  if (value === undefined || value === null) throw missing(path);
  const word = typeof value === 'string' ? words[value] : undefined;
  const number = word ?? (typeof value === 'string' && value.trim() !== '' ? Number(value) : value);
  if (typeof number !== 'number' || (word === undefined && Number.isNaN(number))) throw invalid(path, value);
  return Number.isNaN(number) ? number : Math.max(-largest, Math.min(largest, number));
}

export function listOf(body: JsonObject, name: string): Json[] {
  const value = body[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(name, value);
  return value;
}

export const objectsOf = (body: JsonObject, name: string): JsonObject[] =>
  listOf(body, name).map((value, i) => {
    if (!isJsonObject(value)) throw invalid(`${name}[${i}]`, value);
    return value;
  });

export const textsOf = (body: JsonObject, name: string): string[] =>
  listOf(body, name).map((value, i) => {
    if (typeof value !== 'string') throw invalid(`${name}[${i}]`, value);
    return value;
  });

/** MLflow resolves names as paths of files, which they once were. */
function normalPath(name: string): string {
  const isRooted = name.startsWith('/');
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isRooted) parts.push(part);
  }
  const joined = `${isRooted ? '/' : ''}${parts.join('/')}`;
  return joined === '' ? '.' : joined;
}

const tooLong = (what: string, limit: number) => wrong(`'${what}' exceeds the maximum length of ${limit} characters`);
const keyLimit = 250;

/** A name of a metric, parameter or tag. */
export function checkName(name: string, path: string, what = path): void {
  const because = (reason: string) =>
    wrong(`Invalid value ${JSON.stringify(name)} for parameter '${path}' supplied: ${reason}`);
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(name))
    throw because(
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  const normal = normalPath(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/'))
    throw because(
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
  if ([...name].length > keyLimit) throw tooLong(what, keyLimit);
}

export function checkLength(value: string, limit: number, what: string): string {
  if ([...value].length > limit) throw tooLong(what, limit);
  return value;
}

/** What is too long is cut, as MLflow's own server and client do. */
const cut = (value: string, limit: number) => (value.length <= limit ? value : [...value].slice(0, limit).join(''));

const paramLimit = 6_000;
const tagLimit = 8_000;

export function paramOf(body: JsonObject, path = ''): TrackedTag {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const key = textOf(body, 'key', at('key'));
  checkName(key, at('key'), 'Param key');
  return { key, value: cut(textOr(body, 'value', at('value')) ?? '', paramLimit) };
}

export function tagOf(body: JsonObject, path = ''): TrackedTag {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const key = textOf(body, 'key', at('key'));
  checkName(key, at('key'));
  return { key, value: cut(textOr(body, 'value', at('value')) ?? '', tagLimit) };
}
