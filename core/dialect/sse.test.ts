import { cutBytes, someCuts } from '@wheelhouse/testing/dialects';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSseParser, readSseEvents, sseFrame } from './sse.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function readInPieces(bytes: Uint8Array, cuts: readonly number[]) {
  const parser = createSseParser();
  return [...cutBytes(bytes, cuts).flatMap((piece) => parser.push(piece)), ...parser.end()];
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
  fc.constantFrom('', ' ', ':', 'é👩‍👩‍👧', 'data: x', '[DONE]', '\u2028\u0085', '\uFEFF'),
);
const line = fc.oneof(
  value.map((text) => `data: ${text}`),
  value.map((text) => `data:${text}`),
  value.map((text) => `event: ${text}`),
  value.map((text) => `: ${text}`),
  fc.constantFrom('data', 'id: 7', 'retry: 100', '', 'unknown: x', '\uFEFFdata: x'),
);
const stream = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 12 })
  .map((lines) => lines.map(([text, end]) => text + end).join(''));

it('reads the same events however the bytes are cut', () => {
  fc.assert(
    fc.property(stream, someCuts, (text, cuts) => {
      const bytes = bytesOf(text);
      expect(readInPieces(bytes, cuts)).toEqual(readSseEvents(bytes));
      expect(readInPieces(bytes, [1])).toEqual(readSseEvents(bytes));
    }),
    { numRuns: 300 },
  );
});

it('reads the same events whichever line ends a vendor uses', () => {
  const text = 'event: a\ndata: {"x":1}\ndata: 2\n\n: ping\n\ndata: [DONE]\n\n';
  const events = [
    { event: 'a', data: '{"x":1}\n2' },
    { event: null, data: '[DONE]' },
  ];
  for (const end of ['\n', '\r\n', '\r']) expect(readSseEvents(bytesOf(text.replaceAll('\n', end)))).toEqual(events);
});

it('passes over a byte order mark, comments, other fields, and events without data', () => {
  const text = '\uFEFFdata: 1\n\n: comment\nid: 3\nretry: 10\n\nevent: lonely\n\ndata:2\n\ndata\n\n';
  expect(readSseEvents(bytesOf(text)).map(({ event, data }) => [event, data])).toEqual([
    [null, '1'],
    [null, '2'],
    [null, ''],
  ]);
});

it('gives the last event though its blank line, or even its line end, never came', () => {
  expect(readSseEvents(bytesOf('data: 1\n\ndata: 2\n'))).toHaveLength(2);
  expect(readSseEvents(bytesOf('data: 1\n\ndata: 2')).at(-1)).toEqual({ event: null, data: '2' });
});

it('reads an event of a megabyte that comes byte by byte, and keeps no bytes that are not its own', () => {
  const data = 'é'.repeat(1 << 18);
  const bytes = bytesOf(sseFrame(data, 'big'));
  const parser = createSseParser();
  const shared = new Uint8Array(1);
  const events = [...bytes].flatMap((byte) => {
    shared[0] = byte;
    return parser.push(shared);
  });
  expect(events).toEqual([{ event: 'big', data }]);
});
