import type { ModelRunner, Predictor, Random } from '@wheelhouse/core/ports';
import { type Caller, newTraceId, type ProjectId, type WheelhouseError } from '@wheelhouse/core/records';

const plain = { tags: [], user: null, session: null, metadata: {} };

const sentence = ({ message, hint }: WheelhouseError, refused: boolean) => (refused ? `${message} ${hint}` : message);

/** Asks models for the evaluations of a project as everybody else does, so that what is compared is what is served. */
export function createModelRunners({
  predictor,
  random,
}: {
  predictor: Predictor;
  random: Random;
}): (project: ProjectId) => ModelRunner {
  return (project) => {
    const by: Caller = { project, actor: 'evaluation', role: 'editor', key: null, person: null, team: null };
    return {
      async run(model, { messages, variables }, { signal, run = null }) {
        const predicted = await predictor.predict({
          ...{ by, model, run, signal, labels: plain, ask: { input: variables, messages, parameters: {} } },
          ...{ traceparent: null, userAgent: null, deadlineMs: null, resume: null, onStart: null, onText: null },
        });
        if (signal.aborted) throw signal.reason;
        const { latencyNs, costNanoUsd } = predicted;
        const seen = { latencyNs, costNanoUsd, traceId: predicted.traceId ?? newTraceId(random.bytes(16)) };
        // An answer that does not fit its signature is judged as it is: that is what scorers are for.
        if (predicted.ok || predicted.text !== null) return { ok: true, text: predicted.text ?? '', ...seen };
        return { ok: false, error: sentence(predicted.error, predicted.traceId === null), ...seen };
      },
    };
  };
}
