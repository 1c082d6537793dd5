import type { PredictInput } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type JsonSchema, WheelhouseError } from '../../records/index.ts';
import { messagesColumn, takesMessages } from './mlflow-signature.ts';

const forms = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

const refuse = (param: string, message: string) =>
  new WheelhouseError('invalid_request', message, {
    param,
    hint: `Send one of ${forms.map((form) => `\`${form}\``).join(', ')}, and \`params\` where they are needed.`,
  });

function splitRows(split: Json): Json[] {
  if (!isJsonObject(split) || !Array.isArray(split.columns) || !Array.isArray(split.data))
    throw refuse('dataframe_split', '`dataframe_split` takes `columns` and `data`.');
  const { columns, data } = split;
  return data.map((row, at) => {
    if (!Array.isArray(row) || row.length !== columns.length)
      throw refuse('dataframe_split', `Row ${at} of \`data\` has not one value for each of ${columns.length} columns.`);
    return Object.fromEntries(columns.map((column, i) => [String(column), row[i] as Json]));
  });
}

/** `{column: [value, …]}` is as many rows as each list is long; any other object is one row. */
function inputRows(inputs: Json): Json[] {
  if (Array.isArray(inputs)) return inputs;
  if (!isJsonObject(inputs)) return [inputs];
  const lists = Object.values(inputs);
  const [first] = lists;
  if (!Array.isArray(first) || !lists.every((list) => Array.isArray(list) && list.length === first.length))
    return [inputs];
  return first.map((_, at) =>
    Object.fromEntries(Object.entries(inputs).map(([name, list]) => [name, (list as Json[])[at] as Json])),
  );
}

function listOf(value: Json, form: string): Json[] {
  if (Array.isArray(value)) return value;
  throw refuse(form, `\`${form}\` takes a list.`);
}

const rowsIn: Record<(typeof forms)[number], (value: Json) => Json[]> = {
  dataframe_split: splitRows,
  dataframe_records: (value) => listOf(value, 'dataframe_records'),
  instances: (value) => listOf(value, 'instances'),
  inputs: inputRows,
};

/** A row of a table is whole: what is not there is null in it. */
function inputOf(row: Json, schema: JsonSchema): Pick<PredictInput, 'input' | 'messages'> {
  if (!isJsonObject(row)) return { input: row, messages: [] };
  const isTable = schema.type === 'object' || schema.type === undefined;
  const values = Object.values(row);
  if (!isTable && schema.type !== 'array' && values.length === 1) return { input: values[0] as Json, messages: [] };
  const required = Array.isArray(schema.required) ? schema.required : [];
  const there = Object.entries(row).filter(([name, value]) => value !== null || required.includes(name));
  const input: JsonObject = Object.fromEntries(there);
  const { [messagesColumn]: messages, ...rest } = input;
  return takesMessages(schema) && Array.isArray(messages) ? { input: rest, messages } : { input, messages: [] };
}

/**
 * A body of MLflow's scoring protocol, as what each row asks
 * (https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input).
 * @param schema of the model's input
 * @throws WheelhouseError `invalid_request`
 */
export function readInvocations(body: JsonObject, schema: JsonSchema): PredictInput[] {
  const given = forms.filter((form) => body[form] !== undefined);
  const [form] = given;
  if (form === undefined || given.length > 1)
    throw refuse(
      'body',
      given.length > 1 ? `The body says the input ${given.length} times.` : 'The body has no input.',
    );
  const { params = {} } = body;
  const parameters = params === null ? {} : params;
  if (!isJsonObject(parameters)) throw refuse('params', '`params` takes an object.');
  return rowsIn[form](body[form] as Json).map((row) => ({ ...inputOf(row, schema), parameters }));
}

/** The answer to {@link readInvocations}, a prediction for each row. */
export const writePredictions = (outputs: Json[]): JsonObject => ({ predictions: outputs });
