import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanIdOfClient, traceIdOfClient } from './client-ids.ts';
import { parseSpanId, parseTraceId } from './ids.ts';

describe('ids of clients', () => {
  it('keep what is an id already', () => {
    expect(traceIdOfClient('E2D24E3B34B42FC347BB33237A2FE412')).toBe('e2d24e3b34b42fc347bb33237a2fe412');
    expect(spanIdOfClient('DDDDF80974E6C0D2')).toBe('ddddf80974e6c0d2');
  });

  it('take the dashes out of the UUID of a trace', () => {
    expect(traceIdOfClient('01A1FBC9-e4b2-7000-8000-0088b0c9816a')).toBe('01a1fbc9e4b2700080000088b0c9816a');
  });

  it('hash a text as SHA-256, which is what Langfuse makes of a seed', () => {
    expect(traceIdOfClient('abc')).toBe('ba7816bf8f01cfea414140de5dae2223');
    expect(spanIdOfClient('abc')).toBe('ba7816bf8f01cfea');
  });

  it('part runs of one millisecond, and take a UUID in any case for the same', () => {
    const [one, two] = ['01a1fbc9-e4b2-7000-8000-0088b0c9816a', '01a1fbc9-e4b2-7000-8000-0088b0c9816b'];
    expect(spanIdOfClient(one)).not.toBe(spanIdOfClient(two));
    expect(spanIdOfClient(one.toUpperCase())).toBe(spanIdOfClient(one));
  });

  it('unwrap the span id in a UUID of LangSmith on OpenTelemetry', () => {
    expect(spanIdOfClient('00000000-0000-0000-1067-0cfe4328ad98')).toBe('10670cfe4328ad98');
  });

  it('are ids whatever the text is, and stay what they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.uuid(), fc.constant('0'.repeat(32)), fc.constant('0'.repeat(16))),
        (text) => {
          const [trace, span] = [traceIdOfClient(text), spanIdOfClient(text)];
          expect([parseTraceId(trace), parseSpanId(span)]).toEqual([trace, span]);
          expect([traceIdOfClient(trace), spanIdOfClient(span)]).toEqual([trace, span]);
        },
      ),
    );
  });
});
