import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  WheelhouseError,
} from '../records/index.ts';
import { type FieldType, isOptional, schemaOf, typeOfSchema } from './field-type.ts';
import { type ParsedField, parseSignature } from './parse-signature.ts';
import type { ParsedSignature, SignatureProblem } from './signature-types.ts';

/** The part of a Standard Schema (standardschema.dev) that is needed: it checks values and says its JSON Schema. */
export type StandardSchema<Input = unknown, Output = Input> = {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly jsonSchema?: { readonly input: (options: { target: 'draft-2020-12' }) => Record<string, unknown> };
  };
};
type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

export type Field = {
  name: string;
  type: FieldType;
  /** What stands there, for the model. */
  description: string;
  /** How prompts of the first DSPy named it; kept because saved programs have it. */
  prefix: string;
  /** What the type cannot say; made of the schema that the field was given by. */
  check?: StandardSchema['~standard']['validate'];
};

/** What goes into a model and what comes out, by names, and what the task is. */
export type Signature<Input = JsonObject, Output = JsonObject> = {
  readonly instructions: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  /** For the compiler alone. */
  readonly types?: { readonly input: Input; readonly output: Output };
};

/** A field by a Standard Schema (zod, Valibot, ArkType), or by a JSON Schema. */
type FieldSpec = StandardSchema<never, unknown> | JsonSchema;
type Specs = Readonly<Record<string, FieldSpec>>;
// Schemas of libraries are wider or narrower than they say, so that only `any` takes them all.
// biome-ignore lint/suspicious/noExplicitAny: what they hold is inferred
type AnyStandard = StandardSchema<any, any>;
/** What a schema takes, or what it makes of that: a model writes the one, and the caller gets the other. */
type Held<S, Side extends 'input' | 'output'> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly [K in Side]: infer V }
    ? V
    : unknown
  : Json;
export type SignatureSpec = {
  instructions?: string;
  input: Readonly<Record<string, AnyStandard | JsonSchema>>;
  output: Readonly<Record<string, AnyStandard | JsonSchema>>;
};

/** Whatever a module takes as its signature. */
// biome-ignore lint/suspicious/noExplicitAny: a signature of whatever fields
export type SignatureLike = string | SignatureSpec | Signature<any, any>;

/**
 * The compiler refuses a text that is no signature, with the problem in its message; and one with a field that the module
 * adds itself.
 */
export type Valid<S, Own extends string = never> = S extends string
  ? ParsedSignature<S> extends SignatureProblem<string>
    ? ParsedSignature<S>
    : Free<S, Own>
  : Free<S, Own>;
type NamesOf<S> = keyof InputOf<S> | keyof OutputOf<S>;
/** Of the names those that the signature has; none where its names are not known. */
type Taken<S, Own extends string> = string extends NamesOf<S> ? never : Extract<Own, NamesOf<S>>;
type Free<S, Own extends string> = [Taken<S, Own>] extends [never]
  ? S
  : SignatureProblem<`the module has a field \`${Taken<S, Own>}\` of its own`>;
type TypesOf<S> = S extends string
  ? ParsedSignature<S>
  : S extends Signature<infer I, infer O>
    ? { input: I; output: O }
    : S extends { input: infer I; output: infer O }
      ? {
          input: { -readonly [K in keyof I]: Held<I[K], 'input'> };
          output: { -readonly [K in keyof O]: Held<O[K], 'output'> };
        }
      : never;
export type InputOf<S> = TypesOf<S> extends { input: infer I } ? I : never;
export type OutputOf<S> = TypesOf<S> extends { output: infer O } ? O : never;

/** `finalAnswer2` and `final_answer2` are both `Final Answer 2`. */
function titleOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .replace(/(\d)([A-Za-z])/g, '$1_$2')
    .split('_')
    .filter((word) => word !== '');
  return words
    .map((word) => (word === word.toUpperCase() ? word : word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()))
    .join(' ');
}

/** A field with the description and prefix that it has when nobody says one. */
export const fieldOf = (name: string, type: FieldType, given: Partial<Field> = {}): Field => ({
  ...{ name, type, description: `\${${name}}`, prefix: `${titleOf(name)}:` },
  ...given,
});

const backticked = (fields: readonly Field[]) => fields.map(({ name }) => `\`${name}\``).join(', ');
export const defaultInstructions = ({ inputs, outputs }: Pick<Signature, 'inputs' | 'outputs'>): string =>
  `Given the fields ${backticked(inputs)}, produce the fields ${backticked(outputs)}.`;

const isStandard = (spec: FieldSpec | AnyStandard): spec is AnyStandard => '~standard' in spec;

function fieldOfSpec(name: string, spec: FieldSpec | AnyStandard): Field {
  const standard = isStandard(spec) ? spec['~standard'] : null;
  if (standard !== null && standard.jsonSchema === undefined)
    throw new WheelhouseError(
      'invalid_request',
      `The schema of \`${name}\` (${standard.vendor}) gives no JSON Schema.`,
      {
        param: name,
        hint: 'Use a version of the library that implements Standard JSON Schema, or give the JSON Schema itself.',
      },
    );
  const schema = (standard?.jsonSchema?.input({ target: 'draft-2020-12' }) ?? spec) as JsonSchema;
  const { description } = schema;
  return fieldOf(name, typeOfSchema(schema), {
    ...(typeof description === 'string' ? { description } : {}),
    ...(standard ? { check: standard.validate } : {}),
  });
}

