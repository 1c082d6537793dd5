import { isJsonObject, type Json, type JsonObject } from '@wheelhouse/core/records';

const count = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/** Old clients may count anything; only tokens are usage. */
const isTokens = (unit: Json | undefined) => unit === undefined || unit === null || unit === 'TOKENS';

/** Usage as Langfuse's newer clients write it; what older ones count under other names is renamed. null when there is none. */
export function usageDetails(usage: Json | undefined): JsonObject | null {
  if (!isJsonObject(usage) || !isTokens(usage.unit)) return null;
  const named = {
    ...usage,
    input: usage.input ?? usage.promptTokens ?? null,
    output: usage.output ?? usage.completionTokens ?? null,
    total: usage.total ?? usage.totalTokens ?? null,
  };
  const counts = Object.entries(named).filter(
    ([key, value]) =>
      (count(value) !== null || isJsonObject(value)) && !/Cost$|^(?:prompt|completion|total)Tokens$/.test(key),
  );
  return counts.length > 0 ? Object.fromEntries(counts) : null;
}

/** What the client says that the call cost, in dollars; old clients say it beside the usage. */
export function costDetails(details: Json | undefined, usage: Json | undefined): JsonObject | null {
  const old = isJsonObject(usage) ? { input: usage.inputCost, output: usage.outputCost, total: usage.totalCost } : {};
  const given: Record<string, Json | undefined> = isJsonObject(details) ? details : old;
  const costs = Object.entries(given).flatMap(([key, value]) => (count(value) === null ? [] : [[key, value as Json]]));
  return costs.length > 0 ? Object.fromEntries(costs) : null;
}
