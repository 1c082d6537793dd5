import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  contentHash,
  formatDuration,
  formatUsd,
  msToNanos,
  newId,
  parseTraceparent,
  preview,
} from './index.ts';

describe('records', () => {
  it('keep times to the nanosecond, of milliseconds since 1970 as well', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (ms) => msToNanos(ms) === BigInt(ms) * 1_000_000n));
    expect([msToNanos(0.5), msToNanos(-1.25), msToNanos(1_795_340_889_365.5)]).toEqual([
      ...[500_000n, -1_250_000n, 1_795_340_889_365_500_000n],
    ]);
  });

  it('gives equal JSON values equal canonical text, in any order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const shuffled = Object.fromEntries(Object.entries(object).reverse());
        const plain = JSON.parse(JSON.stringify(object));
        expect(canonicalJson(JSON.parse(JSON.stringify(shuffled)))).toBe(canonicalJson(plain));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      }),
    );
    expect(contentHash({ b: 1, a: [true, null] })).toBe(contentHash({ a: [true, null], b: 1 }));
  });

  it('hashes as SHA-256 does', () => {
    expect(contentHash('abc')).toBe('6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25');
  });

  it('makes ids that sort by time', () => {
    const ids = [0, 1, 31, 32, 1024, 1_700_000_000_000, 1_800_000_000_000].map((ms) =>
      newId('ex', ms, new Uint8Array(5)),
    );
    expect([...ids].sort()).toEqual(ids);
    expect(newId('run', 1_700_000_000_000, new Uint8Array([255, 255, 255, 255, 255]))).toMatch(
      /^run_[0-9a-z]{9}zzzzzzzz$/,
    );
  });

  it('reads a traceparent as W3C Trace Context says, and nothing else', () => {
    const ok = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(parseTraceparent(ok)).toEqual({ traceId: ok.slice(3, 35), spanId: ok.slice(36, 52), sampled: true });
    for (const bad of [
      '',
      '00-0-0-0',
      ok.replace('4bf9', 'XXXX'),
      `ff${ok.slice(2)}`,
      `${ok}-more`,
      ok.replace(/[1-9a-f]/g, '0'),
    ])
      expect(parseTraceparent(bad)).toBeNull();
    expect(parseTraceparent(`01${ok.slice(2)}-more`)).not.toBeNull();
  });

  it('writes money and time for people', () => {
    expect([null, 0n, 1_240_000n, 1_353_000_000n, -37_500n, 12n].map(formatUsd)).toEqual([
      '?',
      '$0',
      '$0.00124',
      '$1.35',
      '−$0.0000375',
      '$0.000000012',
    ]);
    expect(
      [400_000n, 8_400_000n, 212_000_000n, 2_310_000_000n, 64_000_000_000n, 7_440_000_000_000n].map(formatDuration),
    ).toEqual(['0.40 ms', '8.4 ms', '212 ms', '2.31 s', '1m04s', '2h04m']);
  });

  it('cuts a preview on one line and never inside a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 1, max: 100 }), (text, length) => {
        const cut = preview(text, length);
        expect(cut.length).toBeLessThanOrEqual(length);
        expect(cut).not.toMatch(/\n|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
      }),
    );
  });
});
