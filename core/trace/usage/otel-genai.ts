import type { JsonObject, Usage } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';

/** The first of the names that carries a count; a 0 under the first name hides the others. */
export const firstCount = (attributes: JsonObject, names: readonly string[]): number | null => {
  for (const name of names) {
    const count = countOf(attributes[name]);
    if (count !== null) return count;
  }
  return null;
};

/** Put together once: a name that is made for each span has to be looked up letter by letter. */
const named = (...names: string[]): string[] => names.map((name) => `gen_ai.usage.${name}`);
const names = {
  input: named('input_tokens', 'prompt_tokens'),
  cacheRead: named('cache_read.input_tokens', 'cache_read_input_tokens', 'input_tokens.cached'),
  // Renamed in 2026; emitters of both generations are about, some write both.
  cacheWrite: named(
    'cache_write.input_tokens',
    'cache_creation.input_tokens',
    'cache_write_input_tokens',
    'cache_creation_input_tokens',
  ),
  inputAudio: named('audio.input_tokens'),
  inputImage: named('image.input_tokens'),
  output: named('output_tokens', 'completion_tokens'),
  reasoning: [
    ...named('reasoning.output_tokens', 'reasoning_tokens', 'output_tokens.reasoning'),
    'ai.usage.outputTokenDetails.reasoningTokens',
  ],
  outputAudio: named('audio.output_tokens'),
};

/** `gen_ai.usage.*` of the GenAI semantic conventions: input includes cached, output includes reasoning. */
export function readGenAiUsage(attributes: JsonObject): Usage | null {
  const count = (of: keyof typeof names) => firstCount(attributes, names[of]);
  return disjointUsage(
    {
      input: count('input'),
      cacheRead: count('cacheRead'),
      cacheWrite: count('cacheWrite'),
      inputAudio: count('inputAudio'),
      inputImage: count('inputImage'),
      output: count('output'),
      reasoning: count('reasoning'),
      outputAudio: count('outputAudio'),
    },
    'emitter',
  );
}
