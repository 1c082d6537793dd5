import { type Json, type JsonObject, type JsonSchema, WheelhouseError } from '../records/index.ts';
import { type FieldType, typeOfSchema } from './field-type.ts';
import { callPart, defineModule, type Module } from './module.ts';
import { reasoned } from './modules/chain-of-thought.ts';
import { predictor } from './modules/predict.ts';
import { type SelfConsistencyOptions, selfConsistency } from './modules/self-consistency.ts';
import { parseType } from './parse-signature.ts';
import { asSignature, defaultInstructions, type Field, fieldOf, insertField, type Signature } from './signature.ts';

/** A field as data: its type in the words of a signature's text, or a JSON Schema; text unless said. */
type FieldData = {
  name: string;
  type?: string | undefined;
  schema?: JsonSchema | undefined;
  description?: string | undefined;
};
/** Fields are lists, since stores keep no order of names. */
export type SignatureData =
  | string
  | { instructions?: string | undefined; inputs: readonly FieldData[]; outputs: readonly FieldData[] };

/**
 * A program as data, which a server can run: modules, and graphs of them. In a graph each node takes its inputs from those
 * of the graph (`question`) and from outputs of nodes before it (`search.query`).
 */
export type ProgramData =
  | { module: 'predict' | 'chain-of-thought'; signature: SignatureData }
  | ({ module: 'self-consistency'; program: ProgramData } & {
      [K in 'samples' | 'certainty' | 'field' | 'temperature']?: SelfConsistencyOptions[K] | undefined;
    })
  | {
      module: 'graph';
      signature: SignatureData;
      nodes: readonly { id: string; program: ProgramData; input: Readonly<Record<string, string>> }[];
      output: Readonly<Record<string, string>>;
    };

const bad = (message: string, param: string) => new WheelhouseError('invalid_request', message, { param });

const fieldOfData = ({ name, type, schema, description }: FieldData): Field => {
  const of: FieldType = schema ? typeOfSchema(schema) : parseType(type ?? 'str');
  return fieldOf(name, of, description === undefined ? {} : { description });
};

function signatureOf(data: SignatureData): Signature {
  if (typeof data === 'string') return asSignature(data);
  const sides = { inputs: data.inputs.map(fieldOfData), outputs: data.outputs.map(fieldOfData) };
  const { instructions = defaultInstructions(sides) } = data;
  // By a text, names and their number are checked.
  asSignature([sides.inputs, sides.outputs].map((side) => side.map(({ name }) => name).join(', ')).join(' -> '));
  return { instructions, ...sides };
}

/** What goes into the program and what comes out. @throws WheelhouseError `invalid_request` */
export function signatureOfData(data: ProgramData): Signature {
  if (data.module === 'self-consistency') return signatureOfData(data.program);
  const signature = signatureOf(data.signature);
  if (data.module !== 'chain-of-thought') return signature;
  return insertField(signature, 'outputs', fieldOf('reasoning', { kind: 'text' }), 0);
}

type Graph = Extract<ProgramData, { module: 'graph' }>;
type AnyProgram = Module<JsonObject, JsonObject>;

/** Whether every value is there when it is needed. @throws WheelhouseError `invalid_request` */
function checkGraph({ nodes, output }: Graph, { inputs, outputs }: Signature, param: string): void {
  const known = new Set(inputs.map(({ name }) => name));
  const need = (from: string, at: string) => {
    if (!known.has(from)) throw bad(`\`${from}\` is neither an input nor an output of a node before it.`, at);
  };
  for (const { id, program, input } of nodes) {
    const at = `${param}.${id}`;
    if (!/^[A-Za-z_]\w*$/.test(id)) throw bad(`\`${id}\` is no name of a node.`, at);
    const signature = signatureOfData(program);
    if ([...known].some((name) => name.startsWith(`${id}.`))) throw bad(`Two nodes are called \`${id}\`.`, at);
    const missing = signature.inputs.find(({ name }) => !Object.hasOwn(input, name));
    if (missing) throw bad(`The node \`${id}\` is not given \`${missing.name}\`.`, at);
    for (const from of Object.values(input)) need(from, at);
    for (const { name } of signature.outputs) known.add(`${id}.${name}`);
  }
  const missing = outputs.find(({ name }) => !Object.hasOwn(output, name));
  if (missing) throw bad(`Nothing says where the output \`${missing.name}\` comes from.`, `${param}.output`);
  for (const from of Object.values(output)) need(from, `${param}.output`);
}

function graphOf(data: Graph, param: string): AnyProgram {
  const signature = signatureOf(data.signature);
  checkGraph(data, signature, param);
  const parts = new Map(data.nodes.map(({ id, program }) => [id, programOfData(program, `${param}.${id}`)]));
  return defineModule<JsonObject, JsonObject>({
    parts: Object.fromEntries(parts),
    async forward(given, scope) {
      const values = new Map<string, Json>(signature.inputs.map(({ name }) => [name, given[name] ?? null]));
      const taken = (from: Readonly<Record<string, string>>, names: readonly Field[]) =>
        Object.fromEntries(names.map(({ name }) => [name, values.get(from[name] ?? '') ?? null]));
      for (const { id, program, input } of data.nodes) {
        const part = parts.get(id) as AnyProgram;
        const { inputs } = signatureOfData(program);
        const output = await callPart(scope, id, part, taken(input, inputs));
        for (const [name, value] of Object.entries(output)) values.set(`${id}.${name}`, value);
      }
      return taken(data.output, signature.outputs);
    },
  });
}

/**
 * The program that data says.
 * @param param where the data stands, for errors
 * @throws WheelhouseError `invalid_request` that names the place
 */
export const programOfData = (data: ProgramData, param = 'program'): AnyProgram => ({
  ...moduleOf(data, param),
  data: data as unknown as JsonObject,
});

function moduleOf(data: ProgramData, param: string): AnyProgram {
  switch (data.module) {
    case 'predict':
      return predictor<JsonObject, JsonObject>(signatureOf(data.signature));
    case 'chain-of-thought':
      return reasoned<JsonObject, JsonObject>(signatureOf(data.signature));
    case 'self-consistency': {
      const { program, samples, certainty, field, temperature } = data;
      return selfConsistency(programOfData(program, `${param}.program`), {
        ...(samples === undefined ? {} : { samples }),
        ...(certainty === undefined ? {} : { certainty }),
        ...(field === undefined ? {} : { field }),
        ...(temperature === undefined ? {} : { temperature }),
      });
    }
    case 'graph':
      return graphOf(data, param);
  }
}
