import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { memo } from '../memo.ts';
import { pointerPath, valueAt } from '../pointer.ts';
import { parseTemplate, type Template } from '../template/parse-template.ts';
import { noPartials, renderTemplate } from '../template/render-template.ts';
import { templateVariables } from '../template/template-variables.ts';

/** The values that a mapping may name: `input`, `messages`, `parameters`, and in a chain `steps`, `item`, `index`. */
export type Scope = JsonObject;

/** A mapping, read once. */
export type Mapping =
  | { kind: 'value'; value: Json }
  | { kind: 'from'; path: string[] }
  | { kind: 'text'; template: Template }
  | { kind: 'list'; items: Mapping[] }
  | { kind: 'object'; members: [name: string, mapping: Mapping][] };

/** A place that a mapping reads. `whole`: the value itself is taken, not its text. */
export type Reading = { path: string[]; whole: boolean };

function readFrom(pointer: Json, param: string): Mapping {
  if (typeof pointer !== 'string' || !/^(?:\/.*)?$/s.test(pointer))
    throw new WheelhouseError('invalid_request', '`$from` takes a JSON Pointer, for example "/input/question".', {
      param,
    });
  return { kind: 'from', path: pointerPath(pointer) };
}

/** @throws WheelhouseError `invalid_request` that names the place below `param` */
export function readMapping(json: Json, param: string): Mapping {
  if (typeof json === 'string') {
    const template = parseTemplate(json, param);
    return template.pieces.every(({ kind }) => kind === 'text')
      ? { kind: 'value', value: renderTemplate(template, null) }
      : { kind: 'text', template };
  }
  if (Array.isArray(json)) return { kind: 'list', items: json.map((item, i) => readMapping(item, `${param}[${i}]`)) };
  if (!isJsonObject(json)) return { kind: 'value', value: json };
  const members = Object.entries(json);
  const [only] = members;
  if (members.length === 1 && only?.[0] === '$from') return readFrom(only[1], `${param}.$from`);
  return {
    kind: 'object',
    members: members.map(([name, value]) => [name, readMapping(value, `${param}.${name}`)]),
  };
}

const kept = memo((json: object) => readMapping(json as Json, 'definition'));
const mappingOf = (json: Json): Mapping =>
  typeof json === 'object' && json !== null ? kept(json) : readMapping(json, 'definition');

function evaluate(mapping: Mapping, scope: Scope): Json | undefined {
  switch (mapping.kind) {
    case 'value':
      return mapping.value;
    case 'from':
      return valueAt(scope, mapping.path);
    case 'text':
      return renderTemplate(mapping.template, scope);
    case 'list':
      return mapping.items.map((item) => evaluate(item, scope) ?? null);
    case 'object': {
      const members: [string, Json][] = [];
      for (const [name, inner] of mapping.members) {
        const value = evaluate(inner, scope);
        if (value !== undefined) members.push([name, value]);
      }
      // Unlike an assignment, this makes `__proto__` a member like any other.
      return Object.fromEntries(members);
    }
  }
}

/** What a mapping makes of the values. A place where nothing stands leaves its member out, and is null elsewhere. */
export const fillMapping = (json: Json, scope: Scope): Json => evaluate(mappingOf(json), scope) ?? null;

/** Every place that a mapping reads. */
export function readingsOf(mapping: Mapping): Reading[] {
  switch (mapping.kind) {
    case 'value':
      return [];
    case 'from':
      return [{ path: mapping.path, whole: true }];
    case 'text':
      return templateReadings(mapping.template);
    case 'list':
      return mapping.items.flatMap(readingsOf);
    case 'object':
      return mapping.members.flatMap(([, inner]) => readingsOf(inner));
  }
}

export const templateReadings = (template: Template): Reading[] =>
  templateVariables(template, noPartials)
    .filter(({ nested }) => !nested)
    .map(({ name, path, as }) => ({ path: [name, ...path], whole: as === 'section' }));
