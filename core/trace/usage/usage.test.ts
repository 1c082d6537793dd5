import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputTokens, outputTokens } from '../../records/index.ts';
import { readAiSdkUsage } from './ai-sdk.ts';
import { readUsageDetails } from './buckets.ts';
import { createUsageFold, readAnswerUsage } from './fold-usage.ts';
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

/** Answers as vendors send them, whole and streamed, and the disjoint counts that bill them. */
describe('the usage of an answer', () => {
  const gemini = {
    promptTokenCount: 1000,
    cachedContentTokenCount: 400,
    candidatesTokenCount: 70,
    thoughtsTokenCount: 30,
    toolUsePromptTokenCount: 20,
    totalTokenCount: 1120,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 700 },
      { modality: 'AUDIO', tokenCount: 200 },
      { modality: 'IMAGE', tokenCount: 100 },
    ],
    cacheTokensDetails: [
      { modality: 'TEXT', tokenCount: 350 },
      { modality: 'AUDIO', tokenCount: 50 },
    ],
    candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 70 }],
  };
  const anthropic = {
    input_tokens: 12,
    cache_creation_input_tokens: 300,
    cache_read_input_tokens: 1000,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 50,
    service_tier: 'standard',
  };
  const responses = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 64 },
    output_tokens: 30,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: 130,
  };
  const chat = {
    prompt_tokens: 100,
    completion_tokens: 30,
    total_tokens: 130,
    prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 0 },
  };
  const openAi = { inputUncached: 36, cacheRead: 64, outputText: 10, reasoning: 20, requests: 1 };
  const claude = {
    inputUncached: 12,
    cacheRead: 1000,
    cacheWrite5m: 100,
    cacheWrite1h: 200,
    outputText: 50,
    requests: 1,
  };
  const google = {
    inputUncached: 370,
    cacheRead: 400,
    inputAudio: 150,
    inputImage: 100,
    outputText: 70,
    reasoning: 30,
    requests: 1,
  };

  it.each<[string, unknown[], object]>([
    ['an OpenAI chat completion', [{ object: 'chat.completion', usage: chat }], openAi],
    [
      'one that is streamed, whose last chunk has it',
      [
        { choices: [{ delta: { content: 'x' } }], usage: null },
        { choices: [], usage: chat },
      ],
      openAi,
    ],
    ['an OpenAI response', [{ object: 'response', usage: responses }], openAi],
    [
      'one that is streamed',
      [
        { type: 'response.created', response: { usage: null } },
        { type: 'response.output_text.delta', delta: 'x' },
        { type: 'response.completed', response: { usage: responses } },
      ],
      openAi,
    ],
    [
      'a transcription, whose cached audio counts as cached',
      [
        {
          usage: {
            type: 'tokens',
            input_tokens: 100,
            input_token_details: {
              text_tokens: 20,
              audio_tokens: 80,
              cached_tokens: 40,
              cached_tokens_details: { audio_tokens: 30 },
            },
            output_tokens: 9,
            output_token_details: { text_tokens: 5, audio_tokens: 4 },
          },
        },
      ],
      { inputUncached: 10, cacheRead: 40, inputAudio: 50, outputText: 5, outputAudio: 4, requests: 1 },
    ],
    ['an Anthropic message', [{ type: 'message', usage: anthropic }], claude],
    [
      'one that is streamed, whose input comes first and whose output comes last',
      [
        { type: 'message_start', message: { usage: { ...anthropic, output_tokens: 1 } } },
        { type: 'ping' },
        { type: 'content_block_delta', delta: { text: 'x' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: null, output_tokens: 50 } },
        { type: 'message_stop' },
      ],
      claude,
    ],
    [
      'one of before caches had two lives',
      [{ usage: { input_tokens: 12, output_tokens: 5, cache_creation_input_tokens: 7, cache_read_input_tokens: 0 } }],
      { inputUncached: 12, cacheWrite5m: 7, outputText: 5, requests: 1 },
    ],
    ['Gemini', [{ candidates: [], usageMetadata: gemini }], google],
    [
      'Gemini streamed, which repeats it',
      [{ usageMetadata: { ...gemini, candidatesTokenCount: 1, thoughtsTokenCount: 30 } }, { usageMetadata: gemini }],
      google,
    ],
    [
      'xAI, whose completion leaves reasoning out',
      [
        {
          usage: {
            ...{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 115 },
            completion_tokens_details: { reasoning_tokens: 100 },
          },
        },
      ],
      { inputUncached: 10, outputText: 5, reasoning: 100, requests: 1 },
    ],
    [
      'DeepSeek, which has its own name for what was cached',
      [{ usage: { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 } }],
      { inputUncached: 2, cacheRead: 8, outputText: 5, requests: 1 },
    ],
  ])('of %s', (_, events, counts) => {
    const fold = createUsageFold();
    for (const event of events) fold.add(event);
    expect(fold.result()).toEqual({ counts, source: 'provider' });
  });

  it('is null where there is none, and never throws', () => {
    expect(readAnswerUsage({ choices: [] })).toBeNull();
    fc.assert(fc.property(fc.anything(), (value) => void readAnswerUsage(value)));
    const usage = fc.object({
      key: fc.constantFrom('input_tokens', 'cache_creation', 'total_tokens', 'output_tokens'),
    });
    fc.assert(fc.property(fc.record({ usage, usageMetadata: usage }), (value) => void readAnswerUsage(value)));
  });
});

