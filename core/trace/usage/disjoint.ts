import type { Usage, UsageCounts } from '../../records/index.ts';

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
  const { input, cacheRead, cacheWrite, inputAudio, inputImage, output, reasoning, outputAudio } = given;
  const counts: UsageCounts = {};
  if (cacheRead) counts.cacheRead = cacheRead;
  if (cacheWrite) counts.cacheWrite5m = cacheWrite;
  if (inputAudio) counts.inputAudio = inputAudio;
  if (inputImage) counts.inputImage = inputImage;
  const ofInput = (cacheRead ?? 0) + (cacheWrite ?? 0) + (inputAudio ?? 0) + (inputImage ?? 0);
  if (input !== null) counts.inputUncached = Math.max(0, input - ofInput);
  if (reasoning) counts.reasoning = reasoning;
  if (outputAudio) counts.outputAudio = outputAudio;
  const ofOutput = (reasoning ?? 0) + (outputAudio ?? 0);
  if (output !== null) counts.outputText = Math.max(0, output - ofOutput);
  if (input === null && output === null && ofInput === 0 && ofOutput === 0) return null;
  counts.requests = 1;
  return { counts, source };
}
