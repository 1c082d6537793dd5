import type { Usage, UsageBucket, UsageCounts } from '../../records/index.ts';

/** What vendors report: totals that include their parts. null: not reported. */
export type InclusiveUsage = {
  input: number | null;
  cacheRead?: number | null;
  cacheWrite?: number | null;
  inputAudio?: number | null;
  inputImage?: number | null;
  output: number | null;
  reasoning?: number | null;
  outputAudio?: number | null;
};

/**
 * Disjoint counts of one call: the rest of a total after its parts, never below 0. A reporter whose input leaves cached
 * tokens out so keeps its parts whole. null when nothing was reported.
 */
export function disjointUsage(given: InclusiveUsage, source: Usage['source']): Usage | null {
  const counts: UsageCounts = {};
  const split = (total: number | null, rest: UsageBucket, parts: [UsageBucket, number | null | undefined][]) => {
    let known = 0;
    for (const [bucket, count] of parts) {
      if (!count) continue;
      counts[bucket] = count;
      known += count;
    }
    if (total !== null) counts[rest] = Math.max(0, total - known);
  };
  split(given.input, 'inputUncached', [
    ['cacheRead', given.cacheRead],
    ['cacheWrite5m', given.cacheWrite],
    ['inputAudio', given.inputAudio],
    ['inputImage', given.inputImage],
  ]);
  split(given.output, 'outputText', [
    ['reasoning', given.reasoning],
    ['outputAudio', given.outputAudio],
  ]);
  if (Object.keys(counts).length === 0) return null;
  return { counts: { ...counts, requests: 1 }, source };
}
