import { isJsonObject, type Usage } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';

/**
 * The `usage` of an OpenAI chat completion (or embedding), as disjoint counts. Its totals include cached, audio and
 * reasoning tokens. null when there is none.
 */
export function readOpenAiUsage(usage: unknown): Usage | null {
  if (!isJsonObject(usage)) return null;
  const input = isJsonObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const output = isJsonObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  return disjointUsage(
    {
      input: countOf(usage.prompt_tokens),
      cacheRead: countOf(input.cached_tokens),
      cacheWrite: countOf(input.cache_write_tokens),
      inputAudio: countOf(input.audio_tokens),
      inputImage: countOf(input.image_tokens),
      output: countOf(usage.completion_tokens),
      reasoning: countOf(output.reasoning_tokens),
      outputAudio: countOf(output.audio_tokens),
    },
    'provider',
  );
}
