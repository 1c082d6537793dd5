import type { ProjectId, SpanId, TraceId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallFacts } from './call-span.ts';
import { noControl } from './control-headers.ts';
import { EndedCall, type Followed } from './ended-call.ts';
import { readRecording, recordingOf } from './recorded-call.ts';

const prices = { find: () => null };
const text = fc.oneof(fc.string(), fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', 'a"b\\c'));
const orNull = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: null });
const object = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  text,
);
const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const ns = fc.bigInt({ min: 0n, max: 2n ** 62n });
const traceId = hex(32).map((id) => id as TraceId);
const spanId = hex(16).map((id) => id as SpanId);
const dialect = fc.constantFrom<'openai-chat' | 'anthropic-messages'>('openai-chat', 'anthropic-messages');

const control = fc.record({
  ...{ tags: fc.array(text), user: orNull(text), session: orNull(text), metadata: object },
  ...{ cache: orNull(text), deadlineMs: orNull(fc.nat()) },
});
const attempt = fc.record({
  ...{ target: text, key: orNull(text), hedge: fc.boolean(), startMs: fc.nat(), endMs: fc.nat(), status: fc.nat(599) },
  failure: orNull(fc.record({ kind: fc.constant('cut' as const), message: text })),
});
const facts: fc.Arbitrary<CallFacts> = fc.record({
  ...{ operation: fc.constant('chat' as const), streamed: fc.boolean(), user: orNull(text), session: orNull(text) },
  ...{ metadata: object, traceId, spanId, parentSpanId: orNull(spanId), startNs: ns, firstTokenNs: orNull(ns) },
  by: fc.constant({ project: 'p' as ProjectId }),
  model: fc.record({
    ...{ ref: text, route: orNull(text) },
    registered: orNull(fc.record({ name: text, version: fc.nat(), alias: orNull(text) })),
  }),
  run: fc.constant(null),
  userAgent: orNull(text),
  control: fc.oneof(fc.constant(noControl), control),
  ...{ provider: text, vendorModel: text, status: fc.nat(599), attempts: fc.array(attempt, { maxLength: 2 }) },
  origin: fc.constantFrom('vendor', 'hit', 'shared'),
  asked: fc.record({
    ...{ dialect, text: fc.constant('{}'), body: fc.constant({}) },
    input: orNull(object),
  }),
});
const end = fc.record({
  ...{ endNs: ns, error: orNull(text) },
  answer: fc.record({
    ...{ dialect: orNull(dialect), bytes: fc.constant(Buffer.from('{}')), streamed: fc.boolean() },
    ...{ cut: fc.boolean(), asSent: fc.boolean() },
  }),
});
const followed: fc.Arbitrary<Followed> = fc.record({
  ...{ traceId, spanId, parentSpanId: orNull(spanId), startNs: ns, endNs: ns, run: fc.constant(null) },
  ...{ tags: fc.array(text), userId: orNull(text), sessionId: orNull(text), metadata: object, left: orNull(text) },
});

describe('a call that is read in another process', () => {
  it('is the call that it was, whatever stands in it', () => {
    fc.assert(
      fc.property(facts, end, orNull(followed), (givenFacts, givenEnd, follows) => {
        const call = new EndedCall({ facts: givenFacts, end: givenEnd }, prices);
        const own = follows === null ? call : call.for(follows);
        const recording = recordingOf(own);
        expect(readRecording(recording, prices)).toEqual(own.span());
      }),
    );
  });
});
