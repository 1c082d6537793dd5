import type { Json, JsonObject } from '../../records/index.ts';
import { createMembers, invalidMember, type Members } from '../members.ts';

/** What is asked of a model that makes vectors, whichever vendor's. */
export type EmbeddingRequest = {
  /** The model's name at the vendor. */
  model: string;
  /** Texts, or texts that are cut into tokens already. */
  input: string[] | number[][];
  dimensions: number | null;
  /** How the caller wants its vectors. */
  encoding: 'float' | 'base64';
  user: string | null;
  /** Members that a vendor of another dialect may know by the same name. */
  extra: JsonObject;
};

const isTexts = (list: Json[]): list is string[] => list.every((item) => typeof item === 'string');
const isNumbers = (list: Json[]): list is number[] => list.every((item) => typeof item === 'number');
const isTokens = (list: Json[]): list is number[][] => list.every((item) => Array.isArray(item) && isNumbers(item));

function readInput(input: Json): EmbeddingRequest['input'] {
  if (typeof input === 'string') return [input];
  if (Array.isArray(input) && input.length > 0) {
    if (isTexts(input)) return input;
    if (isNumbers(input)) return [input];
    if (isTokens(input)) return input;
  }
  throw invalidMember('input', 'text, a list of texts, or lists of tokens');
}

function readEncoding(body: Members): EmbeddingRequest['encoding'] {
  const encoding = body.text('encoding_format') ?? 'float';
  if (encoding === 'float' || encoding === 'base64') return encoding;
  throw invalidMember('encoding_format', 'float or base64');
}

/** @throws WheelhouseError `invalid_request` */
export function readEmbeddingRequest(value: JsonObject): EmbeddingRequest {
  const body = createMembers(value);
  const dimensions = body.number('dimensions');
  if (dimensions !== null && !(Number.isInteger(dimensions) && dimensions > 0))
    throw invalidMember('dimensions', 'a whole number from 1');
  return {
    model: body.needText('model'),
    input: readInput(body.raw('input')),
    dimensions,
    encoding: readEncoding(body),
    user: body.text('user'),
    extra: body.rest(),
  };
}
