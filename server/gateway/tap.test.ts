import { readExchange } from '@wheelhouse/core/dialect';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PassingStream, WholeAnswer } from './tap.ts';

const event = (body: object) => `data: ${JSON.stringify(body)}\n\n`;
const delta = (content: string, more = {}) => event({ id: 'c1', choices: [{ index: 0, delta: { content } }], ...more });
const finish = event({ id: 'c1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usage = event({ id: 'c1', choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } });
const done = 'data: [DONE]\n\n';

/** Cuts bytes at any places, also inside of a character or of an event. */
function cutAt(bytes: Buffer, places: number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

function through(pieces: Buffer[], dropUsage: boolean) {
  const tap = new PassingStream('openai-chat', { dropUsage, room: null });
  const passed = [...pieces.map((piece) => tap.push(piece)), tap.end()].filter((piece) => piece !== null);
  return { text: Buffer.concat(passed).toString('utf8'), tap };
}

function read(tap: PassingStream) {
  const { bytes, streamed } = tap.answer();
  return readExchange({ dialect: 'openai-chat', request: {}, answer: bytes, streamed }).result;
}

test('passes the same bytes and reads the same answer however a stream is cut', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"usage":{', '[DONE]', '\n\n')));
  const cuts = fc.array(fc.nat(4_000));
  fc.assert(
    fc.property(texts, cuts, fc.boolean(), fc.constantFrom('\n', '\r\n'), (contents, places, dropUsage, line) => {
      const before = contents.map((text) => delta(text, { usage: null })).join('') + finish;
      const all = (before + usage + done).replaceAll('\n', line);
      const { text, tap } = through(cutAt(Buffer.from(all), places), dropUsage);
      expect(text).toBe(dropUsage ? all.replace(usage.replaceAll('\n', line), '') : all);
      expect(tap.answer().asSent).toBe(text === tap.answer().bytes.toString('utf8'));
      expect(tap.complete()).toBe(true);
      expect(tap.begun()).toBe(contents.some((content) => content !== ''));
      const { messages, usage: seen, finishReasons } = read(tap);
      expect(messages[0]?.parts).toEqual(
        contents.join('') === '' ? [] : [{ type: 'text', content: contents.join('') }],
      );
      expect(seen?.counts).toMatchObject({ inputUncached: 7, outputText: 2 });
      expect(finishReasons).toEqual(['stop']);
    }),
  );
});

test('a stream that is cut before its end is not complete, and what came is read', () => {
  const { tap } = through([Buffer.from(delta('half a'))], true);
  expect(tap.complete()).toBe(false);
  expect(read(tap).messages[0]?.parts).toEqual([{ type: 'text', content: 'half a' }]);
});

test('a text that speaks of the end of a stream does not end it', () => {
  const { tap } = through([Buffer.from(delta('they end with data: [DONE]\n\n'))], true);
  expect(tap.complete()).toBe(false);
});

test('a stream without its last line, or without its blank line, is complete when it said why it ended', () => {
  const { text, tap } = through([Buffer.from(`${delta('hi')}${finish.trimEnd()}`)], false);
  expect(text).toBe(`${delta('hi')}${finish.trimEnd()}`);
  expect(tap.complete()).toBe(true);
  const many = [delta('a'), finish, ...Array.from({ length: 9 }, () => ': ping\n\n')].map((piece) =>
    Buffer.from(piece),
  );
  expect(through(many, false).tap.complete()).toBe(true);
});

test('a failure inside of a stream is seen before content, and after it at the end', () => {
  const failed = event({ error: { message: 'overloaded', type: 'server_error' } });
  expect(through([Buffer.from(failed)], false).tap.failure()).toMatchObject({ message: 'overloaded' });
  const { tap } = through(
    [delta('a'), failed].map((piece) => Buffer.from(piece)),
    false,
  );
  expect(tap.complete()).toBe(false);
  expect(tap.failure()).toMatchObject({ message: 'overloaded' });
});

test('a whole answer is held until its end and passed in one piece', () => {
  const body = Buffer.from(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Grüße 👋' } }] }));
  const tap = new WholeAnswer({ dialect: 'openai-chat', translate: null });
  expect(cutAt(body, [10, 30]).map((piece) => tap.push(piece))).toEqual([null, null, null]);
  expect(tap.end()?.equals(body)).toBe(true);
  expect(tap.failure()).toBeNull();
});

test.each([
  ['<html>Bad gateway</html>', 'malformed'],
  ['{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}', 'rateLimited'],
])('a whole answer that is none is a failure: %s', (body, kind) => {
  const tap = new WholeAnswer({ dialect: 'openai-chat', translate: null });
  tap.push(Buffer.from(body));
  expect(tap.end()).toBeNull();
  expect(tap.failure()).toMatchObject({ kind });
});
