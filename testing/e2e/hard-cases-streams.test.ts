import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../upstream/index.ts';
import { type GatewayHouse, shapes, startGatewayHouse, traceIdOf } from './gateway-house.ts';
import { readStream, readUntil } from './read-stream.ts';

const messages = [{ role: 'user', content: 'Count.' }];
const chat = (model: string, more: object = {}) => ({ model, messages, stream: true, ...more });
/** A route of two targets of a shape, tried in order. */
const pair = (first: string, second: string, more: object = {}) => ({
  targets: [first, second],
  strategy: 'priority',
  retries: { attempts: 1 },
  ...more,
});
const timeouts = (more: object) => ({ targets: ['openai/slow'], retries: { attempts: 1 }, timeouts: more });
const outcome = ({ model, state }: Call) => `${model} ${state}`;
/** Texts in which every way to cut bytes apart cuts something. */
const tricky = 'Zürich 漢字 🙂 "quoted\\" data: [DONE] \u2028 end';

describe('hard cases: streams', () => {
  let gateway: GatewayHouse;
  const post = (body: object, signal?: AbortSignal) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  const outcomes = () => gateway.upstream.calls.map(outcome);
  beforeAll(async () => {
    const routes = {
      ...Object.fromEntries(shapes.map((shape) => [`from-${shape}`, pair(`${shape}/first`, 'openai/second')])),
      // Within these a busy machine has to be able to answer.
      quiet: pair('openai/first', 'openai/second', { timeouts: { firstTokenMs: 1_500 } }),
      idle: timeouts({ idleMs: 1_500 }),
      total: timeouts({ totalMs: 2_000, idleMs: 10_000 }),
      first: timeouts({ firstTokenMs: 300 }),
    };
    gateway = await startGatewayHouse({ config: { routes } });
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  it('1: a caller who leaves in the middle is left by the gateway too, and the trace says what was used', async () => {
    const left = new AbortController();
    const response = await post(chat('openai/m~words=40~gapMs=100'), left.signal);
    await readUntil(response, /w2/);
    left.abort();
    await gateway.upstream.until(() => gateway.upstream.of('m')[0]?.state === 'left');
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect(span).toMatchObject({ status: 'error', statusMessage: expect.stringMatching(/caller|client/i) });
    expect(span?.usage).toMatchObject({ source: 'estimated', counts: { outputText: expect.any(Number) } });
  });

  it.each([true, false])(
    '2: a caller who leaves before the first byte is the end of it (stream: %s)',
    async (stream) => {
      gateway.upstream.on('first', { silent: true });
      const left = new AbortController();
      const answer = post({ ...chat('from-openai'), stream }, left.signal);
      await gateway.upstream.until(() => gateway.upstream.calls.length === 1);
      left.abort();
      await expect(answer).rejects.toThrow();
      await gateway.upstream.until(() => gateway.upstream.of('first')[0]?.state === 'left');
      // Another call goes its way; had the first been tried again, it would stand between.
      await (await post({ ...chat('openai/other'), stream: false })).json();
      expect(outcomes()).toEqual(['first left', 'other answered']);
    },
  );

  it.each(shapes)('3: a stream of %s that is cut never looks complete', async (shape) => {
    const read = await readStream(await post(chat(`${shape}/m~words=40~cutAfter=5`)));
    expect(read.said).toBe('w0 w1 w2 w3 w4');
    expect(read.text).not.toContain('[DONE]');
    const failed = read.events.some((event) => typeof event === 'object' && event !== null && 'error' in event);
    expect(failed || read.broken).toBe(true);
  });

  it('3: a stream that ends without its end is not complete either, and the trace says so', async () => {
    const response = await post(chat('openai/m~words=40~endAfter=5'));
    const read = await readStream(response);
    expect([read.said, read.text.includes('[DONE]')]).toEqual(['w0 w1 w2 w3 w4', false]);
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect(span).toMatchObject({ status: 'error', statusMessage: expect.any(String) });
  });

  it('3: a whole answer that is cut is an error', async () => {
    const response = await post({ ...chat('openai/m~words=40~cutAfter=1'), stream: false });
    expect([response.status, (await response.json()).error.code]).toEqual([502, 'upstream_cut']);
  });

  it.each(
    shapes.flatMap((shape) => [
      { shape, fault: 'an error inside of a 200', behaviour: { errorAfter: 0 } },
      { shape, fault: 'a broken connection', behaviour: { cutAfter: 0 } },
    ]),
  )('4: $fault of $shape before the first content falls back unseen', async ({ shape, behaviour }) => {
    gateway.upstream.on('first', behaviour);
    gateway.upstream.on('second', { words: 5 });
    const response = await post(chat(`from-${shape}`));
    const read = await readStream(response);
    expect([response.status, read.said, read.broken]).toEqual([200, 'w0 w1 w2 w3 w4', false]);
    expect(read.text).not.toContain('error');
    const frames = read.events.filter((event) => typeof event === 'object') as { id: string }[];
    expect(new Set(frames.map(({ id }) => id)).size).toBe(1);
    expect(gateway.upstream.calls.map(({ model }) => model)).toEqual(['first', 'second']);
  });

  it('4: silence before the first content falls back when its time is over', async () => {
    gateway.upstream.on('first', { stallAfter: 0 });
    gateway.upstream.on('second', { words: 5 });
    expect((await readStream(await post(chat('quiet')))).said).toBe('w0 w1 w2 w3 w4');
    await gateway.upstream.until(() => gateway.upstream.calls.every(({ state }) => state !== 'open'));
    expect(outcomes()).toEqual(['first left', 'second answered']);
  });

  it.each(shapes)('5: after the first content of %s nothing falls back and nothing is spliced', async (shape) => {
    gateway.upstream.on('first', { words: 40, errorAfter: 3 });
    gateway.upstream.on('second', { words: 5 });
    const read = await readStream(await post(chat(`from-${shape}`)));
    expect(read.said).toBe('w0 w1 w2');
    expect(read.events.at(-1)).toMatchObject({ error: { message: expect.any(String) } });
    expect(gateway.upstream.calls.map(({ model }) => model)).toEqual(['first']);
  });

  it('6: silence in the middle ends by the idle timeout', async () => {
    const read = await readStream(await post(chat('idle', { model: 'idle' })));
    expect(read.text).toContain('[DONE]');
    gateway.upstream.on('slow', { words: 40, stallAfter: 3 });
    const stalled = await readStream(await post(chat('idle')));
    expect(stalled.said).toBe('w0 w1 w2');
    expect(stalled.events.at(-1)).toMatchObject({ error: { code: 'upstream_timeout' } });
    await gateway.upstream.until(() => gateway.upstream.of('slow').at(-1)?.state === 'left');
  });

  it('6: silence before any content ends by the timeout of the first token, of streams and whole answers', async () => {
    gateway.upstream.on('slow', { silent: true });
    for (const stream of [true, false]) {
      const response = await post({ ...chat('first'), stream });
      expect([response.status, (await response.json()).error.code]).toEqual([504, 'upstream_timeout']);
    }
    await gateway.upstream.until(() => gateway.upstream.of('slow').every(({ state }) => state === 'left'));
  });

  it('6: an answer that goes on and on ends by the total timeout', async () => {
    gateway.upstream.on('slow', { words: 1000, gapMs: 50 });
    const read = await readStream(await post(chat('total')));
    expect(read.said).toMatch(/^w0 w1/);
    expect(read.events.at(-1)).toMatchObject({ error: { code: 'upstream_timeout' } });
    await gateway.upstream.until(() => gateway.upstream.of('slow')[0]?.state === 'left');
  });

  it('7: bytes pass unchanged within a dialect, however they are cut apart', async () => {
    const asked = { stream_options: { include_usage: true } };
    for (const behaviour of [{}, { packetBytes: 1 }, { packetBytes: 7, crlf: true }, { comments: true }]) {
      gateway.upstream.on('m', { text: tricky, ...behaviour });
      const direct = await fetch(`${gateway.upstream.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(chat('m', asked)),
      });
      const withoutNumber = (text: string) => text.replaceAll(/upstream-\d+/g, 'upstream');
      const through = await post(chat('openai/m', asked));
      expect(withoutNumber(await through.text())).toBe(withoutNumber(await direct.text()));
    }
  });

  it.each(shapes)('7: however the bytes of %s are cut apart, the same is said', async (shape) => {
    for (const behaviour of [{}, { packetBytes: 1 }, { packetBytes: 3, crlf: true, comments: true }]) {
      gateway.upstream.on('m', { text: tricky, ...behaviour });
      expect((await readStream(await post(chat(`${shape}/m`)))).said).toBe(tricky);
    }
  });

  it.each(shapes)('7: an event of a megabyte of %s arrives whole', async (shape) => {
    const text = 'x'.repeat(1024 * 1024);
    gateway.upstream.on('m', { text });
    expect((await readStream(await post(chat(`${shape}/m`)))).said.length).toBe(text.length);
  });

  it.each(shapes)('8: usage of %s is asked for, recorded, and kept from a caller who did not ask', async (shape) => {
    gateway.upstream.on('m', { text: 'Four.' });
    const response = await post(chat(`${shape}/m`));
    const read = await readStream(response);
    expect(read.text).not.toMatch(/"usage":\{/);
    expect(read.events.every((event) => typeof event === 'string' || (event as Chunk).choices?.length === 1)).toBe(
      true,
    );
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect(span).toMatchObject({ usage: { counts: { inputUncached: 8, cacheRead: 3 }, source: 'provider' } });
    const asked = await readStream(await post(chat(`${shape}/m`, { stream_options: { include_usage: true } })));
    expect(asked.events.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7 } });
  });

  it('8: usage on the chunk that finishes is read, and the chunk stays', async () => {
    gateway.upstream.on('m', { text: 'Four.', usageWithFinish: true });
    const response = await post(chat('openai/m'));
    const finish = (await readStream(response)).events.at(-2);
    expect(finish).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect(span).toMatchObject({ usage: { counts: { inputUncached: 8, outputText: 5 }, source: 'provider' } });
  });

  it('8: no usage at all is estimated, and says so', async () => {
    for (const stream of [true, false]) {
      gateway.upstream.on('m', { text: 'Two and two is four, as everybody knows.', noUsage: true });
      const response = await post({ ...chat('openai/m'), stream });
      await response.text();
      const [span] = await gateway.spansOf(traceIdOf(response));
      expect(span?.usage).toMatchObject({ source: 'estimated' });
      expect(span?.usage?.counts.outputText).toBeGreaterThan(5);
    }
  });
});

type Chunk = { choices?: unknown[] };
