import type { SpanBody } from '@wheelhouse/core/contract';
import { schemas } from '@wheelhouse/core/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { capSpan } from './cap-span.ts';
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

  it('names base64 by type and size', () => {
    const data = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 37) % 256)).toString('base64');
    const span = {
      ...bare,
      input: { type: 'json' as const, value: { url: `data:image/png;base64,${data}`, next: 'text' } },
    };
    expect(capSpan(span, 1000).input).toEqual({
      type: 'json',
      value: { url: '[image/png, 30,016 bytes left out]', next: 'text' },
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
