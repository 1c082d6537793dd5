import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanId, TraceId } from './ids.ts';
import { mediaIn, pointerTo, recordedMediaAt, recordedMediaUrl } from './recorded-media.ts';

const base64 = 'iVBORw0KGgo9'.repeat(100);

describe('media in a text', () => {
  it('are data URLs wherever they stand, and base64 that is all there is', () => {
    expect(mediaIn(base64)).toEqual([{ from: 0, to: base64.length, type: null, base64 }]);
    const text = `a data:image/PNG;charset=x;base64,${base64}== b`;
    expect(mediaIn(text)).toEqual([{ from: 2, to: text.length - 2, type: 'image/png', base64: `${base64}==` }]);
  });

  it.each([
    ['short', `data:image/png;base64,${base64.slice(0, 900)}`],
    ['a text', 'word '.repeat(1000)],
    ['one letter', 'a'.repeat(5000)],
    ['base64 with a word', `${base64} word`],
  ])('are not %s', (_, text) => {
    expect(mediaIn(text)).toEqual([]);
  });

  it('are found again where their address says, in any value', () => {
    const place = { traceId: 'a'.repeat(32) as TraceId, spanId: 'b'.repeat(16) as SpanId };
    const keys = fc.array(fc.oneof(fc.string(), fc.constantFrom('~1', '/', '~', '', '0')), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(keys, fc.nat(2), (path, nth) => {
        const one = `data:audio/wav;base64,${base64}`;
        const span = path.reduceRight<unknown>(
          (value, key) => Object.fromEntries([[key, value]]),
          [one, one, one].join(' '),
        );
        const pointer = path.reduce(pointerTo, '');
        const url = new URL(recordedMediaUrl({ ...place, pointer, nth }, { type: 'audio/wav', bytes: 1 }), 'http://a');
        expect(url.pathname).toBe(`/api/v1/attachments/${place.traceId}/${place.spanId}`);
        const at = recordedMediaAt(
          span as object,
          url.searchParams.get('at') ?? '',
          Number(url.searchParams.get('nth')),
        );
        expect(at).toEqual({ type: 'audio/wav', base64 });
      }),
    );
  });

  it.each(['', 'a', '/b', '/a/0', '/__proto__', '/constructor/name', '/a/length'])('are none at %j', (pointer) => {
    expect(recordedMediaAt({ a: 'text' }, pointer, 0)).toBeNull();
  });

  it('cost no more than their length, whatever stands there', () => {
    const hostile = `${'data:a;'.repeat(40_000)}${';base64,'.repeat(40_000)}${'data:x;a=b'.repeat(20_000)}`;
    expect(mediaIn(hostile)).toEqual([]);
  });
});
