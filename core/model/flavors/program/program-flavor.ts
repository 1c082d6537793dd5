import type { ModelRunner, PredictWorld } from '../../../ports/index.ts';
import {
  type Adapter,
  chatAdapter,
  jsonAdapter,
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

/** Each question is a step, so that a run that is resumed asks only what was not answered. */
function stepRunner(world: PredictWorld): ModelRunner {
  let asked = 0;
  return {
    async run(model, { messages }, { parameters = {} }) {
      const ask = { input: {}, messages, parameters };
      const step = { path: `ask[${asked++}]`, kind: 'chain' as const, input: { model, messages, parameters } };
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

/** A program as data (`core/program`), tuned or not: its predictors ask any models. */
export const programFlavor: SteppedFlavor<ProgramDefinition> = {
  name: 'program',
  runs: 'stepped',
  schema: programDefinition,
  references({ model, candidate }) {
    const own = Object.values(candidate).flatMap(({ model: other }) => (typeof other === 'string' ? [other] : []));
    return [...new Set([model, ...own])];
  },
  infer: ({ program }) => schemasOf(signatureOfData(program)),
  check(definition) {
    compiled(definition);
  },
  async predict(definition, { input }, world) {
    const { model, adapter } = definition;
    const done = await runProgram(compiled(definition), isJsonObject(input) ? input : ({} as JsonObject), {
      ...{ model, adapter: adapters[adapter], runner: stepRunner(world) },
      ...{ signal: world.signal, checker: world.checker },
    });
    if (!done.ok) throw done.error;
    return { output: done.output, text: textOfValue(done.output) };
  },
};
