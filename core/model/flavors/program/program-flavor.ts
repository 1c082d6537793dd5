import type { ModelRunner, PredictWorld, Sandbox } from '../../../ports/index.ts';
import {
  type Adapter,
  chatAdapter,
  jsonAdapter,
  modelsOfData,
  type Program,
  programOfData,
  readCandidate,
  runProgram,
  schemasOf,
  signatureOfData,
  withCandidate,
  xmlAdapter,
} from '../../../program/index.ts';
import { isJsonObject, type Json, type JsonObject, newTraceId, WheelhouseError } from '../../../records/index.ts';
import type { SteppedFlavor } from '../../flavor.ts';
import { memo } from '../../memo.ts';
import { textOfValue } from '../../template/render-template.ts';
import { type ProgramDefinition, programDefinition } from './definition.ts';

const adapters: Record<ProgramDefinition['adapter'], Adapter> = {
  chat: chatAdapter,
  json: jsonAdapter,
  xml: xmlAdapter,
};

/** Parsed once for each definition. @throws WheelhouseError `invalid_request` */
const compiled = memo(
  ({ program, candidate }: ProgramDefinition): Program =>
    withCandidate(programOfData(program, 'definition.program'), readCandidate(candidate as unknown as Json)),
);

/** The calls are traced where they are made; what is kept here is not told to anybody. */
const untold = { traceId: newTraceId(new Uint8Array(16)), latencyNs: 0n, costNanoUsd: null };

/**
 * Each question is a step, so that a run that is resumed asks only what was not answered. It is known by who asks and what,
 * since questions that are asked at one time come in any order.
 */
function stepRunner(world: PredictWorld): ModelRunner {
  return {
    async run(model, { messages, variables }, { parameters = {}, asker = '' }) {
      const ask = { input: variables, messages, parameters };
      const input = { model, messages, parameters, ...(Object.keys(variables).length === 0 ? {} : { variables }) };
      const step = { path: asker || 'ask', kind: 'chain' as const, input };
      try {
        const text = await world.step(step, async (inside) => (await inside.callModel(model, ask, null)).text);
        return { ok: true, text: String(text), ...untold };
      } catch (error) {
        if (!(error instanceof WheelhouseError)) throw error;
        const { message, code, retryAfterMs } = error;
        return {
          ok: false,
          error: message,
          code,
          ...(retryAfterMs === null ? {} : { limited: { retryAfterMs } }),
          ...untold,
        };
      }
    },
  };
}

/** Code that runs is a step as well. */
const stepSandbox = (world: PredictWorld): Sandbox => ({
  run: (code, input) =>
    world.step({ path: 'code', kind: 'tool', input: { code, input } }, (inside) => inside.runCode(code, input)),
});

/** A program as data (`core/program`), tuned or not: its predictors ask any models. */
export const programFlavor: SteppedFlavor<ProgramDefinition> = {
  name: 'program',
  runs: 'stepped',
  schema: programDefinition,
  /** Tools of a program are models or code without a network. */
  asksOutside: () => false,
  references({ program, model, candidate }) {
    const own = Object.values(candidate).flatMap(({ model: other }) => (typeof other === 'string' ? [other] : []));
    return [...new Set([model, ...own, ...modelsOfData(program)])];
  },
  infer: ({ program }) => schemasOf(signatureOfData(program)),
  check(definition) {
    compiled(definition);
  },
  async predict(definition, { input }, world) {
    const { model, adapter } = definition;
    const done = await runProgram(compiled(definition), isJsonObject(input) ? input : ({} as JsonObject), {
      ...{ model, adapter: adapters[adapter], runner: stepRunner(world) },
      ...{ signal: world.signal, checker: world.checker, sandbox: stepSandbox(world) },
    });
    if (!done.ok) throw done.error;
    return { output: done.output, text: textOfValue(done.output) };
  },
};
