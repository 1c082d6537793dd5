import { flavorOf, readOutput } from '@wheelhouse/core/model';
import type { AskModel, Predicted, Predictor, PredictRequest } from '@wheelhouse/core/ports';
import { type JsonObject, type ModelRef, nanosToMs, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type ArmCaller, type RouteTable, resolveTarget, type Target } from '@wheelhouse/core/route';
import { fitText } from './fit-input.ts';
import { knownError } from './known-error.ts';
import { outermost, type Place, runStepped, type SteppedDeps } from './stepped-run.ts';

export type PredictorDeps = SteppedDeps & {
  /** Of a project, from memory. */
  routes(project: ProjectId): RouteTable;
  askModel: AskModel;
};

const refOf = ({ version, name, alias }: Target): ModelRef | null =>
  version === null || name === null ? null : { name, version: version.number, alias };

/** A base model takes messages; what an answer is, nobody has said. */
const plain = { input: { type: 'object' }, output: { type: 'string' } };

/** One call of the base model, by OpenAI's chat. */
async function askDirect(deps: PredictorDeps, request: PredictRequest, target: Target): Promise<Predicted> {
  const { by, labels, traceparent, run, userAgent, deadlineMs, signal, onStart, onText, draw } = request;
  const { ref, version } = target;
  const signature = version?.signature ?? plain;
  const { input, messages, parameters } = fitText(signature.input, request.ask, ref);
  const body: JsonObject = {
    ...parameters,
    model: ref,
    messages,
    ...(version !== null || Object.keys(input).length > 0 ? { variables: input } : {}),
  };
  const asked = { by, labels, traceparent, run, userAgent, deadlineMs, signal, onStart, onText, body };
  const drawn = draw === undefined ? {} : { draw };
  const reply = await deps.askModel({ ...asked, ...drawn });
  const { traceId, latencyNs, costNanoUsd, usage } = reply;
  const taken = { traceId, latencyNs, costNanoUsd, usage, model: refOf(target) };
  if (!reply.ok) return { ok: false, error: reply.error, text: null, ...taken };
  const { text, logprobs } = reply;
  try {
    const output = readOutput(signature.output, text, { name: ref, checker: deps.checker });
    return { ok: true, output, text, ...(logprobs === null ? {} : { logprobs }), ...taken };
  } catch (error) {
    if (error instanceof WheelhouseError) return { ok: false, error, text, ...taken };
    throw error;
  }
}

/** One way to ask whatever answers, for the gateway, the API, evaluations and models themselves. */
export function createPredictor(deps: PredictorDeps): Predictor {
  /** What an evaluation asks is answered by the version that it names. */
  const callerOf = ({ run, labels, draw }: PredictRequest): ArmCaller | null =>
    run === null
      ? {
          ...labels,
          draw: () => draw ?? Buffer.from(deps.random.bytes(8)).toString('hex'),
          nowMs: () => nanosToMs(deps.clock.now()),
        }
      : null;

  async function ask(request: PredictRequest, place: Place): Promise<Predicted> {
    try {
      const target = resolveTarget(request.model, deps.routes(request.by.project), () => callerOf(request));
      const { chosen } = target;
      // Whatever reads the name again comes to the same version.
      if (chosen && request.draw === undefined) return await ask({ ...request, draw: chosen.unit }, place);
      const { version, name } = target;
      const flavor = version === null ? null : flavorOf(version.definition);
      if (version === null || name === null || flavor?.runs !== 'stepped')
        return await askDirect(deps, request, target);
      return await runStepped(deps, { request, target: { ...target, version, name }, place, ask });
    } catch (error) {
      return refused(knownError(deps, error, request.signal));
    }
  }

  return { predict: (request) => ask(request, outermost) };
}

/** Before anything was asked. */
const refused = (error: WheelhouseError): Predicted => ({
  ...{ ok: false, error, text: null, model: null },
  ...{ traceId: null, latencyNs: 0n, costNanoUsd: null, usage: null },
});
