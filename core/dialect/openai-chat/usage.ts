import { inputTokens, type JsonObject, outputTokens, type Usage } from '../../records/index.ts';

/** Disjoint counts as OpenAI's chat completions tell them: totals that include their parts. */
export function writeChatUsage(usage: Usage): JsonObject {
  const { counts } = usage;
  const [prompt, completion] = [inputTokens(usage), outputTokens(usage)];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: counts.cacheRead ?? 0,
      audio_tokens: counts.inputAudio ?? 0,
      ...(counts.inputImage ? { image_tokens: counts.inputImage } : {}),
      cache_write_tokens: (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0),
    },
    completion_tokens_details: { reasoning_tokens: counts.reasoning ?? 0, audio_tokens: counts.outputAudio ?? 0 },
  };
}
