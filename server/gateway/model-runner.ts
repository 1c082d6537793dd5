import type { ModelOutcome, ModelRunner } from '@wheelhouse/core/ports';
import {
  type Actor,
  contentText,
  newTraceId,
  type Span,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type ChatDeps, startChatCall } from './chat-call.ts';

function outcomeOf(span: Span): ModelOutcome {
  const seen = {
    traceId: span.traceId,
    latencyNs: (span.endNs ?? span.startNs) - span.startNs,
    costNanoUsd: span.cost?.totalNanoUsd ?? null,
  };
  return span.status === 'error'
    ? { ok: false, error: span.statusMessage ?? 'The call failed.', ...seen }
    : { ok: true, text: contentText(span.output, 'output'), ...seen };
}

const refusal = (error: WheelhouseError, traceId: TraceId): ModelOutcome => ({
  ok: false,
  error: `${error.message} ${error.hint}`,
  traceId,
  latencyNs: 0n,
  costNanoUsd: null,
});

/** Calls models for evaluations on the same path as HTTP callers, so that what is compared is what is served. */
export function createModelRunner(deps: ChatDeps, by: Actor): ModelRunner {
  return {
    run(model, input, options) {
      const text = JSON.stringify({
        model,
        messages: input.messages,
        ...(Object.keys(input.variables).length > 0 ? { variables: input.variables } : {}),
      });
      return new Promise((resolve, reject) => {
        try {
          const call = startChatCall(
            deps,
            { text, by, traceparent: null, userAgent: null, headers: {}, run: options.run ?? null },
            {
              start: () => {},
              write: () => true,
              end: settle,
              fail: (_, span) => settle(span),
            },
          );
          const stop = () => {
            call.abort('The run was stopped.');
            reject(options.signal.reason);
          };
          function settle(span: () => Span): void {
            options.signal.removeEventListener('abort', stop);
            resolve(outcomeOf(span()));
          }
          if (options.signal.aborted) stop();
          else options.signal.addEventListener('abort', stop, { once: true });
        } catch (error) {
          if (error instanceof WheelhouseError) resolve(refusal(error, newTraceId(deps.random.bytes(16))));
          else reject(error);
        }
      });
    },
  };
}
