import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';
import { pythonJson } from './adapters/format-value.ts';
import { candidateOf, predictorsOf, rootPath, tunedSignature, withCandidate } from './candidate.ts';
import type { FieldType } from './field-type.ts';
import type { AnyModule, Module } from './module.ts';
import type { Signature } from './signature.ts';
import type { Candidate, Demo, Tunables } from './tunables.ts';

const bad = (path: string, what: string) =>
  new WheelhouseError(
    'invalid_request',
    `This is no saved program of DSPy: ${path === '' ? '' : `\`${path}\` `}${what}.`,
    {
      param: path,
    },
  );

/** Where the model is and who may ask it is ours to say. */
const settingsOfVendors = new Set(['api_base', 'base_url', 'model_list', 'api_key', 'model', 'model_type', 'cache']);
const otherSettings = new Set(['num_retries', 'finetuning_model', 'launch_kwargs', 'train_kwargs', 'kwargs']);

function readModel(lm: Json | undefined): Pick<Tunables, 'model' | 'parameters'> {
  if (!isJsonObject(lm) || typeof lm.model !== 'string') return {};
  const parameters = Object.entries({ ...(isJsonObject(lm.kwargs) ? lm.kwargs : {}), ...lm }).filter(
    ([name, value]) =>
      value !== null && !settingsOfVendors.has(name) && !otherSettings.has(name) && !/^(?:_|lm_|class)/.test(name),
  );
  return { model: lm.model, parameters: Object.fromEntries(parameters) };
}

function readDemos(path: string, demos: Json | undefined): Demo[] {
  if (!Array.isArray(demos)) throw bad(path, 'has no list of demos');
  return demos.map((demo) => {
    if (!isJsonObject(demo)) throw bad(path, 'has a demo that is no object');
    const { augmented, dspy_uuid: _, dspy_split: __, ...values } = demo;
    return { values, ...(augmented === true ? { augmented } : {}) };
  });
}

/**
 * What a state that DSPy 2.6 or newer saved (`program.save('….json')`) says of a program of the same form. Endpoints and
 * keys of its models are left out.
 * @throws WheelhouseError `invalid_request` where the state is none, or is of another program
 */
export function readDspyState(program: AnyModule, saved: Json): Candidate {
  if (!isJsonObject(saved)) throw bad('', 'it is no object');
  const read: Record<string, Tunables> = {};
  for (const [path, of] of predictorsOf(program)) {
    const state = path === rootPath ? (saved.self ?? saved) : saved[path];
    if (!isJsonObject(state)) throw bad(path || 'self', 'is not in it');
    const { signature } = state;
    if (!isJsonObject(signature) || typeof signature.instructions !== 'string' || !Array.isArray(signature.fields))
      throw bad(path || 'self', 'has no signature');
    const names = [...of.inputs, ...of.outputs].map(({ name }) => name);
    if (signature.fields.length !== names.length)
      throw bad(path || 'self', `has ${signature.fields.length} fields, where the program has ${names.length}`);
    const fields = signature.fields.map((field, i) => {
      const { prefix, description } = isJsonObject(field) ? field : {};
      const said = {
        ...(typeof prefix === 'string' ? { prefix } : {}),
        ...(typeof description === 'string' ? { description } : {}),
      };
      return [names[i] as string, said] as const;
    });
    read[path] = {
      instructions: signature.instructions,
      fields: Object.fromEntries(fields),
      demos: readDemos(path, state.demos),
      ...readModel(state.lm),
    };
  }
  return read;
}

/** The program as a state that DSPy saved has it. @throws WheelhouseError `invalid_request` */
export const loadDspyState = <I, O>(program: Module<I, O>, saved: Json): Module<I, O> =>
  withCandidate(program, readDspyState(program, saved));

/** What DSPy calls a state of a predictor, and which of its values are floats. */
function stateOf(of: Signature, tunables: Tunables): { state: JsonObject; type: FieldType } {
  const { instructions, inputs, outputs } = tunedSignature(of, tunables);
  const { model = null, parameters = {}, demos = [] } = tunables;
  const fields = [...inputs, ...outputs];
  const state = {
    traces: [],
    train: [],
    demos: demos.map(({ values, augmented }) => ({ ...(augmented ? { augmented } : {}), ...values })),
    signature: { instructions, fields: fields.map(({ prefix, description }) => ({ prefix, description })) },
    lm: model === null ? null : { model, model_type: 'chat', ...parameters },
  };
  const demo = objectType(fields.map(({ name, type }) => [name, type]));
  return { state, type: objectType([['demos', { kind: 'list', of: demo }]]) };
}

const objectType = (members: [string, FieldType][]): FieldType => ({
  ...{ kind: 'object', name: '' },
  members: members.map(([name, type]) => ({ name, type, required: true })),
});

/** The text of a file from which the same program in DSPy loads its state. Thresholds have no place in it. */
export function writeDspyState(program: AnyModule): string {
  const candidate = candidateOf(program);
  const states = [...predictorsOf(program)].map(([path, of]) => ({ path, ...stateOf(of, candidate[path] ?? {}) }));
  const metadata = { dependency_versions: {} };
  const [only] = states;
  if (only?.path === rootPath) return `${pythonJson({ ...only.state, metadata }, only.type, '')}\n`;
  const all = Object.fromEntries(states.map(({ path, state }) => [path, state]));
  const type = objectType(states.map((one) => [one.path, one.type]));
  return `${pythonJson({ ...all, metadata }, type, '')}\n`;
}
