import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToBytes, bytesToBase64 } from '../base64.ts';
import { base64ToVector, vectorToBase64, writeEmbeddingAnswer } from './answer.ts';
import { type EmbeddingRequest, readEmbeddingRequest } from './request.ts';
import { readEmbeddingAnswers, writeEmbeddingRequests } from './vendors.ts';

const asking = (more: Partial<EmbeddingRequest> = {}): EmbeddingRequest => ({
  model: 'm',
  input: ['a', 'b'],
  dimensions: null,
  encoding: 'float',
  user: null,
  extra: {},
  ...more,
});

it('reads one text, many, and tokens', () => {
  const input = (given: never) => readEmbeddingRequest({ model: 'm', input: given }).input;
  expect(input('a' as never)).toEqual(['a']);
  expect(input(['a', 'b'] as never)).toEqual(['a', 'b']);
  expect(input([1, 2] as never)).toEqual([[1, 2]]);
  expect(input([[1], [2, 3]] as never)).toEqual([[1], [2, 3]]);
  for (const wrong of [[], null, 7, ['a', 1], [[1], 'a']])
    expect(() => input(wrong as never)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'input' }));
});

it('refuses what makes no sense', () => {
  const read = (more: object) => () => readEmbeddingRequest({ model: 'm', input: 'a', ...more });
  expect(read({ encoding_format: 'int8' })).toThrow(expect.objectContaining({ param: 'encoding_format' }));
  expect(read({ dimensions: 0 })).toThrow(expect.objectContaining({ param: 'dimensions' }));
});

it('writes base64 as the platform does, and reads it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = bytesToBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(base64ToBytes(text)).toEqual(bytes);
    }),
  );
  const long = new Uint8Array(100_000).map((_, i) => i % 251);
  expect(bytesToBase64(long)).toBe(Buffer.from(long).toString('base64'));
});

it('writes vectors as 32-bit floats, least significant byte first, and reads them', () => {
  expect(vectorToBase64([1, -0.5])).toBe(Buffer.from(Float32Array.from([1, -0.5]).buffer).toString('base64'));
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true })), (vector) => {
      expect(base64ToVector(vectorToBase64(vector))).toEqual(vector);
    }),
  );
});

it('answers as OpenAI does, in the encoding that was asked for', () => {
  const answer = {
    vectors: [[1], [2]],
    usage: { counts: { inputUncached: 7, requests: 1 }, source: 'provider' as const },
  };
  expect(writeEmbeddingAnswer(answer, { request: asking(), model: 'ours' })).toEqual({
    object: 'list',
    data: [
      { object: 'embedding', index: 0, embedding: [1] },
      { object: 'embedding', index: 1, embedding: [2] },
    ],
    model: 'ours',
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
  const uncounted = writeEmbeddingAnswer({ ...answer, usage: null }, { request: asking(), model: 'ours' });
  expect(uncounted).not.toHaveProperty('usage');
  const encoded = writeEmbeddingAnswer(answer, { request: asking({ encoding: 'base64' }), model: 'ours' });
  expect(encoded).toMatchObject({ data: [{ embedding: 'AACAPw==' }, { embedding: 'AAAAQA==' }] });
});

describe('vendors', () => {
  it('OpenAI’s may answer in either encoding and in any order', () => {
    const request = asking({ dimensions: 2 });
    expect(writeEmbeddingRequests(request, 'openai')).toEqual([
      { model: 'm', input: ['a', 'b'], dimensions: 2, encoding_format: 'float' },
    ]);
    const body = {
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: 'AACAPw==' },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    };
    expect(readEmbeddingAnswers([body], { dialect: 'openai', request })).toEqual({
      vectors: [[1], [2]],
      usage: { counts: { inputUncached: 4, requests: 1 }, source: 'provider' },
    });
  });

  it('Gemini takes all texts at once', () => {
    const request = asking({ model: 'gemini-embedding-001', dimensions: 256, extra: { task_type: 'RETRIEVAL_QUERY' } });
    const of = (text: string) => ({
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text }] },
      outputDimensionality: 256,
      taskType: 'RETRIEVAL_QUERY',
    });
    expect(writeEmbeddingRequests(request, 'gemini')).toEqual([{ requests: [of('a'), of('b')] }]);
    expect(
      readEmbeddingAnswers([{ embeddings: [{ values: [1] }, { values: [2] }] }], { dialect: 'gemini', request }),
    ).toEqual({
      vectors: [[1], [2]],
      usage: null,
    });
  });

  it('Titan takes one text a call; its counts add up', () => {
    const request = asking({ model: 'amazon.titan-embed-text-v2:0', dimensions: 512 });
    expect(writeEmbeddingRequests(request, 'bedrock')).toEqual([
      { inputText: 'a', dimensions: 512 },
      { inputText: 'b', dimensions: 512 },
    ]);
    const bodies = [
      { embedding: [1], inputTextTokenCount: 3 },
      { embedding: [2], inputTextTokenCount: 4 },
    ];
    expect(readEmbeddingAnswers(bodies, { dialect: 'bedrock', request })).toEqual({
      vectors: [[1], [2]],
      usage: { counts: { inputUncached: 7, requests: 1 }, source: 'provider' },
    });
  });

  it('Cohere is told what the vectors are for', () => {
    const request = asking({ model: 'us.cohere.embed-v4:0', extra: { input_type: 'search_query' } });
    expect(writeEmbeddingRequests(request, 'bedrock')).toEqual([
      { texts: ['a', 'b'], input_type: 'search_query', embedding_types: ['float'] },
    ]);
    for (const embeddings of [{ float: [[1], [2]] }, [[1], [2]]])
      expect(readEmbeddingAnswers([{ embeddings }], { dialect: 'bedrock', request }).vectors).toEqual([[1], [2]]);
  });

  it('refuses by name what a vendor cannot take', () => {
    const refused = (param: string) => expect.objectContaining({ code: 'unsupported_by_model', param });
    expect(() => writeEmbeddingRequests(asking({ input: [[1, 2]] }), 'gemini')).toThrow(refused('input'));
    expect(() => writeEmbeddingRequests(asking({ extra: { input_type: 'x' } }), 'gemini')).toThrow(
      refused('input_type'),
    );
    expect(() => writeEmbeddingRequests(asking({ model: 'meta.x' }), 'bedrock')).toThrow(refused('model'));
  });

  it('takes no answer that leaves a text without its vector', () => {
    const request = asking();
    for (const body of [{ data: [{ index: 0, embedding: [1] }] }, { data: [{ embedding: null }, { embedding: [1] }] }])
      expect(() => readEmbeddingAnswers([body], { dialect: 'openai', request })).toThrow(
        expect.objectContaining({ code: 'upstream_failed' }),
      );
  });
});
