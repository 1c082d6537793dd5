import { canonicalJson, type Json, type JsonObject, type JsonSchema } from '../records/index.ts';
import { type FieldType, schemaOf, typeName, typeOfSchema } from './field-type.ts';
import { parseType } from './parse-signature.ts';
import type { Field, Signature } from './signature.ts';

const isSame = (a: FieldType, b: FieldType) =>
  canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json);

/** The words of a signature's text for a type; null: it needs a schema. */
function wordsOf(type: FieldType): string | null {
  try {
    const words = typeName(type);
    return isSame(parseType(words), type) ? words : null;
  } catch {
    return null;
  }
}

function typeData(type: FieldType): JsonObject | null {
  const words = wordsOf(type);
  if (words !== null) return { type: words };
  const schema: JsonSchema = { ...schemaOf(type), ...(type.kind === 'object' ? { title: type.name } : {}) };
  return isSame(typeOfSchema(schema), type) ? { schema } : null;
}

function fieldData({ name, type, description, check }: Field): JsonObject | null {
  const said = check === undefined ? typeData(type) : null;
  if (said === null) return null;
  return { name, ...said, ...(description === `\${${name}}` ? {} : { description }) };
}

/** A signature as data that a server makes the same one of; null: its types or checks are more than data can say. */
export function signatureData({ instructions, inputs, outputs }: Signature): JsonObject | null {
  const sides = [inputs, outputs].map((side) => side.map(fieldData));
  const [ins = [], outs = []] = sides.map((side) => side.filter((field) => field !== null));
  if (ins.length < inputs.length || outs.length < outputs.length) return null;
  return { instructions, inputs: ins, outputs: outs };
}