const fieldsOf = (specs: Specs | SignatureSpec['input']): Field[] =>
  Object.entries(specs).map(([name, spec]) => fieldOfSpec(name, spec));

const isSpec = (given: SignatureSpec | Signature): given is SignatureSpec => 'input' in given;

/** @throws WheelhouseError `invalid_request` where a name stands twice or a side has no field */
function checked(signature: Signature): Signature {
  const names = [...signature.inputs, ...signature.outputs].map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  const odd = names.find((name) => !/^[A-Za-z_]\w*$/.test(name) || name === 'completed');
  const problem =
    twice !== undefined
      ? `has two fields \`${twice}\``
      : odd !== undefined
        ? `cannot have a field \`${odd}\``
        : signature.outputs.length === 0
          ? 'has no output'
          : null;
  if (problem === null) return signature;
  throw new WheelhouseError('invalid_request', `The signature ${problem}.`, { param: 'signature' });
}

const built = (fields: Pick<Signature, 'inputs' | 'outputs'>, instructions: string | undefined): Signature =>
  checked({ instructions: instructions ?? defaultInstructions(fields), ...fields });

/** What any module does with what it is given. @throws WheelhouseError `invalid_request` */
export function asSignature(given: SignatureLike): Signature {
  if (typeof given === 'string') {
    const { inputs, outputs } = parseSignature(given);
    const full = (fields: ParsedField[]) => fields.map(({ name, type }) => fieldOf(name, type));
    return built({ inputs: full(inputs), outputs: full(outputs) }, undefined);
  }
  if (!isSpec(given)) return given;
  return built({ inputs: fieldsOf(given.input), outputs: fieldsOf(given.output) }, given.instructions);
}

/**
 * A signature of a text (`question -> answer: Literal['yes', 'no']`), of schemas (`{ input: { question: z.string() },
 * output: … }`) or of JSON Schemas. Its types are inferred.
 * @throws WheelhouseError `invalid_request`
 */
export function signature<const S extends SignatureLike>(
  given: S & Valid<S>,
  options: { instructions?: string; descriptions?: Readonly<Record<string, string>> } = {},
): Signature<InputOf<S>, OutputOf<S>> {
  let made = asSignature(given);
  if (options.instructions !== undefined) made = withInstructions(made, options.instructions);
  for (const [name, description] of Object.entries(options.descriptions ?? {}))
    made = withField(made, name, { description });
  return made as Signature<InputOf<S>, OutputOf<S>>;
}

export const withInstructions = <I, O>(of: Signature<I, O>, instructions: string): Signature<I, O> => ({
  ...of,
  instructions,
});

/** @throws WheelhouseError `not_found` for a field that it does not have */
export function withField<I, O>(
  of: Signature<I, O>,
  name: string,
  given: Partial<Pick<Field, 'description' | 'prefix' | 'type'>>,
): Signature<I, O> {
  if (![...of.inputs, ...of.outputs].some((field) => field.name === name))
    throw new WheelhouseError('not_found', `The signature has no field \`${name}\`.`, { param: name });
  const edit = (fields: readonly Field[]) =>
    fields.map((field) => (field.name === name ? { ...field, ...given } : field));
  return { ...of, inputs: edit(of.inputs), outputs: edit(of.outputs) };
}

/** @param at counted from the end where it is negative: -1 is after the last */
export function insertField(of: Signature, side: 'inputs' | 'outputs', field: Field, at: number): Signature {
  const fields = [...of[side]];
  fields.splice(at < 0 ? fields.length + at + 1 : at, 0, field);
  return checked({ ...of, [side]: fields });
}

/** As it was where it has no such field. */
export const withoutField = (of: Signature, name: string): Signature => ({
  ...of,
  inputs: of.inputs.filter((field) => field.name !== name),
  outputs: of.outputs.filter((field) => field.name !== name),
});

/** The JSON Schemas of both sides, as a model's version in the registry has them. */
export function schemasOf(of: Signature): { input: JsonSchema; output: JsonSchema } {
  const side = (fields: readonly Field[]): JsonSchema => ({
    type: 'object',
    properties: Object.fromEntries(
      fields.map(({ name, type, description }) => [
        name,
        { ...schemaOf(type), ...(description === `\${${name}}` ? {} : { description }) },
      ]),
    ),
    required: fields.filter(({ type }) => !isOptional(type)).map(({ name }) => name),
  });
  return { input: side(of.inputs), output: side(of.outputs) };
}

const plain = (of: Signature): Json => {
  const { input, output } = schemasOf(of);
  const prefixes = [...of.inputs, ...of.outputs].map(({ name, prefix, description }) => [name, prefix, description]);
  return { instructions: of.instructions, input, output, prefixes };
};
/** Whether both say the same to a model. */
export const equalSignatures = (a: Signature, b: Signature): boolean =>
  isJsonObject(plain(a)) && canonicalJson(plain(a)) === canonicalJson(plain(b));
