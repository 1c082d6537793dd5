import { isJsonObject, type Json, type JsonObject, type JsonSchema, type Signature } from '../../records/index.ts';

/** As MLflow writes the types of a signature: `{type: 'string'}`, `{type: 'array', items}`, `{type: 'object', properties}`. */
type MlflowType = JsonObject;

const scalars: Record<string, string> = { string: 'string', integer: 'long', number: 'double', boolean: 'boolean' };

const propertiesOf = (schema: JsonSchema): [string, JsonSchema][] =>
  isJsonObject(schema.properties)
    ? Object.entries(schema.properties).map(([name, property]) => [name, isJsonObject(property) ? property : {}])
    : [];

const requiredOf = ({ required }: JsonSchema): Json[] => (Array.isArray(required) ? required : []);

/** What MLflow has no word for is `any`, which it does not check; the model's own signature still is. */
function typeOf(schema: Json | undefined): MlflowType {
  if (!isJsonObject(schema)) return { type: 'any' };
  const { type } = schema;
  if (typeof type === 'string' && scalars[type] !== undefined) return { type: scalars[type] };
  if (type === 'array') {
    const items = typeOf(schema.items);
    return items.type === 'any' ? items : { type: 'array', items };
  }
  const properties = propertiesOf(schema);
  // Objects of MLflow refuse members that they do not name.
  if (type !== 'object' || properties.length === 0 || schema.additionalProperties !== false) return { type: 'any' };
  const required = requiredOf(schema);
  const typed = properties.map(([name, one]) => [name, { ...typeOf(one), required: required.includes(name) }]);
  return { type: 'object', properties: Object.fromEntries(typed) };
}

/** An object with known members is a row of named columns; anything else is one column without a name. */
function columns(schema: JsonSchema): JsonObject[] {
  const properties = propertiesOf(schema);
  if (schema.type !== 'object' || properties.length === 0) return [{ ...typeOf(schema), required: true }];
  const required = requiredOf(schema);
  return properties.map(([name, one]) => ({ ...typeOf(one), name, required: required.includes(name) }));
}

/** The column that carries a conversation, for models that take one beside their variables. */
export const messagesColumn = 'messages';

/** Whether rows may carry a conversation of their own. */
export const takesMessages = (input: JsonSchema): boolean =>
  (input.type === 'object' || input.type === undefined) &&
  !propertiesOf(input).some(([name]) => name === messagesColumn);

function inputColumns(input: JsonSchema): JsonObject[] {
  if (!takesMessages(input)) return columns(input);
  const messages = { type: 'any', name: messagesColumn, required: false };
  return [...(propertiesOf(input).length > 0 ? columns(input) : []), messages];
}

/** MLflow knows parameters by their defaults; those without one are left to the server's own. */
function paramsOf(schema: JsonSchema): JsonObject[] {
  return propertiesOf(schema).flatMap(([name, one]): JsonObject[] => {
    const listed = one.type === 'array' && isJsonObject(one.items);
    const type = scalars[String(listed ? (one.items as JsonObject).type : one.type)];
    if (type === undefined || one.default === undefined || one.default === null) return [];
    return [{ name, default: one.default, shape: listed ? [-1] : null, type }];
  });
}

/** A signature as MLflow keeps it: each part is JSON in a text. */
export function mlflowSignature({ input, output, parameters }: Signature): JsonObject {
  const params = parameters === undefined ? [] : paramsOf(parameters);
  return {
    inputs: JSON.stringify(inputColumns(input)),
    outputs: JSON.stringify(columns(output)),
    params: params.length > 0 ? JSON.stringify(params) : null,
  };
}
