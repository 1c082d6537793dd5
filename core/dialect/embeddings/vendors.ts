import { isJsonObject, type Json, type JsonObject, type Usage, WheelhouseError } from '../../records/index.ts';
import { readGeminiUsage, readOpenAiUsage } from '../../trace/index.ts';
import { unsupportedMember } from '../members.ts';
import { base64ToVector, type EmbeddingAnswer } from './answer.ts';
import type { EmbeddingRequest } from './request.ts';

/** How a vendor takes texts and gives vectors. */
export type EmbeddingDialect = 'openai' | 'gemini' | 'bedrock';

type Shape = {
  /** Members of `extra` that the vendor knows by the same name. */
  knows: readonly string[];
  /** One body a call: some models take one text at a time. */
  write(request: EmbeddingRequest): JsonObject[];
  read(body: JsonObject): EmbeddingAnswer;
};

const objectsOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

function vector(value: Json | undefined): number[] {
  if (typeof value === 'string') return base64ToVector(value);
  if (isVector(value)) return value;
  throw new WheelhouseError('upstream_failed', 'The provider answered without a vector where one belongs.');
}

/** What the input came to, where the vendor counts it at all. */
const counted = (tokens: Json | undefined): Usage | null =>
  typeof tokens === 'number' ? { counts: { inputUncached: tokens, requests: 1 }, source: 'provider' } : null;

function textsOf({ input, model }: EmbeddingRequest): string[] {
  const texts = input.flatMap((item) => (typeof item === 'string' ? item : []));
  if (texts.length === input.length) return texts;
  throw unsupportedMember(
    'input',
    `\`${model}\` takes texts only; tokens belong to the models that they were cut for.`,
  );
}

const said = (members: Record<string, Json>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

const openai: Shape = {
  knows: [],
  write: ({ model, input, dimensions, user }) => [
    { model, input, ...said({ dimensions, user }), encoding_format: 'float' },
  ],
  read(body) {
    const data = objectsOf(body.data).sort((a, b) => Number(a.index ?? 0) - Number(b.index ?? 0));
    return { vectors: data.map(({ embedding }) => vector(embedding)), usage: readOpenAiUsage(body.usage) };
  },
};

/** `batchEmbedContents`. */
const gemini: Shape = {
  knows: ['task_type', 'title'],
  write(request) {
    const model = `models/${request.model.replace(/^models\//, '')}`;
    const { task_type: taskType = null, title = null } = request.extra;
    const more = said({ outputDimensionality: request.dimensions, taskType, title });
    const requests = textsOf(request).map((text) => ({ model, content: { parts: [{ text }] }, ...more }));
    return [{ requests }];
  },
  read: (body) => ({
    vectors: objectsOf(body.embeddings).map(({ values }) => vector(values)),
    usage: readGeminiUsage(body.usageMetadata),
  }),
};

/** Amazon's own take one text a call. */
const titan: Shape = {
  knows: ['normalize'],
  write(request) {
    const { normalize = null } = request.extra;
    const more = said({ dimensions: request.dimensions, normalize });
    return textsOf(request).map((inputText) => ({ inputText, ...more }));
  },
  read: (body) => ({ vectors: [vector(body.embedding)], usage: counted(body.inputTextTokenCount) }),
};

const cohere: Shape = {
  knows: ['input_type', 'truncate'],
  write(request) {
    const { input_type: inputType, truncate = null } = request.extra;
    return [
      {
        texts: textsOf(request),
        // Cohere wants to know what the vectors are for; most are for what is searched.
        input_type: inputType ?? 'search_document',
        embedding_types: ['float'],
        ...said({ output_dimension: request.dimensions, truncate }),
      },
    ];
  },
  read({ embeddings }) {
    const list = isJsonObject(embeddings) ? embeddings.float : embeddings;
    return { vectors: Array.isArray(list) ? list.map(vector) : [], usage: null };
  },
};

function shapeOf(dialect: EmbeddingDialect, model: string): Shape {
  if (dialect === 'openai') return openai;
  if (dialect === 'gemini') return gemini;
  if (/(?:^|\.)cohere\./.test(model)) return cohere;
  if (/(?:^|\.)amazon\.titan-embed/.test(model)) return titan;
  throw unsupportedMember('model', `The vectors of \`${model}\` at Bedrock have a shape that is not known here.`);
}

/**
 * Bodies for the vendor, one a call; their answers belong together in this order.
 * @throws WheelhouseError `unsupported_by_model`
 */
export function writeEmbeddingRequests(request: EmbeddingRequest, dialect: EmbeddingDialect): JsonObject[] {
  const shape = shapeOf(dialect, request.model);
  const [unknown] = Object.keys(request.extra).filter((member) => !shape.knows.includes(member));
  if (unknown !== undefined)
    throw unsupportedMember(unknown, `\`${unknown}\` has no counterpart in the dialect of \`${request.model}\`.`);
  return shape.write(request);
}

/** What several calls took together; null when one of them does not say. */
function sumOf(usages: readonly (Usage | null)[]): Usage | null {
  const known = usages.filter((usage) => usage !== null);
  if (known.length < usages.length || known.length === 0) return null;
  const total = known.reduce((sum, { counts }) => sum + (counts.inputUncached ?? 0), 0);
  return { counts: { inputUncached: total, requests: 1 }, source: 'provider' };
}

/**
 * The answers to all bodies as one.
 * @throws WheelhouseError `upstream_failed` when there is not one vector a text
 */
export function readEmbeddingAnswers(
  bodies: readonly JsonObject[],
  { dialect, request }: { dialect: EmbeddingDialect; request: EmbeddingRequest },
): EmbeddingAnswer {
  const shape = shapeOf(dialect, request.model);
  const answers = bodies.map((body) => shape.read(body));
  const vectors = answers.flatMap((answer) => answer.vectors);
  if (vectors.length !== request.input.length)
    throw new WheelhouseError(
      'upstream_failed',
      `The provider answered ${vectors.length} vectors for ${request.input.length} texts.`,
    );
  return { vectors, usage: sumOf(answers.map(({ usage }) => usage)) };
}
