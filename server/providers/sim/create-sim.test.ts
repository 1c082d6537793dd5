import type { JsonObject } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createSim } from './create-sim.ts';

const sim = createSim({ defaults: {}, nowMs: () => 1_700_000_000_000, newId: () => 'chatcmpl-1' });

function send(path: string, body: JsonObject | string, abortAfter = Number.POSITIVE_INFINITY) {
  return new Promise<{ status: number; text: string; error: string | null }>((resolve) => {
    const seen = { status: 0, text: '', error: null as string | null };
    let pieces = 0;
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const handle = sim.forward(
      { method: 'POST', path, headers: {}, body: bytes, key: null, connectTimeoutMs: 0 },
      {
        onHeaders: (status) => void Object.assign(seen, { status }),
        onData(chunk) {
          seen.text += Buffer.from(chunk).toString('utf8');
          if (++pieces === abortAfter) {
            handle.abort();
            // Whatever it still had to say would come in this turn or the next.
            setImmediate(() => resolve(seen));
          }
          return true;
        },
        onEnd: () => resolve(seen),
        onError: (error) => resolve({ ...seen, error: (error as Error & { code: string }).code }),
      },
    );
  });
}

const chat = (more: JsonObject = {}): JsonObject => ({
  model: 'echo',
  messages: [{ role: 'user', content: 'Hello, you there' }],
  ...more,
});
const tools = [{ type: 'function', function: { name: 'clock', parameters: { type: 'object' } } }];
const call = [{ role: 'user', content: 'call clock {"zone":"Oslo"}' }];
const chunksOf = (text: string) =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)));

describe('the simulated vendor', () => {
  it('answers a chat, whole and as a stream', async () => {
    const whole = JSON.parse((await send('/chat/completions', chat())).text);
    expect(whole).toMatchObject({ id: 'chatcmpl-1', model: 'sim/echo', created: 1_700_000_000 });
    expect(whole.choices[0].message.content).toBe('Hello, you there');
    const { text } = await send('/chat/completions', chat({ stream: true, stream_options: { include_usage: true } }));
    const chunks = chunksOf(text);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello, you there');
    expect(chunks.at(-1).usage).toEqual(whole.usage);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('calls tools the same, whole and as a stream', async () => {
    const whole = JSON.parse((await send('/chat/completions', chat({ messages: call, tools }))).text).choices[0];
    expect(whole).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    const streamed = chunksOf((await send('/chat/completions', chat({ messages: call, tools, stream: true }))).text);
    const deltas = streamed.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas.map((delta) => delta.function.arguments).join('')).toBe('{"zone":"Oslo"}');
    expect(whole.message.tool_calls).toEqual([
      { id: deltas[0].id, type: 'function', function: { name: 'clock', arguments: '{"zone":"Oslo"}' } },
    ]);
    expect(streamed.at(-1).choices[0].finish_reason).toBe('tool_calls');
  });

  it('embeds, as numbers and as base64', async () => {
    const ask = (more: JsonObject) =>
      send('/embeddings', { model: 'sim/embed', input: ['a', 'b'], dimensions: 4, ...more });
    const numbers = JSON.parse((await ask({})).text);
    const packed = JSON.parse((await ask({ encoding_format: 'base64' })).text);
    expect(numbers).toMatchObject({ object: 'list', model: 'sim/embed', data: [{ index: 0 }, { index: 1 }] });
    const bytes = Buffer.from(packed.data[1].embedding, 'base64');
    const read = [0, 4, 8, 12].map((at) => bytes.readFloatLE(at));
    expect(read).toEqual(numbers.data[1].embedding.map(Math.fround));
  });

  it.each([
    ['/files', '{}', 404],
    ['/chat/completions', '[]', 400],
    ['/embeddings', '{"model":"nope"}', 404],
  ])('refuses %s with %s', async (path, body, status) => {
    expect((await send(path, body)).status).toBe(status);
  });

  it('says nothing more once it is aborted, and cuts where it is told to', async () => {
    const { text, error } = await send('/chat/completions', chat({ stream: true }), 2);
    expect([chunksOf(text).length, error]).toEqual([2, null]);
    expect(await send('/chat/completions', chat({ stream: true, sim: { cut_after_chunks: 1 } }))).toMatchObject({
      error: 'upstream_cut',
    });
  });
});
