import { readFileSync } from 'node:fs';
import { WheelhouseError } from '@wheelhouse/core/records';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { decodeTraces } from './otlp.ts';

const fixture = (name: string) => readFileSync(new URL(`../../testing/fixtures/otlp/${name}`, import.meta.url));
const captured = () => JSON.parse(fixture('ai-sdk-7-otel.traces.json').toString('utf8')).body;

/** The reflection library reads the same proto file, but shares no code with the generated decoder. */
const schema = protobuf.parse(readFileSync(new URL('./generated/otlp.proto', import.meta.url), 'utf8')).root;
const reflected = schema.lookupType('otlp.ExportTraceServiceRequest');
const base64 = (hex: unknown) => Buffer.from(String(hex ?? ''), 'hex').toString('base64');
type Loose = Record<string, unknown>;

function toProtobuf(request: { resourceSpans: { scopeSpans: { spans: Loose[] }[] }[] }): Uint8Array {
  const copy = structuredClone(request);
  for (const { scopeSpans } of copy.resourceSpans)
    for (const { spans } of scopeSpans)
      for (const span of spans)
        Object.assign(span, {
          traceId: base64(span.traceId),
          spanId: base64(span.spanId),
          parentSpanId: base64(span.parentSpanId),
        });
  return reflected.encode(reflected.fromObject(copy)).finish();
}

