import type { CancelSignal, InnerAnswer, InnerCall, JobQueue, ResponseStore } from '@wheelhouse/core/ports';
import { type Caller, isJsonObject, type Json, type JsonObject } from '@wheelhouse/core/records';
import { callPatiently } from './call-line.ts';

export type BackgroundDeps = {
  store: Pick<ResponseStore, 'pending' | 'settle'>;
  jobs: Pick<JobQueue, 'work'>;
  call: InnerCall;
  log: { error(details: object, message: string): void };
  /** How often it is looked whether somebody cancelled, at whichever server, in milliseconds. */
  lookEveryMs?: number;
  /** Before a call that a limit refused is made again; doubles. */
  firstPauseMs?: number;
};

export const responseQueue = 'background-responses';
export type ResponseJob = { by: Caller; id: string };

/** Of one server. */
const callsAtOnce = 16;

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

const failed = (queued: JsonObject, code: string, message: string): JsonObject => ({
  ...queued,
  status: 'failed',
  error: { code, message },
});

/** Codes that the clients of OpenAI know. */
const codeOf = (status: number) =>
  status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_prompt' : 'server_error';

/** The answer under the id that its caller knows. */
function bodyOf(queued: JsonObject, { status, body }: InnerAnswer): JsonObject {
  const told = parse(body);
  if (status < 400 && isJsonObject(told)) {
    const { id, created_at, previous_response_id } = queued;
    return { ...told, ...({ id, created_at, previous_response_id } as JsonObject), background: true, store: true };
  }
  const error = isJsonObject(told) && isJsonObject(told.error) ? told.error : {};
  const message = typeof error.message === 'string' ? error.message : 'The model gave no answer.';
  return failed(queued, codeOf(status), message);
}

/** A signal that also follows whether the response is still to be made. */
function follow(outer: CancelSignal, isWanted: () => Promise<boolean>, everyMs: number) {
  const inner = new AbortController();
  const stop = () => inner.abort(outer.reason);
  if (outer.aborted) stop();
  else outer.addEventListener('abort', stop, { once: true });
  const timer = setInterval(async () => {
    // What cannot be asked now is asked again.
    if (!(await isWanted().catch(() => true))) inner.abort(new Error('It was cancelled.'));
  }, everyMs);
  return {
    signal: inner.signal,
    end() {
      clearInterval(timer);
      outer.removeEventListener('abort', stop);
    },
  };
}

/** Makes the responses that nobody waits for; one that a kill cut off is asked again. */
export async function startBackgroundResponses(deps: BackgroundDeps): Promise<void> {
  const { store, call, firstPauseMs, lookEveryMs = 500 } = deps;

  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const { by, id } = payload as ResponseJob;
    const found = await store.pending(by.project, id);
    if (found === null) return;
    const { body: queued } = found.response;
    if (!(await store.settle(by.project, id, { body: { ...queued, status: 'in_progress' }, made: false }))) return;
    const isWanted = async () => (await store.pending(by.project, id)) !== null;
    const following = follow(signal, isWanted, lookEveryMs);
    try {
      const request = { by, path: '/v1/responses', body: found.request, signal: following.signal };
      const answer = await callPatiently({ call, ...(firstPauseMs !== undefined && { firstPauseMs }) }, request);
      if (signal.aborted) throw signal.reason;
      await store.settle(by.project, id, { body: bodyOf(queued, answer), made: true });
    } catch (error) {
      // Cancelled: the answer is as it was when that was asked.
      if (signal.aborted || !following.signal.aborted) throw error;
    } finally {
      following.end();
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const { by, id } = payload as ResponseJob;
    deps.log.error({ response: id }, 'a response in the background was given up');
    const found = await store.pending(by.project, id);
    if (found === null) return;
    const body = failed(found.response.body, 'server_error', 'It failed several times in a row.');
    await store.settle(by.project, id, { body, made: true });
  }

  await deps.jobs.work(responseQueue, work, { givenUp, atOnce: callsAtOnce });
}
