import type { ProgramWorld } from '@wheelhouse/core/program';
import { type ErrorCode, type JsonObject, newTraceId } from '@wheelhouse/core/records';
import { planSim } from '@wheelhouse/core/sim';

/** A question as a scripted model sees it. */
export type AskedProgram = {
  model: string;
  messages: { role: string; content: string }[];
  parameters: JsonObject;
  /** Of the last message. */
  text: string;
  /** How many were asked before it. */
  index: number;
};

/** An answer's text, or why there is none. */
type Scripted = string | { error: string; code?: ErrorCode };

/** The fields of an answer in the form of the Chat adapter. */
export const inSections = (fields: Record<string, unknown>): string =>
  [
    ...Object.entries(fields).map(
      ([name, value]) => `[[ ## ${name} ## ]]\n${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    '[[ ## completed ## ]]',
  ].join('\n\n');

/** What programs ask of the world, with a model that answers as a test says; each call costs a nano-dollar. */
export function fakeProgramWorld(
  answer: (asked: AskedProgram) => Scripted | Promise<Scripted>,
  given: Partial<ProgramWorld> = {},
): ProgramWorld & { asked: AskedProgram[] } {
  const asked: AskedProgram[] = [];
  return {
    asked,
    model: 'sim/echo',
    signal: new AbortController().signal,
    runner: {
      async run(model, input, { parameters = {} }) {
        const messages = input.messages as AskedProgram['messages'];
        const ask = { model, messages, parameters, text: messages.at(-1)?.content ?? '', index: asked.length };
        asked.push(ask);
        const said = await answer(ask);
        const seen = { traceId: newTraceId(new Uint8Array(16).fill(1)), latencyNs: 1n, costNanoUsd: 1n };
        return typeof said === 'string' ? { ok: true, text: said, ...seen } : { ok: false, ...said, ...seen };
      },
    },
    ...given,
  };
}

/** A world whose model is the simulated student, as settings like `rule_following` make it. */
export function simProgramWorld(sim: JsonObject = {}, given: Partial<ProgramWorld> = {}) {
  return fakeProgramWorld(
    ({ model, messages, parameters }) => {
      const plan = planSim({ sim, ...parameters, model, messages });
      return plan.outcome === 'fail' ? { error: plan.message } : plan.chunks.map(({ text }) => text).join('');
    },
    { model: 'sim/student', ...given },
  );
}
