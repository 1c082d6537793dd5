import { type JsonObject, newTraceId, WheelhouseError } from '../records/index.ts';
import { formatValue } from './adapters/format-value.ts';
import { end, header, section } from './adapters/sections.ts';
import type { ProgramWorld } from './module.ts';

/** A question as a scripted model sees it. */
export type ScriptedAsk = {
  model: string;
  messages: { role: string; content: string }[];
  parameters: JsonObject;
  index: number;
};
/** An answer's fields, as the Chat adapter has them written; or its text; or why there is none. */
export type ScriptedAnswer = JsonObject | string | WheelhouseError;

const written = (fields: JsonObject): string =>
  [
    ...Object.entries(fields).map(([name, value]) => section(name, formatValue(value, { kind: 'any', schema: {} }))),
    header(end),
  ].join('\n\n');

/**
 * A world whose models say what a script says, one answer after the other or by the question: for tests of programs, which
 * then need neither a model nor a server.
 */
export function scriptedWorld(
  script: readonly ScriptedAnswer[] | ((asked: ScriptedAsk) => ScriptedAnswer),
  given: Partial<ProgramWorld> = {},
): ProgramWorld {
  let index = 0;
  const traceId = newTraceId(new Uint8Array(16).fill(1));
  const seen = { traceId, latencyNs: 0n, costNanoUsd: null };
  return {
    model: 'scripted',
    signal: {
      aborted: false,
      reason: undefined,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
    runner: {
      async run(model, { messages }, { parameters = {} }) {
        const asked = { model, messages: messages as ScriptedAsk['messages'], parameters, index: index++ };
        const said = typeof script === 'function' ? script(asked) : script[asked.index];
        if (said === undefined) return { ok: false, error: `The script has no answer ${asked.index + 1}.`, ...seen };
        if (said instanceof WheelhouseError) return { ok: false, error: said.message, code: said.code, ...seen };
        return { ok: true, text: typeof said === 'string' ? said : written(said), ...seen };
      },
    },
    ...given,
  };
}
