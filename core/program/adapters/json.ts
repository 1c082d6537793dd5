import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { type FieldType, schemaOf } from '../field-type.ts';
import { readLooseJson } from '../loose-json.ts';
import type { Signature } from '../signature.ts';
import type { Adapter, AdapterTask, ChatMessage, Send } from './adapter.ts';
import { demoTurns, notSupplied } from './demo-turns.ts';
import { outputPlaceholder, pythonJson, typeReminder } from './format-value.ts';
import { readOutputs, unreadable } from './read-fields.ts';
import { describedFields, inputSections, inputShape, objectiveOf, structureIntro } from './sections.ts';

/** The outputs as one object, a line each. */
function written(outputs: Signature['outputs'], values: JsonObject): string {
  const members = outputs.map(({ name, type }) => ({ name, type, required: true }));
  const shown = outputs.map(({ name }) => [name, Object.hasOwn(values, name) ? (values[name] ?? null) : notSupplied]);
  return pythonJson(Object.fromEntries(shown) as JsonObject, { kind: 'object', name: '', members }, '');
}

function systemText(signature: Signature): string {
  const outputs = Object.fromEntries(signature.outputs.map((field) => [field.name, outputPlaceholder(field)]));
  const structure = [
    structureIntro,
    'Inputs will have the following structure:',
    inputShape(signature.inputs),
    'Outputs will be a JSON object with the following fields.',
    pythonJson(outputs, null, ''),
  ].join('\n\n');
  return `${describedFields(signature)}\n${structure.trim()}\n${objectiveOf(signature.instructions)}`;
}

const reminderOf = ({ outputs }: Signature): string =>
  `Respond with a JSON object in the following order of fields: ${outputs
    .map((field) => `\`${field.name}\`${typeReminder(field)}`)
    .join(', then ')}.`;

function format({ signature, demos, input }: AdapterTask): ChatMessage[] {
  const user = (values: JsonObject, prefix: string, reminder?: string) =>
    [prefix, ...inputSections(signature, values), ...(reminder === undefined ? [] : [reminder])].join('\n\n').trim();
  const assistant = (values: JsonObject) => written(signature.outputs, values);
  return [
    { role: 'system', content: systemText(signature) },
    ...demoTurns(signature, demos, { user, assistant }),
    { role: 'user', content: user(input, '', reminderOf(signature)) },
  ];
}

function parse(signature: Signature, text: string): JsonObject {
  const value = readLooseJson(text);
  if (!isJsonObject(value)) throw unreadable('it is no JSON object', text);
  const found = new Map(Object.entries(value).map(([name, json]) => [name, { json }]));
  return readOutputs(signature, found, text);
}

/** Structured outputs want every name said: a map of the caller's own names cannot be. */
function isClosed(type: FieldType): boolean {
  if (type.kind === 'map' || type.kind === 'any') return false;
  if (type.kind === 'list') return isClosed(type.of);
  if (type.kind === 'union') return type.of.every(isClosed);
  return type.kind !== 'object' || type.members.every((member) => member.required && isClosed(member.type));
}

const anyObject: JsonObject = { response_format: { type: 'json_object' } };

/** What holds a model to the outputs, where its vendor can; else any JSON. */
export function responseFormat({ outputs }: Signature): JsonObject {
  if (!outputs.every(({ type }) => isClosed(type))) return anyObject;
  const schema: Json = {
    type: 'object',
    properties: Object.fromEntries(outputs.map(({ name, type }) => [name, schemaOf(type)])),
    required: outputs.map(({ name }) => name),
    additionalProperties: false,
  };
  return { response_format: { type: 'json_schema', json_schema: { name: 'outputs', schema, strict: true } } };
}

/** Refusals that may be of the response format and not of the question. */
const refusals = new Set(['unsupported_by_model', 'upstream_refused', 'invalid_request']);

/** Tries each way to say the form of the answer until one is not refused. */
async function sendFirst(task: AdapterTask, send: Send, ways: JsonObject[]): Promise<string> {
  const [parameters, ...others] = ways;
  const said = parameters === undefined ? {} : { parameters };
  try {
    return await send(format(task), { adapter: 'json', ...said });
  } catch (error) {
    const isRefused = error instanceof WheelhouseError && refusals.has(error.code);
    if (parameters === undefined || !isRefused) throw error;
    return sendFirst(task, send, others);
  }
}

/**
 * One JSON object; the form of DSPy's JSONAdapter, word by word. The vendor is asked to hold the model to the schema, then
 * to JSON, then to nothing, whichever it does not refuse; what is nearly JSON is read all the same.
 */
export const jsonAdapter: Adapter = {
  name: 'json',
  format,
  parse,
  async ask(task, send) {
    const strict = responseFormat(task.signature);
    const ways = strict === anyObject ? [anyObject] : [strict, anyObject];
    return parse(task.signature, await sendFirst(task, send, ways));
  },
};
