import { type Json, type JsonObject, type JsonSchema, WheelhouseError } from '../records/index.ts';
import { type FieldType, typeOfSchema } from './field-type.ts';
import { callPart, defineModule, type Module } from './module.ts';
import { type BestOfOptions, bestOf } from './modules/best-of.ts';
import { reasoned } from './modules/chain-of-thought.ts';
import { compareChains } from './modules/compare-chains.ts';
import { ensemble } from './modules/ensemble.ts';
import { predictor } from './modules/predict.ts';
import { programOfThought } from './modules/program-of-thought.ts';
import { react, type ToolData, trajectoryField } from './modules/react.ts';
import { refine } from './modules/refine.ts';
import { multiHop, passagesField, type RetrieveFrom, retrieve, retrieveEnsemble } from './modules/retrieve.ts';
import { type SelfConsistencyOptions, selfConsistency } from './modules/self-consistency.ts';
import { type TreeOfThoughtsOptions, treeOfThoughts, wayFields } from './modules/tree-of-thoughts.ts';
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

type Optional<T, K extends keyof T> = { [P in K]?: T[P] | undefined };

/** What judges in data: a program by inputs and outputs of what it judges, or JavaScript for the sandbox. */
export type RewardData = { program: ProgramData } | { code: string };
type Tries = {
  program: ProgramData;
  count: number;
  threshold: number;
  failures?: number | undefined;
  reward: RewardData;
};

/**
 * A program as data, which a server can run: modules, and graphs of them. In a graph each node takes its inputs from those
 * of the graph (`question`) and from outputs of nodes before it (`search.query`).
 */
export type ProgramData =
  | { module: 'predict' | 'chain-of-thought'; signature: SignatureData }
  | ({ module: 'self-consistency'; program: ProgramData } & Optional<
      SelfConsistencyOptions,
      'samples' | 'certainty' | 'field' | 'temperature'
    >)
  | { module: 'ensemble'; programs: readonly ProgramData[]; field?: string | undefined }
  | { module: 'compare-chains'; signature: SignatureData; count?: number | undefined }
  | ({ module: 'best-of' } & Tries)
  | ({ module: 'refine'; describe: string } & Tries)
  | ({ module: 'tree-of-thoughts'; signature: SignatureData } & Optional<
      TreeOfThoughtsOptions<JsonObject>,
      Exclude<keyof TreeOfThoughtsOptions<JsonObject>, 'verify'>
    >)
  | { module: 'program-of-thought'; signature: SignatureData; tries?: number | undefined }
  | { module: 'react'; signature: SignatureData; tools: readonly ToolData[]; steps?: number | undefined }
  | { module: 'retrieve' | 'retrieve-ensemble'; k?: number | undefined; from: RetrieveFrom }
  | {
      module: 'multi-hop';
      signature: SignatureData;
      hops?: number | undefined;
      k?: number | undefined;
      from: RetrieveFrom;
    }
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

const retrieving = (of: Field): Signature => {
  const sides = { inputs: [of], outputs: [passagesField('passages')] };
  return { instructions: defaultInstructions(sides), ...sides };
};
const reasoning = fieldOf('reasoning', { kind: 'text' });
const withOutputs = (of: Signature, fields: readonly Field[]): Signature =>
  fields.reduce((made, field) => insertField(made, 'outputs', field, made.outputs.length), of);

