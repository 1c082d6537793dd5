import type { CancelSignal, Embedder } from '../../ports/index.ts';
import { WheelhouseError } from '../../records/index.ts';

/** @throws WheelhouseError `upstream_failed` */
export async function embedTexts(
  { embedder, model }: { embedder: Embedder; model: string },
  texts: readonly string[],
  signal: CancelSignal,
): Promise<number[][]> {
  if (texts.length === 0) return [];
  const outcome = await embedder.embed(model, texts, { signal });
  if (!outcome.ok) throw new WheelhouseError('upstream_failed', `The texts could not be embedded: ${outcome.error}`);
  return outcome.vectors;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** The `k` vectors with the greatest cosine, the best first; of equals the first. */
export function nearest(
  to: readonly number[],
  vectors: readonly (readonly number[])[],
  k: number,
): { index: number; score: number }[] {
  const size = Math.sqrt(dot(to, to)) || 1;
  return vectors
    .map((vector, index) => ({ index, score: dot(to, vector) / (size * (Math.sqrt(dot(vector, vector)) || 1)) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, k);
}
