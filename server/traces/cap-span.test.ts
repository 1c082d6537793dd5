import type { SpanBody } from '@wheelhouse/core/contract';
import { schemas } from '@wheelhouse/core/contract';
import { recordedMediaAt } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { cappedContent, capSpan } from './cap-span.ts';
import { spanBody } from './wire.ts';

const bare: SpanBody = spanBody(bareSpan(freshTraceId(), spanIdOf(1)));
const said = (...texts: string[]): SpanBody['input'] => ({
  type: 'messages',
  messages: texts.map((content) => ({ role: 'user', parts: [{ type: 'text', content }] })),
});
const sizeOf = (span: SpanBody) => JSON.stringify(span).length;

describe('a span with a cap', () => {
  it('is untouched without a cap, and where everything fits', () => {
    const span = { ...bare, input: said('hello') };
    expect(capSpan(span, undefined)).toBe(span);
    expect(capSpan(span, 1000)).toBe(span);
  });

  it('keeps the newest messages and says how much it left out', () => {
    const span = { ...bare, input: said('old '.repeat(1000), 'new') };
    const { input, leftOut } = capSpan(span, 100);
    expect(input).toMatchObject({
      messages: [{ parts: [{ content: expect.stringMatching(/^(old )+/) }] }, { parts: [{ content: 'new' }] }],
    });
    expect(leftOut).toBe(4000 - 97);
    expect(capSpan({ ...bare, input: said('lost', 'x y '.repeat(100)) }, 100).input).toMatchObject({
      messages: [{ parts: [{ content: expect.stringContaining('[300 more characters]') }] }],
    });
  });

  describe('puts an address in the place of base64', () => {
    const bytes = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 37) % 256));
    const base64 = bytes.toString('base64');
    const url = `data:image/png;base64,${base64}`;
    const address = /\/api\/v1\/attachments\/[^\s)"]+/g;
    /** Every address in the capped span, with the bytes that the whole one has there. */
    function resolve(span: SpanBody, cap = 1000) {
      const capped = capSpan(span, cap);
      const found = JSON.stringify(capped).match(address) ?? [];
      return found.map((text) => {
        const { pathname, searchParams } = new URL(text, 'http://localhost');
        expect(pathname).toBe(`/api/v1/attachments/${span.traceId}/${span.spanId}`);
        const [at, nth] = [searchParams.get('at') ?? '', Number(searchParams.get('nth') ?? 0)];
        const media = recordedMediaAt(span, at, nth);
        expect([media?.type, searchParams.get('bytes')]).toEqual([searchParams.get('type'), '30000']);
        return { type: media?.type, isSame: media?.base64 === base64 };
      });
    }

    it('in JSON, in parts of messages, in the middle of a text, and many times in one', () => {
      const other = (value: Record<string, unknown>) => ({ type: 'other' as const, value });
      const parts = [
        { type: 'text' as const, content: `look: ![a](${url}) and ![b](${url}).` },
        other({ type: 'image_url', image_url: { url } }),
        other({ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: base64 } }),
        other({ type: 'input_audio', input_audio: { data: base64, format: 'wav' } }),
        other({ 'a/b~c': [base64] }),
      ];
      const span: SpanBody = {
        ...bare,
        input: { type: 'messages', messages: [{ role: 'user', parts }] },
        output: { type: 'json', value: url },
      };
      const found = resolve(span, 2000);
      expect(found.every(({ isSame }) => isSame)).toBe(true);
      expect(found.map(({ type }) => type)).toEqual([
        ...['image/png', 'image/png', 'image/png', 'image/jpeg', 'audio/wav', 'application/octet-stream', 'image/png'],
      ]);
      const capped = capSpan(span, 2000);
      expect([capped.leftOut, JSON.stringify(capped).length < 4000]).toEqual([undefined, true]);
      expect(capSpan(span, undefined)).toBe(span);
    });

    it('whole, however little room is left, and under the number that a message has in the span', () => {
      const said = (text: string) => ({ role: 'user', parts: [{ type: 'text' as const, content: text }] });
      const span: SpanBody = { ...bare, input: { type: 'messages', messages: [said('old'), said(url)] } };
      expect(resolve(span, 10)).toEqual([{ type: 'image/png', isSame: true }]);
      const [old, ...fresh] = span.input?.type === 'messages' ? span.input.messages : [];
      expect(old).toBeDefined();
      const place = { span, side: 'input', from: 1 } as const;
      expect(JSON.stringify(cappedContent({ type: 'messages', messages: fresh }, 100, place))).toContain(
        'at=%2Finput%2Fmessages%2F1%2Fparts%2F0%2Fcontent',
      );
    });
  });

  it('stays small and in form whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ maxLength: 5000, unit: 'grapheme' }), (value, text) => {
        const span = { ...bare, input: said(text, text), output: { type: 'json' as const, value: [value, text] } };
        const capped = capSpan(span, 200);
        expect(schemas.spanDetail.safeParse(capped).success).toBe(true);
        // Three budgets, a note for each thing that was cut, and escapes of odd characters.
        expect(sizeOf(capped)).toBeLessThan(sizeOf(bare) + 6 * 3 * 400);
      }),
    );
  });

  it('does not run out of stack', () => {
    let value: unknown = 1;
    for (let i = 0; i < 50_000; i++) value = [value];
    expect(capSpan({ ...bare, input: { type: 'json', value } }, 1_000_000).leftOut).toBeGreaterThan(40_000);
  });
});
