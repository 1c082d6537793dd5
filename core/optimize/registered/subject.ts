import type { SchemaChecker } from '../../ports/index.ts';
import {
  type Adapter,
  type AnyModule,
  type Candidate,
  candidateOf,
  chatAdapter,
  jsonAdapter,
  type ProgramData,
  programOfData,
  type Signature,
  signatureOfData,
  withCandidate,
  xmlAdapter,
} from '../../program/index.ts';
import { type ModelDefinition, type ModelVersion, WheelhouseError } from '../../records/index.ts';
import { candidateChanges } from '../candidate-changes.ts';
import { promptProgram } from './tuned-prompt.ts';

/** What is optimized, and what a version of it would be. */
export type Subject = {
  program: AnyModule;
  /** What goes in and out; null: only its code knows. */
  signature: Signature | null;
  model: string;
  adapter: Adapter;
  /** Lineage references. */
  madeFrom: string[];
  /** null: `program` holds code, so only the candidate can be kept. */
  publish(program: AnyModule, candidate: Candidate): ModelDefinition | null;
};

const adapters = { chat: chatAdapter, json: jsonAdapter, xml: xmlAdapter };
export type AdapterName = keyof typeof adapters;
type ProgramDefinition = ModelDefinition & {
  program: ProgramData;
  model: string;
  adapter?: AdapterName;
  candidate?: Candidate;
};

/** What is different from the program that the data alone makes. */
function differences(data: ProgramData, candidate: Candidate): Candidate {
  const changed: Record<string, Record<string, unknown>> = {};
  for (const { path, member, after } of candidateChanges(candidateOf(programOfData(data)), candidate))
    changed[path] = { ...changed[path], [member]: after };
  return changed as Candidate;
}

const publishAs = (model: string, adapter: AdapterName) => (program: AnyModule, candidate: Candidate) => {
  const data = program.data as ProgramData | null;
  return data && { flavor: 'program', program: data, model, adapter, candidate: differences(data, candidate) };
};

/** A program in code, or as data, which asks `model`. */
export function subjectOfModule(
  program: AnyModule,
  { model, adapter = 'chat' }: { model: string; adapter?: AdapterName | undefined },
): Subject {
  const data = program.data as ProgramData | null;
  return {
    ...{ program, model, adapter: adapters[adapter], madeFrom: [], publish: publishAs(model, adapter) },
    signature: data ? signatureOfData(data) : program.signature,
  };
}

/**
 * A registered program or prompt, which asks its own model unless another is named.
 * @throws WheelhouseError `invalid_request` for a flavor that has nothing to tune
 */
export function subjectOfVersion(
  { name, version }: { name: string; version: Pick<ModelVersion, 'definition' | 'signature' | 'number'> },
  { model, checker }: { model?: string | undefined; checker: SchemaChecker },
): Subject {
  const ref = `${name}@${version.number}`;
  const madeFrom = [`version:${ref}`];
  const { flavor } = version.definition;
  if (flavor === 'prompt') {
    const prompt = promptProgram(version, { name: ref, checker });
    const { program } = prompt;
    return {
      ...{ program, signature: program.signature, model: model ?? prompt.model, adapter: chatAdapter, madeFrom },
      publish: (found, { '': tunables = {} }) =>
        // What an optimizer built around it is no prompt any more.
        found.forward === program.forward
          ? prompt.publish({ ...tunables, model: tunables.model ?? model ?? null })
          : null,
    };
  }
  if (flavor !== 'program')
    throw new WheelhouseError('invalid_request', `\`${ref}\` is of flavor ${flavor}, which has nothing to optimize.`, {
      ...{ param: 'program', hint: 'Programs and prompts have.' },
    });
  const { program: data, adapter = 'chat', candidate = {}, model: own } = version.definition as ProgramDefinition;
  const asked = model ?? own;
  return {
    ...{ program: withCandidate(programOfData(data), candidate), signature: signatureOfData(data), model: asked },
    ...{ adapter: adapters[adapter], madeFrom, publish: publishAs(asked, adapter) },
  };
}