const json = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const good = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'good',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};
const request = (...spans: Loose[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const one = (span: object) => {
  const { spans, rejected } = decodeTraces(json(request({ ...good, ...span })), 'json');
  expect(rejected).toEqual([]);
  const [decoded] = spans;
  if (!decoded) throw new Error('no span');
  return decoded;
};

describe('decodeTraces', () => {
  it('gives equal spans for the same export in JSON and in protobuf', () => {
    const body = captured();
    expect(decodeTraces(toProtobuf(body), 'protobuf')).toEqual(decodeTraces(json(body), 'json'));
    expect(decodeTraces(json(body), 'json').spans).toHaveLength(14);
  });

  it('reads every kind of value, and writes as text what JSON cannot write', () => {
    const values: [object, unknown][] = [
      [{ stringValue: '' }, ''],
      [{ boolValue: false }, false],
      [{ intValue: '42' }, 42],
      [{ intValue: -7 }, -7],
      [{ intValue: '9223372036854775807' }, '9223372036854775807'],
      [{ intValue: { low: -1, high: 0, unsigned: false } }, 4294967295],
      [{ doubleValue: 1.5 }, 1.5],
      [{ doubleValue: 'NaN' }, 'NaN'],
      [{ doubleValue: '-Infinity' }, '-Infinity'],
      [{ bytesValue: 'AQID' }, 'AQID'],
      [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: 'x' }] } }, [1, 'x']],
      [{ arrayValue: {} }, []],
      [{ kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }, { k: true }],
      [{}, null],
      [{ unknownValue: 1 }, null],
    ];
    const attributes = values.map(([value], i) => ({ key: `a${i}`, value }));
    const wanted = Object.fromEntries(values.map(([, value], i) => [`a${i}`, value]));
    expect(one({ attributes }).attributes).toEqual(wanted);
    const known = values.slice(0, -1).map(([value], i) => ({ key: `a${i}`, value }));
    const [span] = decodeTraces(toProtobuf(request({ ...good, attributes: known })), 'protobuf').spans;
    expect(span?.attributes).toEqual(Object.fromEntries(Object.entries(wanted).slice(0, -1)));
  });

  it('keeps 64-bit times exact, as text and as numbers beyond 2^53', () => {
    expect(one({ startTimeUnixNano: '1795225214124000001', endTimeUnixNano: '1795225214124000003' })).toMatchObject({
      startNs: 1795225214124000001n,
      endNs: 1795225214124000003n,
    });
    const text = JSON.stringify(request({ ...good, attributes: [{ key: 'i', value: { intValue: '#' } }] }))
      .replace('"startTimeUnixNano":"1"', '"startTimeUnixNano" : 1795225214124000001')
      .replace('"endTimeUnixNano":"2"', '"endTimeUnixNano":1795225214124000003')
      .replace('"#"', '9223372036854775806');
    const [span] = decodeTraces(json(text), 'json').spans;
    expect([span?.startNs, span?.endNs, span?.attributes.i]).toEqual([
      1795225214124000001n,
      1795225214124000003n,
      '9223372036854775806',
    ]);
  });

  it('leaves text alone that looks like such a number', () => {
    const attributes = [
      { key: 'a', value: { stringValue: '{"intValue":1234567890123456789,"x\\"intValue\\":1234567890123456789}' } },
    ];
    expect(one({ attributes }).attributes.a).toBe(attributes[0]?.value.stringValue);
  });

  it('takes ids in base64 as other protobuf JSON writers write them', () => {
    expect(one({ traceId: base64('c'.repeat(32)), spanId: base64('d'.repeat(16)) })).toMatchObject({
      traceId: 'c'.repeat(32),
      spanId: 'd'.repeat(16),
    });
  });

  it('gives an unfinished span no end, and one that ends before it starts no length', () => {
    expect(one({ endTimeUnixNano: '0' }).endNs).toBeNull();
    expect(one({ endTimeUnixNano: undefined }).endNs).toBeNull();
    expect(one({ startTimeUnixNano: '9', endTimeUnixNano: '8' })).toMatchObject({ startNs: 9n, endNs: 9n });
  });

  it('rejects single spans with their reason and keeps the others', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { stringValue: 'x' } : { arrayValue: { values: [nested(depth - 1)] } };
    const { spans, rejected } = decodeTraces(
      json(
        request(
          { ...good, name: 'short id', traceId: 'abc' },
          { ...good, name: 'zero id', spanId: '0'.repeat(16) },
          { ...good, name: 'no start', startTimeUnixNano: 0 },
          { ...good, name: 'far', startTimeUnixNano: '18446744073709551615' },
          { ...good, name: 'deep', attributes: [{ key: 'd', value: nested(70) }] },
          good,
        ),
      ),
      'json',
    );
    expect(spans.map((span) => span.name)).toEqual(['good']);
    expect(rejected.map(({ name, reason }) => ({ name, reason }))).toEqual([
      { name: 'short id', reason: 'traceId takes 16 bytes, not all zero' },
      { name: 'zero id', reason: 'spanId takes 8 bytes, not all zero' },
      { name: 'no start', reason: 'startTimeUnixNano is missing' },
      { name: 'far', reason: 'startTimeUnixNano is out of range' },
      { name: 'deep', reason: 'an attribute is nested deeper than 64 levels' },
    ]);
  });

  it('makes an attribute named __proto__ an attribute', () => {
    const { attributes } = one({
      attributes: [
        { key: '__proto__', value: { kvlistValue: { values: [{ key: 'polluted', value: { intValue: 1 } }] } } },
      ],
    });
    expect(Object.keys(attributes)).toEqual(['__proto__']);
    expect('polluted' in attributes).toBe(false);
  });

  it('is not broken by halves of an integer that are none', () => {
    const attributes = [{ key: 'i', value: { intValue: { low: 1.5, high: 2.5 } } }];
    expect(one({ attributes }).attributes.i).toBe(8589934593);
  });

  it('accepts an empty export', () => {
    for (const body of ['{}', '{"resourceSpans":[]}', '{"resourceSpans":null,"later":1}'])
      expect(decodeTraces(json(body), 'json')).toEqual({ spans: [], rejected: [] });
    expect(decodeTraces(new Uint8Array(), 'protobuf')).toEqual({ spans: [], rejected: [] });
  });

  it.each([
    ['not JSON', '{"resourceSpans":', 'invalid_json'],
    ['a list', '[]', 'invalid_json'],
    ['spans that are no list', '{"resourceSpans":{}}', 'invalid_json'],
  ])('refuses %s with a hint', (_, body, code) => {
    expect(() => decodeTraces(json(body), 'json')).toThrow(
      expect.objectContaining({ code, hint: expect.stringContaining('ExportTraceServiceRequest') }),
    );
  });

  it('tells an export of another signal, in JSON by its name and in protobuf by its shape', () => {
    const metrics = JSON.stringify(JSON.parse(fixture('ai-sdk-7-otel.metrics.json').toString('utf8')).body);
    const wrong = (signal: string) =>
      expect.objectContaining({
        code: 'invalid_request',
        message: `This is an export of ${signal}; this path takes traces only.`,
        hint: expect.stringContaining(`/v1/${signal}`),
      });
    expect(() => decodeTraces(json(metrics), 'json')).toThrow(wrong('metrics'));
    const encode = (type: string, value: object) => {
      const found = schema.lookupType(`otlp.${type}`);
      return found.encode(found.fromObject(value)).finish();
    };
    const logs = encode('ExportLogsServiceRequest', {
      resourceLogs: [
        { scopeLogs: [{ logRecords: [{ timeUnixNano: '1795225672711000000', body: { stringValue: 'hi' } }] }] },
      ],
    });
    expect(() => decodeTraces(logs, 'protobuf')).toThrow(wrong('logs'));
    const gauge = { name: 'queue.length', gauge: { dataPoints: [{}] } };
    const points = encode('ExportMetricsServiceRequest', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge] }] }],
    });
    expect(() => decodeTraces(points, 'protobuf')).toThrow(wrong('metrics'));
  });

  it('refuses spans of a clock that is years off, when it knows what time it is', () => {
    const latestNs = 1_795_311_614_000_000_000n;
    const at = (startTimeUnixNano: string, endTimeUnixNano = startTimeUnixNano) =>
      decodeTraces(json(request({ ...good, startTimeUnixNano, endTimeUnixNano })), 'json', { latestNs });
    expect(at('1795225214000000000').spans).toHaveLength(1);
    expect(at('1300000000000000000').spans).toHaveLength(1);
    for (const [start, end] of [
      ['1795400000000000000'],
      ['1795225214000000000', '3000000000000000000'],
      ['86400000000000'],
    ])
      expect(at(start ?? '', end).rejected).toMatchObject([
        { reason: expect.stringMatching(/ahead of|before the year/) },
      ]);
  });

  it('rejects a span with 100,000 attributes, and keeps one with as many as a long conversation has', () => {
    const attributes = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        key: `llm.input_messages.${i}.message.content`,
        value: { stringValue: 'x' },
      }));
    const { spans, rejected } = decodeTraces(
      json(request({ ...good, attributes: attributes(100_000) }, { ...good, attributes: attributes(10_000) })),
      'json',
    );
    expect(rejected).toMatchObject([{ reason: 'it has more than 20,000 attributes' }]);
    expect(spans).toHaveLength(1);
  });

  it('refuses text that is not UTF-8, and protobuf that is cut', () => {
    expect(() => decodeTraces(Buffer.from([0x7b, 0xff, 0x7d]), 'json')).toThrow(
      expect.objectContaining({ code: 'invalid_json' }),
    );
    const bytes = Buffer.from(toProtobuf(request({ ...good, name: 'caf__' })));
    bytes.set([0xc3, 0x28], bytes.indexOf('caf__') + 3);
    expect(() => decodeTraces(bytes, 'protobuf')).toThrow(
      expect.objectContaining({ code: 'invalid_protobuf', message: expect.stringContaining('utf-8') }),
    );
    const whole = fixture('ai-sdk-7-otel.traces.bin');
    expect(() => decodeTraces(whole.subarray(0, 1000), 'protobuf')).toThrow(
      expect.objectContaining({ code: 'invalid_protobuf' }),
    );
  });

  it('refuses protobuf that is nested without end', () => {
    let value: Uint8Array = Buffer.from([0x0a, 0x01, 0x78]);
    const wrap = (tag: number, inner: Uint8Array) => protobuf.Writer.create().uint32(tag).bytes(inner).finish();
    for (let i = 0; i < 200; i++) value = wrap(0x2a, wrap(0x0a, value));
    const attribute = wrap(0x12, value);
    const body = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x4a, attribute))));
    expect(() => decodeTraces(body, 'protobuf')).toThrow(expect.objectContaining({ code: 'invalid_protobuf' }));
  });

  it('throws nothing but a WheelhouseError, whatever the bytes are', () => {
    const harmless = (body: Uint8Array, encoding: 'json' | 'protobuf') => {
      try {
        decodeTraces(body, encoding);
      } catch (error) {
        expect(error).toBeInstanceOf(WheelhouseError);
      }
    };
    const whole = fixture('ai-sdk-7-otel.traces.bin');
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([i, byte]) => {
      const copy = Buffer.from(whole);
      copy[i] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (bytes) => harmless(bytes, 'protobuf')),
    );
    const key = fc.constantFrom(
      'resourceSpans',
      'scopeSpans',
      'spans',
      'attributes',
      'key',
      'value',
      'intValue',
      'doubleValue',
      'arrayValue',
      'values',
      'startTimeUnixNano',
      'status',
      'code',
      'events',
      'traceId',
      'low',
      'high',
    );
    const loose = fc.object({
      key,
      maxDepth: 5,
      maxKeys: 4,
      values: [fc.string(), fc.double(), fc.integer(), fc.constant(null), fc.boolean()],
    });
    const nearly = loose.map((span) => request({ ...good, ...span }));
    fc.assert(
      fc.property(fc.oneof(loose, nearly, fc.jsonValue()), (value) => harmless(json(JSON.stringify(value)), 'json')),
    );
  });
});