/** What goes into the program and what comes out. @throws WheelhouseError `invalid_request` */
export function signatureOfData(data: ProgramData): Signature {
  switch (data.module) {
    case 'self-consistency':
    case 'best-of':
    case 'refine':
      return signatureOfData(data.program);
    case 'ensemble':
      return signatureOfData(data.programs[0] as ProgramData);
    case 'retrieve':
      return retrieving(fieldOf('query', { kind: 'text' }));
    case 'retrieve-ensemble':
      return retrieving(passagesField('queries'));
  }
  const signature = signatureOf(data.signature);
  switch (data.module) {
    case 'predict':
    case 'graph':
      return signature;
    case 'chain-of-thought':
      return insertField(signature, 'outputs', reasoning, 0);
    case 'compare-chains':
      return insertField(signature, 'outputs', fieldOf('rationale', { kind: 'text' }), 0);
    case 'tree-of-thoughts':
      return withOutputs(signature, wayFields);
    case 'program-of-thought':
      return withOutputs(insertField(signature, 'outputs', reasoning, 0), [fieldOf('code', { kind: 'text' })]);
    case 'multi-hop':
      return withOutputs(insertField(signature, 'outputs', reasoning, 0), [passagesField('context')]);
    case 'react':
      return withOutputs(insertField(signature, 'outputs', reasoning, 0), [trajectoryField]);
  }
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

/** The programs that one holds. */
function within(data: ProgramData): readonly ProgramData[] {
  switch (data.module) {
    case 'self-consistency':
      return [data.program];
    case 'best-of':
    case 'refine':
      return 'program' in data.reward ? [data.program, data.reward.program] : [data.program];
    case 'ensemble':
      return data.programs;
    case 'graph':
      return data.nodes.map(({ program }) => program);
    default:
      return [];
  }
}

/** Models that it names as tools, or to find passages. */
export const modelsOfData = (data: ProgramData): string[] => [
  ...('from' in data && 'model' in data.from ? [data.from.model] : []),
  ...(data.module === 'react' ? data.tools.flatMap((tool) => ('model' in tool ? [tool.model] : [])) : []),
  ...within(data).flatMap(modelsOfData),
];

type Given<M extends ProgramData['module']> = Extract<ProgramData, { module: M }>;

/** What was said of an object, without what was not. */
const said = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function ensembleOf({ programs, field }: Given<'ensemble'>, param: string): AnyProgram {
  if (programs.length === 0) throw bad('The ensemble has no program.', `${param}.programs`);
  const namesOf = (one: ProgramData) => {
    const { inputs, outputs } = signatureOfData(one);
    return [inputs, outputs].map((side) => side.map(({ name }) => name).sort()).join(' -> ');
  };
  const other = programs.findIndex((one) => namesOf(one) !== namesOf(programs[0] as ProgramData));
  if (other > 0) throw bad('It has other fields than the first one.', `${param}.programs[${other}]`);
  const made = programs.map((one, i) => programOfData(one, `${param}.programs[${i}]`));
  return ensemble(made, said({ field }));
}

function rewardOf({ program, reward }: Tries, param: string): BestOfOptions<JsonObject, JsonObject>['reward'] {
  if ('code' in reward) return reward;
  const at = `${param}.reward.program`;
  const { inputs, outputs } = signatureOfData(program);
  const known = new Set([...inputs, ...outputs].map(({ name }) => name));
  const judge = signatureOfData(reward.program);
  const strange = judge.inputs.find(({ name }) => !known.has(name));
  if (strange) throw bad(`The judge takes \`${strange.name}\`, which what it judges neither takes nor gives.`, at);
  const kind = judge.outputs.at(-1)?.type.kind;
  if (kind !== 'number' && kind !== 'integer') throw bad('The last output of the judge is no number.', at);
  return programOfData(reward.program, at);
}

const triesOf = (data: Tries, param: string): BestOfOptions<JsonObject, JsonObject> => {
  const { count, threshold, failures } = data;
  return { count, threshold, reward: rewardOf(data, param), ...(failures === undefined ? {} : { failures }) };
};

function moduleOf(data: ProgramData, param: string): AnyProgram {
  switch (data.module) {
    case 'predict':
      return predictor<JsonObject, JsonObject>(signatureOf(data.signature));
    case 'chain-of-thought':
      return reasoned<JsonObject, JsonObject>(signatureOf(data.signature));
    case 'self-consistency': {
      const { program, samples, certainty, field, temperature } = data;
      const options = said({ samples, certainty, field, temperature });
      return selfConsistency(programOfData(program, `${param}.program`), options);
    }
    case 'ensemble':
      return ensembleOf(data, param);
    case 'compare-chains':
      return compareChains(signatureOf(data.signature), said({ count: data.count }));
    case 'best-of':
      return bestOf(programOfData(data.program, `${param}.program`), triesOf(data, param));
    case 'refine': {
      const { program, describe } = data;
      return refine(programOfData(program, `${param}.program`), { ...triesOf(data, param), describe });
    }
    case 'tree-of-thoughts': {
      const { module: _, signature, ...options } = data;
      return treeOfThoughts(signatureOf(signature), said(options)) as unknown as AnyProgram;
    }
    case 'retrieve':
      return retrieve({ ...said({ k: data.k }), from: data.from }) as unknown as AnyProgram;
    case 'retrieve-ensemble':
      return retrieveEnsemble({ ...said({ k: data.k }), from: data.from }) as unknown as AnyProgram;
    case 'multi-hop': {
      const { signature, hops, k, from } = data;
      return multiHop(signatureOf(signature), { ...said({ hops, k }), from }) as unknown as AnyProgram;
    }
    case 'program-of-thought':
      return programOfThought(signatureOf(data.signature), said({ tries: data.tries }));
    case 'react': {
      const { signature, tools, steps } = data;
      return react(signatureOf(signature), { tools, ...said({ steps }) }) as unknown as AnyProgram;
    }
    case 'graph':
      return graphOf(data, param);
  }
}
