import type { JsonObject, Usage } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';

/** The first of the names that carries a count; a 0 under the first name hides the others. */
export const firstCount = (attributes: JsonObject, ...names: string[]): number | null => {
  for (const name of names) {
    const count = countOf(attributes[name]);
    if (count !== null) return count;
  }
  return null;
};

/** `gen_ai.usage.*` of the GenAI semantic conventions: input includes cached, output includes reasoning. */
export function readGenAiUsage(attributes: JsonObject): Usage | null {
  const count = (...names: string[]) => firstCount(attributes, ...names.map((name) => `gen_ai.usage.${name}`));
  return disjointUsage(
    {
      input: count('input_tokens', 'prompt_tokens'),
      cacheRead: count('cache_read.input_tokens', 'cache_read_input_tokens', 'input_tokens.cached'),
      // Renamed in 2026; emitters of both generations are about, some write both.
      cacheWrite: count(
        'cache_write.input_tokens',
        'cache_creation.input_tokens',
        'cache_write_input_tokens',
        'cache_creation_input_tokens',
      ),
      inputAudio: count('audio.input_tokens'),
      inputImage: count('image.input_tokens'),
      output: count('output_tokens', 'completion_tokens'),
      reasoning:
        count('reasoning.output_tokens', 'reasoning_tokens', 'output_tokens.reasoning') ??
        firstCount(attributes, 'ai.usage.outputTokenDetails.reasoningTokens'),
      outputAudio: count('audio.output_tokens'),
    },
    'emitter',
  );
}
