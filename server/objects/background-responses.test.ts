import type { GivenUpHandler, InnerAnswer, InnerCall, JobHandler, JobQueue } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type JsonObject } from '@wheelhouse/core/records';
import { fakeResponseStore } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { startBackgroundResponses } from './background-responses.ts';
import { createResponseState } from './response-state.ts';

const by: Caller = { project: defaultProjectId, actor: 'ann', role: 'owner', key: null, person: null, team: null };
const log = { warn: () => {}, error: () => {} };
const queuedBody = { id: 'resp_a', status: 'queued', created_at: 7, previous_response_id: null, background: true };
const answered = (status: number, body: JsonObject): InnerAnswer => ({
  ...{ status, body: JSON.stringify(body), requestId: 'r', retryAfterMs: status === 429 ? 0 : null },
});

/** Asks for one response in the background, which `call` answers. */
async function setUp(call: InnerCall) {
  const store = fakeResponseStore();
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  let givenUp: GivenUpHandler | undefined;
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    async work(_, given, options) {
      handler = given;
      givenUp = options?.givenUp;
    },
  };
  const state = createResponseState({ store, jobs, log });
  await startBackgroundResponses({ store, jobs, call, log, lookEveryMs: 1, firstPauseMs: 0 });
  const response = { id: 'resp_a', body: queuedBody, input: [], previousId: null, createdAtMs: 1, expiresAtMs: 2 };
  await state.begin(by, response, '{"input":"Hi"}');
  return {
    state,
    waiting,
    body: async () => (await state.read(by.project, 'resp_a'))?.body,
    run: (signal = new AbortController().signal) => handler(waiting[0] ?? {}, signal),
    giveUp: () => givenUp?.(waiting[0] ?? {}),
  };
}

it('is made once, under the id that its caller knows', async () => {
  const seen: (JsonObject | undefined)[] = [];
  const asked: string[] = [];
  const world = await setUp(async ({ path, body }) => {
    asked.push(`${path} ${body}`);
    seen.push(await world.body());
    return answered(200, { id: 'resp_vendor', status: 'completed', created_at: 9, output: [{ type: 'message' }] });
  });
  expect(await world.body()).toEqual(queuedBody);
  await world.run();
  await world.run();
  expect(asked).toEqual(['/v1/responses {"input":"Hi"}']);
  expect(seen).toMatchObject([{ status: 'in_progress' }]);
  expect(await world.body()).toEqual({
    ...queuedBody,
    ...{ status: 'completed', output: [{ type: 'message' }], store: true },
  });
});

it('asks again where a limit refused, and says what was wrong in the end', async () => {
  const answers = [answered(429, {}), answered(404, { error: { message: 'There is no such model.' } })];
  const world = await setUp(async () => answers.shift() ?? answered(500, {}));
  await world.run();
  expect(await world.body()).toMatchObject({
    ...{ id: 'resp_a', status: 'failed' },
    error: { code: 'invalid_prompt', message: 'There is no such model.' },
  });
});

it('is asked again after it was cut off, and fails when it is given up', async () => {
  const stop = new AbortController();
  let asked = 0;
  const world = await setUp(async ({ signal }) => {
    asked++;
    stop.abort(new Error('The server stops.'));
    throw signal.reason;
  });
  await expect(world.run(stop.signal)).rejects.toThrow('The server stops.');
  expect(await world.body()).toMatchObject({ status: 'in_progress' });
  await expect(world.run()).rejects.toBeUndefined();
  expect(asked).toBe(2);
  await world.giveUp();
  expect(await world.body()).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
});

it('ends the call when it is cancelled, and stays cancelled', async () => {
  const world = await setUp(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        void world.state.cancel(by.project, 'resp_a');
      }),
  );
  await world.run();
  expect(await world.body()).toMatchObject({ id: 'resp_a', status: 'cancelled' });
  expect(await world.state.cancel(by.project, 'resp_a')).toMatchObject({ body: { status: 'cancelled' } });
  expect(await world.state.cancel(by.project, 'resp_b')).toBeNull();
});
