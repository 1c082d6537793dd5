import { codecOf } from '@wheelhouse/core/dialect';
import type { InnerCall, InnerRequest, UserGate } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { refusalOf } from './at-gate.ts';
import { noControl } from './control-headers.ts';
import { type Gathered, Gathering } from './gathering.ts';
import type { Serve } from './serve.ts';
import { conversations, type Tasks } from './tasks.ts';

export type InsideDeps = { serve: Serve; tasks: Tasks; gate: UserGate };

const errorBody = (path: string) => (error: WheelhouseError) =>
  JSON.stringify(codecOf(conversations[path] ?? 'openai-chat').writeError(error, ''));

function callInside({ serve, tasks, gate }: InsideDeps, { by, path, body, signal }: InnerRequest): Promise<Gathered> {
  return new Promise((resolve, reject) => {
    const task = tasks.atPath(by.project, path, body);
    const refusal = refusalOf(gate, { by, control: noControl, task });
    if (refusal !== null) throw refusal.error;
    const outlet = new Gathering(errorBody(path), (answer) => {
      signal.removeEventListener('abort', stop);
      resolve(answer);
    });
    const startMs = performance.now();
    const asked = { task, by, traceparent: null, userAgent: null, control: noControl, run: null, startMs };
    const running = serve({ ...asked, origin: 'vendor' }, outlet);
    function stop(): void {
      running.abort('The call was stopped.');
      reject(signal.reason);
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** One call of an endpoint from inside this process, governed and traced like any; errors are answers. */
export function createInnerCall(deps: InsideDeps): InnerCall {
  return async (request) => {
    try {
      const { status, headers, body } = await callInside(deps, request);
      const seconds = Number(headers['retry-after'] ?? Number.NaN);
      const requestId = headers['x-wheelhouse-trace-id'] ?? '';
      return { status, requestId, body, retryAfterMs: Number.isNaN(seconds) ? null : seconds * 1_000 };
    } catch (error) {
      if (!(error instanceof WheelhouseError) || request.signal.aborted) throw error;
      const body = errorBody(request.path)(error);
      return { status: error.status, requestId: '', body, retryAfterMs: error.retryAfterMs };
    }
  };
}
