import type { SchemaChecker } from '../ports/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  parseExactJson,
  WheelhouseError,
} from '../records/index.ts';
import { misfits } from './misfits.ts';
import { withDefaults } from './with-defaults.ts';

/** The schema that a request's `response_format` names; text where it names none. */
export function outputOf(parameters: JsonObject): JsonSchema {
  const format = parameters.response_format;
  if (!isJsonObject(format)) return { type: 'string' };
  if (format.type === 'json_object') return { type: 'object' };
  const named = format.json_schema;
  return isJsonObject(named) && isJsonObject(named.schema) ? named.schema : { type: 'string' };
}

/** `name`: of the model, for errors, for example `support-bot@2`. */
type Fitting = { name: string; checker: SchemaChecker };

const list = (names: string[]) => names.map((name) => `\`${name}\``).join(', ');
const are = (names: string[], what: string) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} ${what}`;

/** Why it does not fit: every member that is missing or unknown, or else the first problem. null: it fits. */
function problemOf(schema: JsonSchema, value: Json, checker: SchemaChecker): string | null {
  const problem = checker.check(schema, value);
  if (problem === null) return null;
  const { missing, unknown } = misfits(schema, value);
  const named = [
    ...(missing.length > 0 ? [are(missing, 'missing')] : []),
    ...(unknown.length > 0 ? [are(unknown, 'unknown')] : []),
  ];
  return named.length > 0 ? named.join('; ') : problem;
}

const propertiesOf = (schema: JsonSchema): string[] =>
  isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];

/**
 * The input of a model by its signature, with its defaults filled in. Nothing is turned into something else: text is no
 * number, and a number is no text.
 * @throws WheelhouseError `signature_mismatch`, naming everything that is missing or unknown
 */
export function checkInput(schema: JsonSchema, input: Json, { name, checker }: Fitting): Json {
  const completed = withDefaults(schema, input);
  const problem = problemOf(schema, completed, checker);
  if (problem === null) return completed;
  const known = propertiesOf(schema);
  throw new WheelhouseError('signature_mismatch', `The variables do not fit the signature of ${name}: ${problem}.`, {
    param: 'variables',
    hint:
      known.length > 0
        ? `Send \`variables\` with ${list(known)}.`
        : 'This model takes no variables; leave `variables` out.',
  });
}

/**
 * What is said of how to answer, with the signature's defaults filled in; anything fits a signature without them.
 * @throws WheelhouseError `signature_mismatch`
 */
export function checkParameters(
  schema: JsonSchema | undefined,
  parameters: JsonObject,
  { name, checker }: Fitting,
): JsonObject {
  if (schema === undefined) return parameters;
  const completed = withDefaults(schema, parameters) as JsonObject;
  const problem = problemOf(schema, completed, checker);
  if (problem === null) return completed;
  const known = propertiesOf(schema);
  throw new WheelhouseError('signature_mismatch', `The parameters do not fit the signature of ${name}: ${problem}.`, {
    param: 'parameters',
    hint: known.length > 0 ? `It takes ${list(known)}.` : 'GET /api/v1/models/{name} shows its signature.',
  });
}

const shownCharacters = 300;

function misfit(name: string, problem: string, came: string): WheelhouseError {
  const shown = came.length > shownCharacters ? `${came.slice(0, shownCharacters)}…` : came;
  return new WheelhouseError(
    'signature_mismatch',
    `The answer of ${name} does not fit its signature: ${problem}. It was: ${shown}`,
    {
      param: 'output',
      hint: 'Have the model asked for this form (`response_format`), or publish a version whose signature says what it answers.',
    },
  );
}

/** @throws WheelhouseError `signature_mismatch` with what came */
export function checkOutput(schema: JsonSchema, output: Json, { name, checker }: Fitting): Json {
  const problem = problemOf(schema, output, checker);
  if (problem === null) return output;
  throw misfit(name, problem, typeof output === 'string' ? output : JSON.stringify(output));
}

/** Models that were asked for JSON in words like to fence it. */
const fenced = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n[ \t]*```\s*$/;

function jsonIn(text: string): Json | undefined {
  try {
    return parseExactJson(fenced.exec(text)?.[1] ?? text);
  } catch {
    return undefined;
  }
}

/**
 * What a text means as an answer: the text itself where the signature takes text, else the JSON in it.
 * @throws WheelhouseError `signature_mismatch` with what came
 */
export function readOutput(schema: JsonSchema, text: string, { name, checker }: Fitting): Json {
  if (checker.check(schema, text) === null) return text;
  const json = schema.type === 'string' ? text : jsonIn(text);
  if (json === undefined) throw misfit(name, 'it is not JSON', text);
  return checkOutput(schema, json, { name, checker });
}
