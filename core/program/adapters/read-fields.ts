import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { type Reading, readJson, readText } from '../read-value.ts';
import type { Field, Signature } from '../signature.ts';

const shown = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

export const unreadable = (problem: string, text: string): WheelhouseError =>
  new WheelhouseError('answer_unreadable', `The model's answer cannot be read: ${problem}. It wrote: ${shown(text)}`);

/**
 * The outputs of a signature in the order of its fields, from what was found for each.
 * @throws WheelhouseError `answer_unreadable` where one is missing or does not fit
 */
export function readOutputs(
  { outputs }: Signature,
  found: ReadonlyMap<string, { text: string } | { json: Json }>,
  answer: string,
): JsonObject {
  const entries = outputs.map((field): [string, Json] => {
    const given = found.get(field.name);
    const reading: Reading = given === undefined ? missing(field) : read(field, given);
    if (reading.ok) return [field.name, reading.value];
    throw unreadable(given === undefined ? reading.problem : `\`${field.name}\`: ${reading.problem}`, answer);
  });
  return Object.fromEntries(entries);
}

const read = ({ type }: Field, given: { text: string } | { json: Json }): Reading => {
  if ('text' in given) return readText(given.text, type);
  const { json } = given;
  if (type.kind === 'text' && json !== null && typeof json !== 'string')
    return { ok: true, value: typeof json === 'object' ? JSON.stringify(json) : String(json) };
  return typeof json === 'string' ? readText(json, type) : readJson(json, type);
};

function missing({ name, type }: Field): Reading {
  const nothing = readJson(null, type);
  const isNothing = nothing.ok && type.kind !== 'any';
  return isNothing ? nothing : { ok: false, problem: `\`${name}\` is missing` };
}
