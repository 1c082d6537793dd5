import { expect, it } from 'vitest';
import type { PriceAsk, PriceReader } from '../ports/index.ts';
import { defaultProjectId, type Span, type SpanId, type TraceId } from '../records/index.ts';
import { costFragment, priceSpan } from './price-span.ts';

const place = {
  ...{ projectId: defaultProjectId, traceId: '1'.repeat(32) as TraceId, spanId: '1'.repeat(16) as SpanId },
  startNs: 1_800_000_000_123_000_000n,
};
const call = (more: Partial<Span> = {}): Span => ({
  ...costFragment(place, { totalNanoUsd: 0n, byBucket: {}, priceId: '' }),
  cost: null,
  ...{ provider: 'openai', requestModel: 'gpt-9', responseModel: 'gpt-9-2026' },
  usage: { counts: { outputText: 10 }, source: 'provider' },
  ...more,
});

function reader() {
  const asks: PriceAsk[] = [];
  const prices: PriceReader = {
    find(ask) {
      asks.push(ask);
      return { id: 'row', provider: 'openai', model: 'gpt-9', validFrom: null, perMillion: { outputText: 2_000_000n } };
    },
  };
  return { asks, prices };
}

it('asks for the price of the model that answered, else of the one asked for, when and how it was called', () => {
  const { asks, prices } = reader();
  const span = call({ params: { service_tier: 'flex' } });
  expect(priceSpan(span, prices).cost).toEqual({ totalNanoUsd: 20n, byBucket: { outputText: 20n }, priceId: 'row' });
  priceSpan(call({ responseModel: null }), prices);
  expect(asks).toEqual([
    {
      ...{ project: span.projectId, provider: 'openai', models: ['gpt-9-2026', 'gpt-9'] },
      ...{ atMs: 1_800_000_000_123, serviceTier: 'flex' },
    },
    expect.objectContaining({ models: ['gpt-9'], serviceTier: null }),
  ]);
});

it('asks for no price where there is no usage, no provider or a cost', () => {
  const { asks, prices } = reader();
  for (const more of [
    { usage: null },
    { provider: null },
    { cost: { totalNanoUsd: 1n, byBucket: {}, priceId: 'x' } },
  ]) {
    const span = call(more);
    expect(priceSpan(span, prices)).toBe(span);
  }
  expect(asks).toEqual([]);
});

it('leaves a cost unknown where the price is: never 0', () => {
  expect(priceSpan(call(), { find: () => null }).cost).toBeNull();
});
