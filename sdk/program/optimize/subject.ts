import { candidateChanges } from '@wheelhouse/core/optimize';
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
} from '@wheelhouse/core/program';
import { type ModelDefinition, WheelhouseError } from '@wheelhouse/core/records';
import type { Client } from '../../client/index.ts';
import { loadVersion } from '../../model/index.ts';
import type { OptimizationDefinition } from './definition.ts';
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
type AdapterName = keyof typeof adapters;
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

function ofCode(program: AnyModule, { model, adapter = 'chat' }: OptimizationDefinition<never, never>): Subject {
  if (model === undefined)
    throw new WheelhouseError('invalid_request', 'Nothing says which model the program asks.', {
      param: 'model',
      hint: "Name it as an OpenAI client would: model: 'openai/gpt-4o-mini'",
    });
  const data = program.data as ProgramData | null;
  return {
    ...{ program, model, adapter: adapters[adapter], madeFrom: [], publish: publishAs(model, adapter) },
    signature: data ? signatureOfData(data) : program.signature,
  };
}

/** @throws WheelhouseError `invalid_request`, and WheelhouseApiError `model_not_found` */
export async function subjectOf(
  definition: OptimizationDefinition<never, never>,
  { client, signal }: { client: Client; signal: AbortSignal },
): Promise<Subject> {
  const { program: given } = definition;
  if (typeof given !== 'string') return ofCode(given as AnyModule, definition);
  const { name, version } = await loadVersion(given, client, signal);
  const madeFrom = [`version:${name}@${version.number}`];
  const { flavor } = version.definition;
  if (flavor === 'prompt') {
    const { program, model, publish } = promptProgram(version, given);
    return {
      ...{ program, signature: program.signature, model: definition.model ?? model, adapter: chatAdapter, madeFrom },
      publish: (found, { '': tunables = {} }) =>
        // What an optimizer built around it is no prompt any more.
        found.forward === program.forward
          ? publish({ ...tunables, model: tunables.model ?? definition.model ?? null })
          : null,
    };
  }
  if (flavor !== 'program')
    throw new WheelhouseError(
      'invalid_request',
      `\`${given}\` is of flavor ${flavor}, which has nothing to optimize.`,
      {
        param: 'program',
        hint: 'Programs and prompts have.',
      },
    );
  const { program: data, adapter = 'chat', candidate = {}, model } = version.definition as ProgramDefinition;
  const asked = definition.model ?? model;
  return {
    ...{ program: withCandidate(programOfData(data), candidate), signature: signatureOfData(data), model: asked },
    ...{ adapter: adapters[adapter], madeFrom, publish: publishAs(asked, adapter) },
  };
}
