import { describe, expect, it } from 'vitest';
import { createModelCaller } from './model-caller.ts';

const taken = { model: null, traceId: 't', latencyMs: 1, costNanoUsd: null, usage: null };

/** A server that answers with these bytes, cut as they are given. */
function callerOf(pieces: string[], status = 200) {
  const seen: { url: string; body: Record<string, unknown> }[] = [];
  const state = { cancelled: false };
  const caller = createModelCaller<unknown, string>('a b@2', {
    baseUrl: 'http://server/',
    apiKey: 'wh_key',
    fetch: async (url, init) => {
      seen.push({ url: String(url), body: JSON.parse(String(init?.body)) });
      const encoder = new TextEncoder();
      const waiting = [...pieces];
      const body = new ReadableStream({
        pull(controller) {
          const piece = waiting.shift();
          if (piece === undefined) controller.close();
          else controller.enqueue(encoder.encode(piece));
        },
        cancel() {
          state.cancelled = true;
        },
      });
      return new Response(body, { status });
    },
  });
  return { caller, seen, state };
}

const events = (...all: [string, object][]) =>
  all.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('');
const whole = events(['text', { text: 'Grü' }], ['text', { text: 'ße' }], ['output', { output: 'Grüße', ...taken }]);

describe('a model that is asked over the API', () => {
  it('streams its text and then gives the whole, wherever the bytes are cut', async () => {
    for (const size of [1, 7, 1000]) {
      const cut = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const { caller, seen } = callerOf(cut);
      const stream = caller.stream({ q: 1 }, { parameters: { temperature: 0 } });
      const texts: string[] = [];
      for await (const text of stream) texts.push(text);
      expect(texts).toEqual(['Grü', 'ße']);
      expect((await stream.result()).output).toBe('Grüße');
      expect(seen[0]?.url).toBe('http://server/api/v1/models/a%20b%402/predict');
      expect(seen[0]?.body).toEqual({ input: { q: 1 }, parameters: { temperature: 0 }, stream: true });
    }
  });

  it('is asked without reading the pieces, too', async () => {
    expect((await callerOf([whole]).caller.stream({}).result()).text).toBeUndefined();
    expect((await callerOf([whole]).caller.stream({}).result()).output).toBe('Grüße');
  });

  it('ends the call when nobody reads on', async () => {
    const { caller, state } = callerOf([events(['text', { text: 'a' }]), whole]);
    const stream = caller.stream({});
    for await (const text of stream) if (text === 'a') break;
    expect(state.cancelled).toBe(true);
    await expect(stream.result()).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  it('throws what went wrong in the middle, and an answer that breaks off', async () => {
    const error = { message: 'no', type: 't', param: null, code: 'code_failed', hint: 'h' };
    const failed = callerOf([events(['text', { text: 'a' }], ['error', { error, ...taken }])]);
    await expect(failed.caller.stream({}).result()).rejects.toMatchObject({ code: 'code_failed', hint: 'h' });
    const cut = callerOf([events(['text', { text: 'a' }])]);
    await expect(cut.caller.stream({}).result()).rejects.toMatchObject({ code: 'unexpected_answer' });
    const refused = callerOf([JSON.stringify({ error })], 422);
    await expect(refused.caller.predict({})).rejects.toMatchObject({ status: 422, code: 'code_failed' });
  });

  it('sends many inputs in requests that the server takes', async () => {
    const { caller, seen } = callerOf([JSON.stringify({ data: [{ output: 'x', ...taken }] })]);
    const rows = await caller.batch(Array.from({ length: 1001 }), { concurrency: 2 });
    expect(rows).toHaveLength(2);
    expect(seen.map(({ body }) => (body.inputs as unknown[]).length)).toEqual([1000, 1]);
    expect(seen[0]?.body.concurrency).toBe(2);
  });
});
