import { describe, expect, it } from 'vitest';
import { serveModel } from './serve-model.ts';
import { type ServeContext, type ServedFunction, yieldsText } from './served-model.ts';

const ask = (predict: ServedFunction, body: unknown, headers: Record<string, string> = {}) =>
  serveModel(predict, { token: 'secret' })(
    new Request('http://host/3', {
      method: 'POST',
      headers: { authorization: 'Bearer secret', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );

async function* words() {
  yield 'a ';
  yield '';
  yield 'b';
}

describe('a function that is served', () => {
  it('gets the input and what else is known of the call', async () => {
    let seen: { input: unknown; context: ServeContext } | undefined;
    const predict: ServedFunction = async (input, context) => {
      seen = { input, context };
      return { double: input.n * 2, at: new Date(0) };
    };
    const response = await ask(predict, { input: { n: 2 }, parameters: { k: 1 } }, { traceparent: '00-a-b-01' });
    expect(await response.json()).toEqual({ output: { double: 4, at: '1970-01-01T00:00:00.000Z' } });
    expect(seen).toMatchObject({
      input: { n: 2 },
      context: { messages: [], parameters: { k: 1 }, traceparent: '00-a-b-01' },
    });
  });

  it('answers in pieces that are the whole, and whole where nobody asked for pieces', async () => {
    expect(await (await ask(words, { input: {} })).json()).toEqual({ output: 'a b' });
    const response = await ask(words, { input: {}, stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(
      'event: text\ndata: {"text":"a "}\n\nevent: text\ndata: {"text":"b"}\n\nevent: output\ndata: {"output":"a b"}\n\n',
    );
    expect(yieldsText(words)).toBe(true);
    expect(yieldsText(async () => 1)).toBe(false);
  });

  it('tells what it throws, with a code and a hint of ours where it has them', async () => {
    const thrower = () => {
      throw Object.assign(new Error('no such account'), { code: 'not_found', hint: 'Ask for another.' });
    };
    const refused = await ask(thrower, { input: {} });
    expect(refused.status).toBe(500);
    const error = { message: 'no such account', code: 'not_found', hint: 'Ask for another.' };
    expect(await refused.json()).toEqual({ error });
    const streamed = await (await ask(thrower, { input: {}, stream: true })).text();
    expect(streamed).toBe(`event: error\ndata: ${JSON.stringify({ error })}\n\n`);
    expect((await ask(() => () => 1, { input: {} })).status).toBe(500);
    expect((await ask(() => [1], { input: {} })).status).toBe(200);
  });

  it('hears when nobody waits for its stream any more', async () => {
    let signal: AbortSignal | undefined;
    let pieces = 0;
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const endless: ServedFunction = async function* (_, context) {
      signal = context.signal;
      try {
        while (pieces < 300) {
          pieces += 1;
          yield 'more ';
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      } finally {
        ended();
      }
    };
    const reader = (await ask(endless, { input: {}, stream: true })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(signal?.aborted).toBe(true);
    await end;
    expect(pieces).toBeLessThan(300);
  });

  it('is not called without the token of its lease, or for what is no call', async () => {
    let calls = 0;
    const predict = () => (calls += 1);
    for (const authorization of ['', 'Bearer secre', 'Bearer secrets', 'Bearer '])
      expect((await ask(predict, { input: {} }, { authorization })).status).toBe(401);
    expect((await ask(predict, 'no json')).status).toBe(400);
    expect((await ask(predict, '[]')).status).toBe(400);
    expect(calls).toBe(0);
  });
});
