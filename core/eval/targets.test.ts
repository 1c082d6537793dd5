import { describe, expect, test } from 'vitest';
import type { Content, Span } from '../records/index.ts';
import { sessionTarget, traceTarget } from './targets.ts';

const said = (role: string, content: string): Content => ({
  type: 'messages',
  messages: [{ role, parts: [{ type: 'text', content }] }],
});
const span = (given: Partial<Span>): Span =>
  ({
    ...{ spanId: 's', parentSpanId: null, kind: 'span', startNs: 0n, endNs: 10n, input: null, output: null },
    ...{ cost: null, metadata: {}, documents: [] },
    ...given,
  }) as Span;
const cost = (totalNanoUsd: bigint) => ({ totalNanoUsd, byBucket: {}, priceId: 'p' });
const given = { expected: 'e', metadata: { own: 1 } };

describe('a trace as a target', () => {
  test('is what went into its root and came out of it, how long it took and what it cost', async () => {
    const root = span({
      ...{ spanId: 'root' as Span['spanId'], endNs: 50n, metadata: { tenant: 'x' } },
      ...{ input: said('user', 'Hi?'), output: said('assistant', 'Hello.') },
    });
    const child = span({
      spanId: 'c' as Span['spanId'],
      parentSpanId: root.spanId,
      startNs: 5n,
      endNs: 60n,
      cost: cost(7n),
    });
    const target = traceTarget([child, root], given);
    expect(target).toMatchObject({ input: 'Hi?', output: 'Hello.', expected: 'e', latencyNs: 60n, costNanoUsd: 7n });
    expect(target.metadata).toEqual({ tenant: 'x', own: 1 });
    expect((await target.spans?.())?.map(({ spanId }) => spanId)).toEqual(['root', 'c']);
  });

  test('whose root says nothing is what its conversations say', () => {
    const root = span({ spanId: 'root' as Span['spanId'] });
    const generation = (startNs: bigint, text: string) =>
      span({
        ...{ spanId: text as Span['spanId'], parentSpanId: root.spanId, kind: 'generation', startNs },
        ...{ input: said('user', `ask ${text}`), output: said('assistant', text) },
      });
    expect(traceTarget([generation(2n, 'late'), root, generation(1n, 'early')], given)).toMatchObject({
      input: 'ask early',
      output: 'late',
      costNanoUsd: null,
    });
  });

  test('that still runs has no length, and one without spans is empty', () => {
    expect(traceTarget([span({ endNs: null })], given).latencyNs).toBeNull();
    expect(traceTarget([], given)).toMatchObject({ input: '', output: '', latencyNs: null, costNanoUsd: null });
  });
});

test('a session is its conversation up to the last answer, in the order of its traces', async () => {
  const turn = (startNs: bigint, question: string, answer: string) => [
    span({
      ...{ spanId: question as Span['spanId'], startNs, endNs: startNs + 10n, cost: cost(2n) },
      ...{ input: said('user', question), output: said('assistant', answer) },
    }),
  ];
  const target = sessionTarget([turn(100n, 'two?', '2'), [], turn(0n, 'one?', '1')], given);
  expect(target).toMatchObject({
    input: [
      { role: 'user', content: 'one?' },
      { role: 'assistant', content: '1' },
      { role: 'user', content: 'two?' },
    ],
    ...{ output: '2', latencyNs: 20n, costNanoUsd: 4n },
  });
  expect(await target.spans?.()).toHaveLength(2);
  expect(sessionTarget([], given)).toMatchObject({ input: [], output: '', latencyNs: null });
});
