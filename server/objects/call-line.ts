import type { CancelSignal, Clock, InnerAnswer, InnerCall, InnerRequest, Random } from '@wheelhouse/core/ports';
import { type Batch, type Caller, idRandomBytes, type Json, nanosToMs, newId } from '@wheelhouse/core/records';
import { readBatchLine } from './check-batch.ts';

export type LineDeps = {
  call: InnerCall;
  clock: Clock;
  random: Random;
  /** Before a call that a limit refused is made again; doubles. */
  firstPauseMs?: number;
};

/** A line of the output file, or of the errors. */
export type AnsweredLine = { ok: boolean; text: string };

type Ask = { by: Caller; batch: Batch; text: string; signal: CancelSignal };
type Patient = Pick<LineDeps, 'call' | 'firstPauseMs'>;

const tries = 4;
const longestPauseMs = 60_000;

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const pause = (ms: number, signal: CancelSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

/** Makes a call; what a limit refuses is asked again, because nobody waits for it. */
export async function callPatiently(
  { call, firstPauseMs = 1_000 }: Patient,
  request: InnerRequest,
): Promise<InnerAnswer> {
  const { signal } = request;
  for (let attempt = 1; ; attempt++) {
    const answered = await call(request);
    const isBusy = answered.status === 429 || answered.status >= 500;
    if (!isBusy || attempt === tries || signal.aborted) return answered;
    await pause(Math.min(answered.retryAfterMs ?? firstPauseMs * 2 ** attempt, longestPauseMs), signal);
  }
}

/** Answers one line of a batch's input. */
export async function callLine(deps: LineDeps, ask: Ask): Promise<AnsweredLine> {
  const { batch, text } = ask;
  const nowMs = nanosToMs(deps.clock.now());
  const id = newId('batch', nowMs, deps.random.bytes(idRandomBytes)).replace('batch_', 'batch_req_');
  const checked = readBatchLine(text, batch.endpoint);
  const customId = 'line' in checked ? checked.line.customId : null;
  const row = (ok: boolean, rest: object): AnsweredLine => ({
    ok,
    text: `${JSON.stringify({ id, custom_id: customId, ...rest })}\n`,
  });
  if ('problem' in checked) return row(false, { response: null, error: checked.problem });
  if (nowMs >= Date.parse(batch.expiresAt)) {
    const message = 'This request was not made before the batch expired.';
    return row(false, { response: null, error: { code: 'batch_expired', message } });
  }
  const body = JSON.stringify(checked.line.body);
  const answered = await callPatiently(deps, { by: ask.by, path: batch.endpoint, body, signal: ask.signal });
  const response = { status_code: answered.status, request_id: answered.requestId, body: parse(answered.body) };
  return row(answered.status < 400, { response, error: null });
}
