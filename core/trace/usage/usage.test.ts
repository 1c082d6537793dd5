import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputTokens, outputTokens } from '../../records/index.ts';
import { readOpenAiUsage } from './openai.ts';
import { readGenAiUsage } from './otel-genai.ts';

describe('readOpenAiUsage', () => {
  it('splits inclusive totals into disjoint counts', () => {
    expect(
      readOpenAiUsage({
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10, audio_tokens: 5, image_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 4, accepted_prediction_tokens: 0 },
      }),
    ).toEqual({
      source: 'provider',
      counts: {
        inputUncached: 42,
        cacheRead: 40,
        cacheWrite5m: 10,
        inputAudio: 5,
        inputImage: 3,
        outputText: 26,
        reasoning: 20,
        outputAudio: 4,
        requests: 1,
      },
    });
  });

  it('reads the usage of an embedding, which has no output', () => {
    expect(readOpenAiUsage({ prompt_tokens: 3, total_tokens: 3 })?.counts).toEqual({ inputUncached: 3, requests: 1 });
  });

  it.each([undefined, null, 7, 'x', [], {}, { prompt_tokens: 'many' }, { prompt_tokens: null }])(
    'is null for %j',
    (given) => {
      expect(readOpenAiUsage(given)).toBeNull();
    },
  );

  it('keeps totals and never counts below 0, whatever the vendor says', () => {
    const count = fc.oneof(fc.nat(1000), fc.integer(), fc.double(), fc.constant(null), fc.string());
    const details = fc.oneof(
      fc.dictionary(fc.constantFrom('cached_tokens', 'audio_tokens', 'reasoning_tokens'), count),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), details, details, (input, output, inputDetails, outputDetails) => {
        const usage = readOpenAiUsage({
          prompt_tokens: input,
          completion_tokens: output,
          prompt_tokens_details: inputDetails,
          completion_tokens_details: outputDetails,
        });
        if (!usage) throw new Error('no usage');
        expect(Object.values(usage.counts).every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true);
        expect(inputTokens(usage)).toBeGreaterThanOrEqual(input);
        expect(outputTokens(usage)).toBeGreaterThanOrEqual(output);
      }),
    );
  });
});

describe('readGenAiUsage', () => {
  it('counts cache writes once under either of their names', () => {
    const counts = { inputUncached: 60, cacheRead: 10, cacheWrite5m: 30, outputText: 5, requests: 1 };
    const common = {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
    };
    const read = (more: Record<string, number>) => readGenAiUsage({ ...common, ...more })?.counts;
    expect(read({ 'gen_ai.usage.cache_creation.input_tokens': 30 })).toEqual(counts);
    expect(read({ 'gen_ai.usage.cache_write.input_tokens': 30 })).toEqual(counts);
    expect(
      read({ 'gen_ai.usage.cache_write.input_tokens': 30, 'gen_ai.usage.cache_creation.input_tokens': 30 }),
    ).toEqual(counts);
  });

  it('lets a 0 under the new name hide the old one', () => {
    expect(
      readGenAiUsage({
        'gen_ai.usage.input_tokens': 0,
        'gen_ai.usage.prompt_tokens': 9,
        'gen_ai.usage.output_tokens': 1,
      })?.counts,
    ).toEqual({ inputUncached: 0, outputText: 1, requests: 1 });
  });

  it('reads the modalities and reasoning', () => {
    expect(
      readGenAiUsage({
        'gen_ai.usage.input_tokens': '20',
        'gen_ai.usage.audio.input_tokens': 5,
        'gen_ai.usage.image.input_tokens': 6,
        'gen_ai.usage.output_tokens': 9,
        'gen_ai.usage.reasoning.output_tokens': 4,
        'gen_ai.usage.audio.output_tokens': 2,
      }),
    ).toEqual({
      source: 'emitter',
      counts: {
        inputUncached: 9,
        inputAudio: 5,
        inputImage: 6,
        outputText: 3,
        reasoning: 4,
        outputAudio: 2,
        requests: 1,
      },
    });
  });

  it('is null without any', () => expect(readGenAiUsage({ 'gen_ai.operation.name': 'chat' })).toBeNull());
});
