import type { ModelRunner, Predictor, Random } from '@wheelhouse/core/ports';
import { type Caller, newTraceId, type ProjectId, type WheelhouseError } from '@wheelhouse/core/records';

const plain = { user: null, session: null, metadata: {} };

/** Refusals that only say: not so many at once. */
const tooMany = new Set(['rate_limited', 'upstream_rate_limited']);

const sentence = ({ message, hint }: WheelhouseError, refused: boolean) => (refused ? `${message} ${hint}` : message);

/** In whose name evaluations ask. */
export const evaluator = (project: ProjectId): Caller => ({
  ...{ project, actor: 'evaluation', role: 'editor', key: null, person: null, team: null },
});

/** Asks models for the evaluations of a project as everybody else does, so that what is compared is what is served. */
export function createModelRunners({
  predictor,
  random,
}: {
  predictor: Predictor;
  random: Random;
}): (project: ProjectId) => ModelRunner {
  return (project) => {
    const by = evaluator(project);
    return {
      async run(model, { messages, variables }, { signal, run = null, parameters = {}, onText = null, tags = [] }) {
        const predicted = await predictor.predict({
          ...{ by, model, run, signal, labels: { ...plain, tags }, ask: { input: variables, messages, parameters } },
          ...{ traceparent: null, userAgent: null, deadlineMs: null, resume: null, onStart: null, onText },
        });
        if (signal.aborted) throw signal.reason;
        const { latencyNs, costNanoUsd, usage } = predicted;
        const seen = { latencyNs, costNanoUsd, usage, traceId: predicted.traceId ?? newTraceId(random.bytes(16)) };
        // An answer that does not fit its signature is judged as it is: that is what scorers are for.
        if (predicted.ok || predicted.text !== null) {
          const logprobs = predicted.ok ? predicted.logprobs : undefined;
          return { ok: true, text: predicted.text ?? '', ...(logprobs === undefined ? {} : { logprobs }), ...seen };
        }
        const { error } = predicted;
        const limited = tooMany.has(error.code) ? { limited: { retryAfterMs: error.retryAfterMs } } : {};
        const said = sentence(error, predicted.traceId === null);
        return { ok: false, error: said, code: error.code, ...limited, ...seen };
      },
    };
  };
}
