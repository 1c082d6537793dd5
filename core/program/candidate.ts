import { contentHash, isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';
import { type AnyModule, joinPath, type Module, type PredictorCall } from './module.ts';
import type { Signature } from './signature.ts';
import { type Candidate, type Demo, mergeTunables, overlay, type Tunables } from './tunables.ts';

const predictorDefaults = ({ instructions, inputs, outputs }: Signature): Tunables => ({
  instructions,
  fields: Object.fromEntries(
    [...inputs, ...outputs].map(({ name, description, prefix }) => [name, { description, prefix }]),
  ),
  demos: [],
  model: null,
  parameters: {},
});

/** The path of a program that is one predictor: what DSPy calls it in files. */
export const rootPath = '';

/** Everything that may be tuned in a program, as it is now. */
export function candidateOf(program: AnyModule): Candidate {
  const found: Record<string, Tunables> = {};
  const own = program.signature ? predictorDefaults(program.signature) : null;
  if (own || program.defaults) found[rootPath] = mergeTunables(own ?? {}, program.defaults ?? {});
  for (const [name, part] of Object.entries(program.parts))
    for (const [path, tunables] of Object.entries(candidateOf(part)))
      found[path === rootPath ? name : joinPath(name, path)] = tunables;
  return overlay(found, program.overlay);
}

/** The program's predictors by path, with their signatures as the program (not a candidate) says them. */
export function predictorsOf(program: AnyModule): ReadonlyMap<string, Signature> {
  const found = new Map<string, Signature>();
  if (program.signature) found.set(rootPath, program.signature);
  for (const [name, part] of Object.entries(program.parts))
    for (const [path, signature] of predictorsOf(part))
      found.set(path === rootPath ? name : joinPath(name, path), signature);
  return found;
}

/**
 * The program as a candidate has it; what the candidate does not say stays.
 * @throws WheelhouseError `invalid_request` for a place, a field or a threshold that the program does not have
 */
export function withCandidate<I, O>(program: Module<I, O>, candidate: Candidate): Module<I, O> {
  const known = candidateOf(program);
  for (const [path, { fields = {}, thresholds = {} }] of Object.entries(candidate)) {
    const there = known[path];
    if (!there)
      throw new WheelhouseError('invalid_request', `The program has nothing to tune at \`${path}\`.`, {
        param: path,
        hint: `It has ${Object.keys(known)
          .map((one) => `\`${one}\``)
          .join(', ')}.`,
      });
    const strange = Object.keys(fields).find((name) => !Object.hasOwn(there.fields ?? {}, name));
    if (strange !== undefined)
      throw new WheelhouseError('invalid_request', `\`${path}\` has no field \`${strange}\`.`, { param: path });
    const unknown = Object.keys(thresholds).find((name) => !Object.hasOwn(there.thresholds ?? {}, name));
    if (unknown !== undefined)
      throw new WheelhouseError('invalid_request', `\`${path}\` has no threshold \`${unknown}\`.`, {
        param: path,
        hint: `It has ${Object.keys(there.thresholds ?? {}).join(', ') || 'none'}.`,
      });
  }
  return { ...program, overlay: overlay(program.overlay, candidate) };
}

/** SHA-256 of what a candidate makes of answers: two with the same hash behave alike. Where a demo came from is not in it. */
export function candidateHash(candidate: Candidate): string {
  const plain = Object.entries(candidate).map(([path, tunables]): [string, Json] => {
    const { demos, ...rest } = tunables;
    const shown = demos?.map(({ values, augmented = false }) => ({ values, augmented }));
    return [path, { ...rest, ...(shown ? { demos: shown } : {}) } as JsonObject];
  });
  return contentHash(Object.fromEntries(plain));
}

/** The signature as a candidate has it. */
export function tunedSignature(signature: Signature, { instructions, fields = {} }: Tunables): Signature {
  const edit = (side: Signature['inputs']) => side.map((field) => ({ ...field, ...fields[field.name] }));
  return {
    instructions: instructions ?? signature.instructions,
    inputs: edit(signature.inputs),
    outputs: edit(signature.outputs),
  };
}

/** A predictor's call as a demonstration of it; null: it failed. */
export function demoOf({ input, output, asks }: PredictorCall): Demo | null {
  if (output === null) return null;
  const traceId = asks.at(-1)?.traceId;
  return { values: { ...input, ...output }, augmented: true, ...(traceId === undefined ? {} : { traceId }) };
}

/** @throws WheelhouseError `invalid_request` where JSON from elsewhere is no candidate */
export function readCandidate(value: Json): Candidate {
  const bad = (path: string, what: string) =>
    new WheelhouseError('invalid_request', `The candidate is wrong at \`${path}\`: ${what}.`, { param: path });
  if (!isJsonObject(value)) throw bad('', 'it is no object');
  for (const [path, given] of Object.entries(value)) {
    if (!isJsonObject(given)) throw bad(path, 'it is no object');
    const { instructions, demos, model, parameters, thresholds, fields } = given;
    if (instructions !== undefined && typeof instructions !== 'string') throw bad(path, '`instructions` is no text');
    if (model !== undefined && model !== null && typeof model !== 'string') throw bad(path, '`model` is no text');
    for (const [name, member] of Object.entries({ parameters, thresholds, fields }))
      if (member !== undefined && !isJsonObject(member)) throw bad(path, `\`${name}\` is no object`);
    const isDemo = (demo: Json) => isJsonObject(demo) && isJsonObject(demo.values);
    if (demos !== undefined && !(Array.isArray(demos) && demos.every(isDemo)))
      throw bad(path, '`demos` is no list of objects with `values`');
  }
  return value as unknown as Candidate;
}
