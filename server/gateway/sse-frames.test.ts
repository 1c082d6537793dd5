import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseSplitter } from './sse-frames.ts';

const stream = Buffer.from(
  ': ping\n\ndata: {"a":"é😀"}\n\nevent: x\r\ndata: one\r\ndata: two\r\n\r\ndata:{"no":"space"}\n\n\ndata: [DONE]\n\ndata: rest',
);
const read = (chunks: Buffer[]) => {
  const splitter = createSseSplitter();
  const frames = chunks
    .flatMap((chunk) => splitter.push(chunk))
    .map((f) => ({ bytes: f.bytes.toString(), data: f.data }));
  return { frames, rest: splitter.rest().toString() };
};

describe('cutting a stream into events', () => {
  it('finds the same events wherever the bytes are split', () => {
    const whole = read([stream]);
    expect(whole.frames.map((f) => f.data)).toEqual([null, '{"a":"é😀"}', 'one\ntwo', '{"no":"space"}', '[DONE]']);
    for (let i = 0; i <= stream.length; i++) expect(read([stream.subarray(0, i), stream.subarray(i)])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 60 }), (sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(read([...chunks, stream.subarray(at)])).toEqual(whole);
      }),
    );
  });

  it('loses no byte', () => {
    const { frames, rest } = read([stream]);
    expect(frames.map((f) => f.bytes).join('') + rest).toBe(stream.toString());
  });
});
