import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';

/** The simulated embedding model, without `sim/`. */
export const simEmbeddingModel = 'embed';
const defaultDimensions = 256;
const mostDimensions = 4096;
const gram = 3;

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A unit vector of the text's hashed character trigrams: texts that share words are near each other. */
export function simEmbedding(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const padded = ` ${text.toLowerCase().normalize('NFC')} `;
  for (let at = 0; at + gram <= padded.length || at === 0; at++) {
    const hash = hashOf(padded.slice(at, at + gram));
    const place = hash % dimensions;
    vector[place] = (vector[place] ?? 0) + ((hash & 0x80000000) === 0 ? 1 : -1);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => value / length);
}

export type SimEmbeddings = { vectors: number[][]; promptTokens: number; base64: boolean };

const invalid = (param: string, takes: string) =>
  new WheelhouseError('invalid_request', `\`${param}\` takes ${takes}.`, { param });

/** One text an input; a list of token numbers counts as one. */
function inputsOf(input: Json | undefined): string[] {
  const list = Array.isArray(input) && !input.every((one) => typeof one === 'number') ? input : [input ?? null];
  return list.map((one) => {
    if (typeof one === 'string') return one;
    if (Array.isArray(one) && one.every((token) => typeof token === 'number')) return one.join(' ');
    throw invalid('input', 'a text, a list of texts, or token numbers');
  });
}

/**
 * @param body an OpenAI embeddings request
 * @throws WheelhouseError `invalid_request`, `model_not_found`
 */
export function planEmbeddings(body: JsonObject): SimEmbeddings {
  if (!isJsonObject(body) || String(body.model).replace(/^sim\//, '') !== simEmbeddingModel)
    throw new WheelhouseError('model_not_found', `There is no simulated embedding model \`${String(body.model)}\`.`, {
      param: 'model',
      hint: `There is sim/${simEmbeddingModel}.`,
    });
  const dimensions = body.dimensions ?? defaultDimensions;
  if (typeof dimensions !== 'number' || !Number.isInteger(dimensions) || dimensions < 1 || dimensions > mostDimensions)
    throw invalid('dimensions', `a whole number from 1 to ${mostDimensions}`);
  const inputs = inputsOf(body.input);
  return {
    vectors: inputs.map((text) => simEmbedding(text, dimensions)),
    promptTokens: inputs.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0),
    base64: body.encoding_format === 'base64',
  };
}
