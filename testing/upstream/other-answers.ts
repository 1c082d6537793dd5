import { type Asked, type Body, tokens } from './dialect.ts';

/** Every text has the same vector: each number is exact in 32 bits. */
export const vector = [0.5, 0.25, -1];

const countOf = (input: unknown): number => {
  if (!Array.isArray(input)) return 1;
  return typeof input[0] === 'number' ? 1 : input.length;
};
const vectors = (count: number) => Array.from({ length: count }, () => vector);

function openAiEmbeddings(body: Asked): Body {
  const bytes = Buffer.from(new Float32Array(vector).buffer).toString('base64');
  const embedding = body.encoding_format === 'base64' ? bytes : vector;
  const data = Array.from({ length: countOf(body.input) }, (_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', model: body.model, data, usage: { prompt_tokens: 5, total_tokens: 5 } };
}

const models = (...ids: string[]) => ids.map((id) => ({ id, object: 'model', created: 1_800_000_000, owned_by: 'up' }));

/** What is neither a conversation nor an error: by the end of the path. */
const answers: [RegExp, (body: Asked) => Body][] = [
  [/\/embeddings$/, openAiEmbeddings],
  [/\/models$/, () => ({ object: 'list', data: models('gpt-4o-mini', 'text-embedding-3-small') })],
  [/\/messages\/count_tokens$/, () => ({ input_tokens: tokens.input })],
  [/:countTokens$/, () => ({ totalTokens: tokens.input })],
  [/:embedContent$/, () => ({ embedding: { values: vector } })],
  [
    /:batchEmbedContents$/,
    (body) => ({ embeddings: vectors(body.requests?.length ?? 0).map((values) => ({ values })) }),
  ],
  [
    /cohere[^/]*\/invoke$/,
    (body) => ({ embeddings: vectors(body.texts?.length ?? 0), response_type: 'embeddings_floats' }),
  ],
  [/\/invoke$/, () => ({ embedding: vector, inputTextTokenCount: 5 })],
];

/** An answer to anything else says only that it was understood. */
export function otherAnswer(path: string, body: Asked): Body {
  return answers.find(([end]) => end.test(path))?.[1](body) ?? { ok: true, path };
}
