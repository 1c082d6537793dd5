import { createChatFold } from '@wheelhouse/core/trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStreamTap, createWholeTap, readAnswer } from './chat-tap.ts';

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
  const tap = createStreamTap({ dropUsage });
  const passed = pieces.flatMap((piece) => tap.push(piece));
  passed.push(...tap.end());
  return { text: Buffer.concat(passed).toString('utf8'), tap };
}

test('passes the same bytes and reads the same answer however a stream is cut', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"usage":{', '[DONE]', '\n\n')));
  const cuts = fc.array(fc.nat(4_000));
  fc.assert(
    fc.property(texts, cuts, fc.boolean(), fc.constantFrom('\n', '\r\n'), (contents, places, dropUsage, line) => {
      const before = contents.map((text) => delta(text, { usage: null })).join('') + finish;
      const all = (before + usage + done).replaceAll('\n', line);
      const { text, tap } = through(cutAt(Buffer.from(all), places), dropUsage);
      const wanted = dropUsage ? all.replace(usage.replaceAll('\n', line), '') : all;
      expect(text).toBe(wanted);
      expect(tap.complete()).toBe(true);
      expect(tap.begun()).toBe(contents.some((content) => content !== ''));
      const { messages, usage: seen, finishReasons } = readAnswer(tap.answer());
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
  expect(readAnswer(tap.answer()).messages[0]?.parts).toEqual([{ type: 'text', content: 'half a' }]);
});

test('a text that speaks of the end of a stream does not end it', () => {
  const { tap } = through([Buffer.from(delta('they end with data: [DONE]\n\n'))], true);
  expect(tap.complete()).toBe(false);
});

test('an end without its blank line is passed on and read', () => {
  const { text, tap } = through([Buffer.from(`${delta('hi')}${finish.trimEnd()}`)], false);
  expect(text).toBe(`${delta('hi')}${finish.trimEnd()}`);
  expect(tap.complete()).toBe(true);
});

test('a whole answer is held until its end and passed in one piece', () => {
  const body = Buffer.from(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Grüße 👋' } }] }));
  const tap = createWholeTap();
  expect(cutAt(body, [10, 30]).flatMap((piece) => tap.push(piece))).toEqual([]);
  expect(Buffer.concat(tap.end()).equals(body)).toBe(true);
  expect(readAnswer(tap.answer()).messages[0]?.parts).toEqual([{ type: 'text', content: 'Grüße 👋' }]);
});

test('reads a stream as if each chunk were parsed by itself, however alike they are', () => {
  const text = fc.oneof(fc.constantFrom('', ' a', '"', '\\', '"content":"', '\n', '\u2028', '\u0000'), fc.string());
  const oneDelta = fc.oneof(
    text.map((content) => ({ content })),
    text.map((content) => ({ content, role: 'assistant' })),
    text.map((content) => ({ reasoning_content: content, content: null })),
    text.map((content) => ({ content: [{ type: 'text', content, text: content }] })),
  );
  const chunk = fc.record({
    id: fc.constantFrom('c1', '"content":'),
    choices: fc.array(fc.record({ index: fc.nat(1), delta: oneDelta }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const fold = createChatFold();
      for (const one of chunks) fold.chunk(one);
      const bytes = Buffer.from(chunks.map((one) => event(one)).join(''));
      expect(readAnswer({ bytes, streamed: true })).toEqual(fold.result());
    }),
    { numRuns: 500 },
  );
});

test('is not misled by a `content` that is not the text of a choice', () => {
  const chunk = (note: string) => event({ note: { content: note }, choices: [{ index: 0, delta: { content: 'a' } }] });
  const { messages } = readAnswer({ bytes: Buffer.from(chunk('a') + chunk('b')), streamed: true });
  expect(messages[0]?.parts).toEqual([{ type: 'text', content: 'aa' }]);
});
