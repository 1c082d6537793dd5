import { isJsonObject, type JsonObject, type Usage, type UsageBucket, type UsageCounts } from '../../records/index.ts';
import { countOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';
import { readOpenAiUsage } from './openai.ts';
import { readResponsesUsage } from './openai-responses.ts';

/** How Langfuse's clients, and integrations of others for it, name the parts of a call's usage. */
const names: Record<string, UsageBucket> = {
  input: 'inputUncached',
  prompt_tokens: 'inputUncached',
  input_tokens: 'inputUncached',
  input_cached_tokens: 'cacheRead',
  input_cache_read: 'cacheRead',
  cache_read_input_tokens: 'cacheRead',
  input_cache_creation: 'cacheWrite5m',
  cache_creation_input_tokens: 'cacheWrite5m',
  input_cache_write: 'cacheWrite5m',
  cache_write_input_tokens: 'cacheWrite5m',
  input_cache_creation_5m: 'cacheWrite5m',
  input_cache_creation_1h: 'cacheWrite1h',
  input_audio_tokens: 'inputAudio',
  input_audio: 'inputAudio',
  input_image_tokens: 'inputImage',
  input_image: 'inputImage',
  output: 'outputText',
  completion_tokens: 'outputText',
  output_tokens: 'outputText',
  output_reasoning_tokens: 'reasoning',
  output_reasoning: 'reasoning',
  output_audio_tokens: 'outputAudio',
  output_audio: 'outputAudio',
};
/** Parts of OpenAI's answers that its totals, and what our buckets say of them, include. */
const included = new Set(['output_accepted_prediction_tokens', 'output_rejected_prediction_tokens']);

const byName = new Map(Object.entries(names));

/** Wrappers of OpenAI's SDKs hand on what it answered: totals, and objects of the parts that they include. */
function answeredUsage(details: JsonObject): Usage | null {
  if (isJsonObject(details.prompt_tokens_details) || isJsonObject(details.completion_tokens_details))
    return readOpenAiUsage(details);
  return isJsonObject(details.input_tokens_details) || isJsonObject(details.output_tokens_details)
    ? readResponsesUsage(details)
    : null;
}

/**
 * Langfuse's `usage_details`: counts that exclude each other, by name; names that nobody here knows count as input or
 * output by how they begin. When the total is the sum of input and output alone, the parts beside them are parts *of*
 * them, whatever the protocol says. null when there is none.
 */
export function readUsageDetails(details: JsonObject): Usage | null {
  const answered = answeredUsage(details);
  if (answered) return { ...answered, source: 'emitter' };
  const counts: UsageCounts = {};
  for (const [name, value] of Object.entries(details)) {
    const count = countOf(value);
    if (count === null || included.has(name)) continue;
    const fallback = name.startsWith('input') ? 'inputUncached' : name.startsWith('output') ? 'outputText' : null;
    const bucket = byName.get(name) ?? fallback;
    if (bucket !== null) counts[bucket] = (counts[bucket] ?? 0) + count;
  }
  const { inputUncached: input = null, outputText: output = null, ...parts } = counts;
  const total = countOf(details.total);
  const beside = Object.values(parts).some((count) => count > 0);
  if (beside && total !== null && total === (input ?? 0) + (output ?? 0))
    return disjointUsage(
      {
        input,
        output,
        cacheRead: parts.cacheRead ?? null,
        cacheWrite: (parts.cacheWrite5m ?? 0) + (parts.cacheWrite1h ?? 0),
        inputAudio: parts.inputAudio ?? null,
        inputImage: parts.inputImage ?? null,
        reasoning: parts.reasoning ?? null,
        outputAudio: parts.outputAudio ?? null,
      },
      'emitter',
    );
  // Parts that are 0 say nothing.
  const known = Object.entries(counts).filter(([name, count]) => count > 0 || !(name in parts));
  if (known.length === 0) return null;
  return { counts: { ...Object.fromEntries(known), requests: 1 }, source: 'emitter' };
}
