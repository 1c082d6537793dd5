import { codecOf } from '@wheelhouse/core/dialect';
import type { CancelSignal, InnerCall, ModelOutcome, ModelRunner, Random } from '@wheelhouse/core/ports';
import {
  type Caller,
  contentText,
  newTraceId,
  type Span,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { noControl } from './control-headers.ts';
import { type Gathered, Gathering } from './gathering.ts';
import type { Serve } from './serve.ts';
import { conversations, type Tasks } from './tasks.ts';

export type InsideDeps = { serve: Serve; tasks: Tasks; random: Random };

type Ask = { by: Caller; path: string; text: string; run: Span['run']; signal: CancelSignal };
type Gone = { answer: Gathered; span: (() => Span) | null };

const errorBody = (path: string) => (error: WheelhouseError) =>
  JSON.stringify(codecOf(conversations[path] ?? 'openai-chat').writeError(error, ''));

/** One call of an endpoint from inside this process, governed and traced like any; errors are answers. */
function callInside({ serve, tasks }: InsideDeps, { by, path, text, run, signal }: Ask): Promise<Gone> {
  return new Promise((resolve, reject) => {
    const task = tasks.atPath(by.project, path, text);
    const outlet = new Gathering(errorBody(path), (answer, span) => {
      signal.removeEventListener('abort', stop);
      resolve({ answer, span });
    });
    const startMs = performance.now();
    const asked = { task, by, traceparent: null, userAgent: null, control: noControl, run, startMs };
    const running = serve({ ...asked, origin: 'vendor' }, outlet);
    function stop(): void {
      running.abort('The call was stopped.');
      reject(signal.reason);
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

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

const refusal = (error: string, traceId: TraceId): ModelOutcome => ({
  ok: false,
  error,
  traceId,
  latencyNs: 0n,
  costNanoUsd: null,
});

function errorText(body: string): string {
  const { error } = JSON.parse(body) as { error?: { message?: string; hint?: string } };
  return [error?.message, error?.hint].filter((text) => text).join(' ');
}

/** Calls models for evaluations on the same path as HTTP callers, so that what is compared is what is served. */
export function createModelRunner(deps: InsideDeps, by: Caller): ModelRunner {
  const path = '/v1/chat/completions';
  return {
    async run(model, input, options) {
      const text = JSON.stringify({
        model,
        messages: input.messages,
        ...(Object.keys(input.variables).length > 0 ? { variables: input.variables } : {}),
      });
      try {
        const { answer, span } = await callInside(deps, {
          by,
          path,
          text,
          run: options.run ?? null,
          signal: options.signal,
        });
        if (span !== null) return outcomeOf(span());
        return refusal(errorText(answer.body), newTraceId(deps.random.bytes(16)));
      } catch (error) {
        if (!(error instanceof WheelhouseError) || options.signal.aborted) throw error;
        return refusal(`${error.message} ${error.hint}`, newTraceId(deps.random.bytes(16)));
      }
    },
  };
}

/** The same for whoever has a request as HTTP callers write it, such as a line of a batch. */
export function createInnerCall(deps: InsideDeps): InnerCall {
  return async ({ by, path, body, signal }) => {
    try {
      const { answer } = await callInside(deps, { by, path, text: body, run: null, signal });
      const { status, headers } = answer;
      const seconds = Number(headers['retry-after'] ?? Number.NaN);
      const requestId = headers['x-wheelhouse-trace-id'] ?? '';
      return { status, requestId, body: answer.body, retryAfterMs: Number.isNaN(seconds) ? null : seconds * 1_000 };
    } catch (error) {
      if (!(error instanceof WheelhouseError) || signal.aborted) throw error;
      return { status: error.status, requestId: '', body: errorBody(path)(error), retryAfterMs: error.retryAfterMs };
    }
  };
}
