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
  const prompt = countOf(usage.prompt_tokens);
  const completion = countOf(usage.completion_tokens);
  const total = countOf(usage.total_tokens);
  const reasoning = countOf(output.reasoning_tokens);
  // xAI leaves reasoning out of the completion; only its total tells.
  const apart = reasoning && total !== null && total === (prompt ?? 0) + (completion ?? 0) + reasoning;
  return disjointUsage(
    {
      input: prompt,
      // DeepSeek has a name of its own.
      cacheRead: countOf(input.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens),
      cacheWrite: countOf(input.cache_write_tokens),
      inputAudio: countOf(input.audio_tokens),
      inputImage: countOf(input.image_tokens),
      output: apart ? (completion ?? 0) + reasoning : completion,
      reasoning,
      outputAudio: countOf(output.audio_tokens),
    },
    'provider',
  );
}
