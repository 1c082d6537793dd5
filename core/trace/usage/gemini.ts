import { isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { countOf, objectsOf } from '../json-value.ts';
import { disjointUsage } from './disjoint.ts';

function modality(details: Json | undefined, name: 'AUDIO' | 'IMAGE'): number {
  const counts = objectsOf(details).filter((detail) => detail.modality === name);
  return counts.reduce((sum, detail) => sum + (countOf(detail.tokenCount) ?? 0), 0);
}

const sumOf = (first: Json | undefined, second: Json | undefined): number | null => {
  const [a, b] = [countOf(first), countOf(second)];
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
};

/**
 * The `usageMetadata` of Gemini, as disjoint counts. The prompt includes cached tokens but not those of tool results;
 * candidates leave thoughts out. Each chunk of a stream repeats it with the totals so far. null when there is none.
 */
export function readGeminiUsage(metadata: unknown): Usage | null {
  if (!isJsonObject(metadata)) return null;
  const usage: JsonObject = metadata;
  const fresh = (name: 'AUDIO' | 'IMAGE') =>
    Math.max(0, modality(usage.promptTokensDetails, name) - modality(usage.cacheTokensDetails, name));
  return disjointUsage(
    {
      input: sumOf(usage.promptTokenCount, usage.toolUsePromptTokenCount),
      cacheRead: countOf(usage.cachedContentTokenCount),
      inputAudio: fresh('AUDIO'),
      inputImage: fresh('IMAGE'),
      output: sumOf(usage.candidatesTokenCount, usage.thoughtsTokenCount),
      reasoning: countOf(usage.thoughtsTokenCount),
      outputAudio: modality(usage.candidatesTokensDetails, 'AUDIO'),
    },
    'provider',
  );
}
