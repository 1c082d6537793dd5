import { readFileSync } from 'node:fs';
import { defaultProjectId, inputTokens, outputTokens, type Usage } from '@wheelhouse/core/records';
import { costOf, createUsageFold } from '@wheelhouse/core/trace';
import { describe, expect, it } from 'vitest';
import { openCatalogue, priceTable } from './genai-prices.ts';
import { createPriceReader } from './price-reader.ts';

type Case = {
  name: string;
  provider: string;
  model: string;
  events: unknown[];
  /** Totals that include their parts. */
  usage: Record<string, number>;
  /** Dollars. */
  price: string;
};
const file = new URL('../../testing/fixtures/prices/expected.json', import.meta.url);
const expected = JSON.parse(readFileSync(file, 'utf8')) as {
  madeWith: Record<string, string>;
  at: string;
  cases: Case[];
};
const prices = createPriceReader({
  ...{ store: { list: async () => [] }, projects: () => [defaultProjectId], catalogue: openCatalogue() },
});

function usageOf(events: unknown[]): Usage {
  const fold = createUsageFold();
  for (const event of events) fold.add(event);
  const usage = fold.result();
  if (usage === null) throw new Error('no usage');
  return usage;
}

/** In the words of the reference, as far as it said something. */
function totalsOf(usage: Usage): Record<string, number> {
  const {
    cacheRead = 0,
    cacheWrite5m = 0,
    cacheWrite1h = 0,
    reasoning = 0,
    inputAudio = 0,
    outputAudio = 0,
    inputImage = 0,
  } = usage.counts;
  return {
    ...{ input_tokens: inputTokens(usage), output_tokens: outputTokens(usage), cache_read_tokens: cacheRead },
    ...{ cache_write_tokens: cacheWrite5m + cacheWrite1h, cache_write_5m_tokens: cacheWrite5m },
    ...{ cache_write_1h_tokens: cacheWrite1h, output_reasoning_tokens: reasoning, input_audio_tokens: inputAudio },
    ...{ output_audio_tokens: outputAudio, input_image_tokens: inputImage },
  };
}

describe('what vendors answer, read and priced as the reference does', () => {
  it.each(expected.cases.map((one): [string, Case] => [one.name, one]))('%s', (_, one) => {
    const usage = usageOf(one.events);
    expect(totalsOf(usage)).toMatchObject(
      Object.fromEntries(Object.entries(one.usage).filter(([key]) => key in totalsOf(usage))),
    );
    const ask = {
      project: defaultProjectId,
      provider: one.provider,
      models: [one.model],
      atMs: Date.parse(expected.at),
    };
    const row = prices.find({ ...ask, serviceTier: null });
    const cost = row && costOf(usage, row);
    expect(Number(cost?.totalNanoUsd)).toBeCloseTo(Number(one.price) * 1e9, 0);
  });

  it('audio without a rate of its own has no price: the reference takes the price of text, vendors do not', () => {
    const models = ['gpt-4o-audio-preview'];
    const ask = { project: defaultProjectId, provider: 'openai', models, atMs: Date.parse(expected.at) };
    const row = prices.find({ ...ask, serviceTier: null });
    const usage: Usage = { counts: { inputAudio: 64, outputText: 5 }, source: 'provider' };
    expect(row && costOf(usage, row)).toBeNull();
    expect(row && costOf({ ...usage, counts: { inputUncached: 64, outputText: 5 } }, row)).not.toBeNull();
  });

  it('the reference is as old as our catalogue', () => {
    expect(priceTable).toBe(`genai-prices:${expected.madeWith['genai-prices']}`);
  });
});
