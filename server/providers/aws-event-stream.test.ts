import { crc32 } from 'node:zlib';
import type { ForwardSink } from '@wheelhouse/core/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asServerSentEvents } from './aws-event-stream.ts';

/** A message as AWS frames it: all headers are texts. */
function frame(headers: Record<string, string>, payload: string): Buffer {
  const parts = Object.entries(headers).map(([name, value]) => {
    const text = Buffer.from(value);
    const head = Buffer.alloc(1 + name.length + 3);
    head.writeUInt8(name.length, 0);
    head.write(name, 1);
    head.writeUInt8(7, 1 + name.length);
    head.writeUInt16BE(text.length, 2 + name.length);
    return Buffer.concat([head, text]);
  });
  const body = Buffer.concat([...parts, Buffer.from(payload)]);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(body.length + 16, 0);
  prelude.writeUInt32BE(body.length - Buffer.byteLength(payload), 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(Buffer.concat([prelude, body])), 0);
  return Buffer.concat([prelude, body, end]);
}

const event = (type: string, payload: object) =>
  frame(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );

/** What a caller sees of these pieces, and what was said when it went wrong. */
function play(pieces: Uint8Array[], type = 'application/vnd.amazon.eventstream') {
  let text = '';
  const told: string[] = [];
  const inner: ForwardSink = {
    onHeaders: (status, headers) => void told.push(`${status} ${headers['content-type']}`),
    onData: (chunk) => {
      text += Buffer.from(chunk).toString('utf8');
      return true;
    },
    onEnd: () => void told.push('end'),
    onError: (error) => void told.push((error as Error & { code: string }).code),
  };
  const sink = asServerSentEvents(inner, (error) => inner.onError(error));
  sink.onHeaders(200, { 'content-type': type });
  for (const piece of pieces) sink.onData(piece);
  if (!told.includes('upstream_failed')) sink.onEnd();
  return { text, told };
}

const cutAt = (bytes: Buffer, places: number[]): Buffer[] => {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length));
};

const hello = [
  event('messageStart', { role: 'assistant' }),
  event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüße\n' } }),
  event('messageStop', { stopReason: 'end_turn' }),
];
const helloText =
  'event: messageStart\ndata: {"role":"assistant"}\n\n' +
  'event: contentBlockDelta\ndata: {"contentBlockIndex":0,"delta":{"text":"Grüße\\n"}}\n\n' +
  'event: messageStop\ndata: {"stopReason":"end_turn"}\n\n';

describe('the event stream of AWS', () => {
  it('becomes the same server-sent events however its bytes are cut', () => {
    const bytes = Buffer.concat(hello);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
        const { text, told } = play(cutAt(bytes, places));
        expect(text).toBe(helloText);
        expect(told).toEqual(['200 text/event-stream', 'end']);
      }),
    );
    expect(play([...bytes].map((byte) => Uint8Array.of(byte))).text).toBe(helloText);
  });

  it('tells exceptions by their own names, and errors too', () => {
    const exception = frame(
      { ':message-type': 'exception', ':exception-type': 'throttlingException', ':content-type': 'application/json' },
      '{"message":"Slow down"}',
    );
    const error = frame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'Oh' }, '');
    expect(play([exception, error]).text).toBe(
      'event: throttlingException\ndata: {"message":"Slow down"}\n\nevent: InternalFailure\ndata: {"message":"Oh"}\n\n',
    );
  });

  it('refuses bytes that were damaged, anywhere', () => {
    const bytes = Buffer.concat(hello);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        const { text, told } = play([damaged]);
        expect(told.at(-1)).toMatch(/^upstream_(failed|cut)$/);
        expect(helloText.startsWith(text)).toBe(true);
      }),
    );
  });

  it('says that it was cut in the middle of a message', () => {
    expect(play([Buffer.concat(hello).subarray(0, -1)]).told.at(-1)).toBe('upstream_cut');
  });

  it('leaves every other answer as it is', () => {
    expect(play([Buffer.from('{"a":1}')], 'application/json')).toEqual({
      text: '{"a":1}',
      told: ['200 application/json', 'end'],
    });
  });
});