describe("Langfuse's usage details", () => {
  it.each<[string, Record<string, number>, object]>([
    [
      'counts that exclude each other are taken as they are',
      { input: 7, output: 5, total: 18, input_cached_tokens: 4, output_reasoning_tokens: 2 },
      { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 },
    ],
    [
      'parts of a total that is input and output alone are taken out of them',
      { input: 11, output: 7, total: 18, cache_read_input_tokens: 4, output_reasoning_tokens: 2 },
      { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 },
    ],
    [
      "Anthropic's names are known, and unknown names count by how they begin",
      {
        input: 10,
        cache_creation_input_tokens: 30,
        cache_read_input_tokens: 20,
        input_files: 5,
        output: 1,
        seconds: 9,
      },
      { inputUncached: 15, cacheRead: 20, cacheWrite5m: 30, outputText: 1, requests: 1 },
    ],
  ])('%s', (_, details, counts) => {
    expect(readUsageDetails(details)).toEqual({ counts, source: 'emitter' });
  });

  it('are null when they say nothing', () => expect(readUsageDetails({ total: 3 })).toBeNull());
});

describe("the AI SDK's usage", () => {
  const metadata = (value: object) => ({ 'ai.response.providerMetadata': JSON.stringify(value) });
  const claude = { inputUncached: 12, cacheRead: 1000, cacheWrite5m: 300, outputText: 50, requests: 1 };

  it.each<[string, Record<string, string | number>, object]>([
    [
      'of Anthropic before version 6, whose input leaves cached tokens out',
      {
        ...{ 'ai.usage.promptTokens': 12, 'ai.usage.completionTokens': 50 },
        ...metadata({ anthropic: { cacheReadInputTokens: 1000, cacheCreationInputTokens: 300 } }),
      },
      claude,
    ],
    [
      'of Anthropic in version 5, which tells one part here and one there',
      {
        ...{ 'ai.usage.inputTokens': 12, 'ai.usage.cachedInputTokens': 1000, 'ai.usage.outputTokens': 50 },
        ...metadata({ anthropic: { cacheCreationInputTokens: 300 } }),
      },
      claude,
    ],
    [
      'of Anthropic from version 6 on, whose input includes them',
      {
        ...{ 'ai.usage.inputTokens': 1312, 'ai.usage.outputTokens': 50 },
        ...{ 'ai.usage.inputTokenDetails.cacheReadTokens': 1000, 'ai.usage.inputTokenDetails.cacheWriteTokens': 300 },
        ...metadata({ anthropic: { cacheCreationInputTokens: 300 } }),
      },
      claude,
    ],
    [
      'of Anthropic where the vendor’s own words are passed on',
      {
        ...{ 'ai.usage.inputTokens': 12, 'ai.usage.cachedInputTokens': 1000, 'ai.usage.outputTokens': 50 },
        ...metadata({
          anthropic: {
            usage: {
              ...{
                input_tokens: 12,
                cache_read_input_tokens: 1000,
                cache_creation_input_tokens: 300,
                output_tokens: 50,
              },
              cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 300 },
            },
          },
        }),
      },
      { inputUncached: 12, cacheRead: 1000, cacheWrite1h: 300, outputText: 50, requests: 1 },
    ],
    [
      'of OpenAI in version 4, whose cached tokens stand in the metadata',
      {
        ...{ 'ai.usage.promptTokens': 100, 'ai.usage.completionTokens': 30 },
        ...metadata({ openai: { cachedPromptTokens: 64, reasoningTokens: 20 } }),
      },
      { inputUncached: 36, cacheRead: 64, outputText: 10, reasoning: 20, requests: 1 },
    ],
    [
      'of Google, whose output leaves thoughts out',
      {
        ...{ 'ai.usage.inputTokens': 10, 'ai.usage.outputTokens': 70, 'ai.usage.reasoningTokens': 30 },
        'ai.usage.totalTokens': 110,
      },
      { inputUncached: 10, outputText: 70, reasoning: 30, requests: 1 },
    ],
  ])('%s', (_, attributes, counts) => {
    expect(readAiSdkUsage(attributes)).toEqual({ counts, source: 'emitter' });
  });

  it('is null without any, whatever the metadata is', () => {
    expect(readAiSdkUsage({ 'ai.response.providerMetadata': '[1]' })).toBeNull();
    expect(readAiSdkUsage({ 'ai.response.providerMetadata': '{"anthropic":{"usage":7}}' })).toBeNull();
  });
});
