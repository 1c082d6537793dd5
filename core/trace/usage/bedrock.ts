import { isJsonObject, type Usage, type UsageCounts } from '../../records/index.ts';
import { countOf, objectsOf } from '../json-value.ts';

/**
 * The `usage` of Bedrock's Converse. Its counts are disjoint already: `inputTokens` leaves cached tokens out. null when
 * there is none.
 */
export function readBedrockUsage(usage: unknown): Usage | null {
  if (!isJsonObject(usage)) return null;
  const input = countOf(usage.inputTokens);
  const output = countOf(usage.outputTokens);
  if (input === null && output === null) return null;
  const counts: UsageCounts = { requests: 1 };
  const set = (bucket: keyof UsageCounts, count: number | null) => {
    if (count) counts[bucket] = count;
  };
  const oneHour = objectsOf(usage.cacheDetails)
    .filter((detail) => detail.ttl === '1h')
    .reduce((sum, detail) => sum + (countOf(detail.inputTokens) ?? 0), 0);
  const written = countOf(usage.cacheWriteInputTokens) ?? oneHour;
  if (input !== null) counts.inputUncached = input;
  set('cacheRead', countOf(usage.cacheReadInputTokens));
  set('cacheWrite5m', Math.max(0, written - oneHour));
  set('cacheWrite1h', oneHour);
  if (output !== null) counts.outputText = output;
  return { counts, source: 'provider' };
}
