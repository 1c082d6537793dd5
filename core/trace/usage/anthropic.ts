import { isJsonObject, type JsonObject, type Usage, type UsageCounts } from '../../records/index.ts';
import { countOf } from '../json-value.ts';

/**
 * The `usage` of an Anthropic message. Its counts are disjoint already: `input_tokens` leaves cached tokens out; only
 * output includes thinking, which newer models tell apart. null when there is none.
 */
export function readAnthropicUsage(usage: unknown): Usage | null {
  if (!isJsonObject(usage)) return null;
  const input = countOf(usage.input_tokens);
  const output = countOf(usage.output_tokens);
  if (input === null && output === null) return null;
  const byLife = isJsonObject(usage.cache_creation) ? usage.cache_creation : {};
  const oneHour = countOf(byLife.ephemeral_1h_input_tokens) ?? 0;
  const written = countOf(usage.cache_creation_input_tokens);
  const fiveMinutes = written === null ? countOf(byLife.ephemeral_5m_input_tokens) : Math.max(0, written - oneHour);
  const counts: UsageCounts = { requests: 1 };
  const set = (bucket: keyof UsageCounts, count: number | null) => {
    if (count) counts[bucket] = count;
  };
  if (input !== null) counts.inputUncached = input;
  set('cacheRead', countOf(usage.cache_read_input_tokens));
  set('cacheWrite5m', fiveMinutes);
  set('cacheWrite1h', oneHour);
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const thinking = Math.min(output ?? 0, countOf(details.thinking_tokens) ?? 0);
  if (output !== null) counts.outputText = output - thinking;
  set('reasoning', thinking);
  return { counts, source: 'provider' };
}

/**
 * A stream tells its usage twice: input as it starts, and the running totals with each `message_delta`, where null and
 * absent mean unchanged.
 */
export function mergeAnthropicUsage(before: JsonObject, update: unknown): JsonObject {
  if (!isJsonObject(update)) return before;
  return { ...before, ...Object.fromEntries(Object.entries(update).filter(([, value]) => value !== null)) };
}
