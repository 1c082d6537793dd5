import { defaultProjectId, type Span, type TraceId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createSpansOfTrace } from './spans-of-trace.ts';

const traceId = 't' as TraceId;
const span = (spanId: string, parentSpanId: string | null, endNs: bigint | null = 1n) =>
  ({ spanId, parentSpanId, endNs }) as unknown as Span;

/** What is stored at each look. */
function reader(...looks: Span[][]) {
  const waits: number[] = [];
  let look = 0;
  const spansOf = createSpansOfTrace({
    spans: {
      async *ofTraces() {
        yield* looks[Math.min(look++, looks.length - 1)] ?? [];
      },
    },
    sleep: async (ms) => void waits.push(ms),
  });
  return { waits, read: () => spansOf(defaultProjectId, traceId, new AbortController().signal) };
}

describe('the spans of a trace', () => {
  it('are waited for until its root is there and nothing in it runs', async () => {
    const whole = [span('a', null), span('b', 'a')];
    const { read, waits } = reader([], [span('b', 'a')], [span('a', null, null), span('b', 'a')], whole);
    expect(await read()).toEqual(whole);
    expect(waits).toHaveLength(3);
  });

  it('are not waited for when they are there', async () => {
    const { read, waits } = reader([span('a', null)]);
    expect(await read()).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('that never come are an error, and no empty trace', async () => {
    const { read, waits } = reader([span('b', 'a')]);
    await expect(read()).rejects.toThrow('Trace t was not stored whole in time.');
    expect(waits.length).toBeGreaterThan(5);
  });
});
