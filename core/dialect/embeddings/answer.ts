import type { JsonObject, Usage } from '../../records/index.ts';
import { inputTokens } from '../../records/index.ts';
import { base64ToBytes, bytesToBase64 } from '../base64.ts';
import type { EmbeddingRequest } from './request.ts';

export type EmbeddingAnswer = {
  /** One a text, in the order of the input. */
  vectors: number[][];
  usage: Usage | null;
};

/** A vector as OpenAI's clients ask for it: 32-bit floats, least significant byte first, in base64. */
export function vectorToBase64(vector: readonly number[]): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of vector.entries()) view.setFloat32(i * 4, value, true);
  return bytesToBase64(bytes);
}

export function base64ToVector(text: string): number[] {
  const bytes = base64ToBytes(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(i * 4, true));
}

/**
 * The answer of OpenAI's embeddings endpoint; without usage where the vendor counts none, because 0 would be a price.
 * @param model as the caller knows it
 */
export function writeEmbeddingAnswer(
  { vectors, usage }: EmbeddingAnswer,
  { request, model }: { request: EmbeddingRequest; model: string },
): JsonObject {
  const tokens = usage === null ? null : inputTokens(usage);
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: request.encoding === 'base64' ? vectorToBase64(vector) : vector,
    })),
    model,
    ...(tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  };
}
