import { isJsonObject, type Usage } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';

/**
 * The `usage` of an OpenAI response (or of a transcription, which spells `details` in the singular), as disjoint counts.
 * Its totals include cached, audio and reasoning tokens; audio tokens include cached ones. null when there is none.
 */
export function readResponsesUsage(usage: unknown): Usage | null {
  if (!isJsonObject(usage)) return null;
  const details = (side: 'input' | 'output') => {
    const found = usage[`${side}_tokens_details`] ?? usage[`${side}_token_details`];
    return isJsonObject(found) ? found : {};
  };
  const [input, output] = [details('input'), details('output')];
  const cached = isJsonObject(input.cached_tokens_details) ? input.cached_tokens_details : {};
  const fresh = (modality: 'audio' | 'image') => {
    const all = countOf(input[`${modality}_tokens`]);
    return all === null ? null : Math.max(0, all - (countOf(cached[`${modality}_tokens`]) ?? 0));
  };
  return disjointUsage(
    {
      input: countOf(usage.input_tokens),
      cacheRead: countOf(input.cached_tokens),
      cacheWrite: countOf(input.cache_write_tokens),
      inputAudio: fresh('audio'),
      inputImage: fresh('image'),
      output: countOf(usage.output_tokens),
      reasoning: countOf(output.reasoning_tokens),
      outputAudio: countOf(output.audio_tokens),
    },
    'provider',
  );
}
