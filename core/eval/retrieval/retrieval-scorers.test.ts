import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../records/index.ts';
import type { ScoringTarget } from '../scorer-kind.ts';
import { createScorer } from '../scorers.ts';

const checker = { check: () => null, checkSchema: () => null };
const score = (label: string, target: Partial<ScoringTarget>) =>
  createScorer(label, { checker })(scoringTarget(target), fakeScoringWorld());
const retriever = (kind: string, ids: (string | null)[]) =>
  ({ kind, documents: ids.map((id) => ({ id, content: id, score: null, metadata: null })) }) as unknown as Span;

describe('retrieval', () => {
  test('is read from the output, as ids or as things with an id, each once', async () => {
    const expected = ['a', 'b'];
    expect(await score('retrieval_recall', { output: '["a","x","a"]', expected })).toMatchObject({
      score: 0.5,
      reason: '1 relevant of 2 found',
    });
    const output = '[{"id":"b","text":"…"},{"id":7}]';
    expect(await score('retrieval_precision', { output, expected })).toMatchObject({ score: 0.5 });
    expect(await score('retrieval_precision {"k":4}', { output, expected })).toMatchObject({ score: 0.25 });
    expect(await score('retrieval_hit {"at":"hits"}', { output: '{"hits":[1]}', expected: 1 })).toMatchObject({
      score: 1,
    });
  });

  test('is read from a place in the metadata', async () => {
    const label = 'retrieval_mrr {"from":"metadata","at":"rag.ids"}';
    const metadata = { rag: { ids: ['x', 'b'] } };
    expect(await score(label, { metadata, expected: ['b'] })).toMatchObject({ score: 0.5 });
    expect(await score(label, { metadata: {}, expected: ['b'] })).toMatchObject({
      error: '`rag.ids` of the metadata is not a list of ids',
    });
  });

  test('is read from the retrievers of the trace, or from the reranker that went over them', async () => {
    const label = 'retrieval_ndcg {"from":"trace"}';
    const found = [retriever('retriever', ['x', 'a']), retriever('retriever', ['b'])];
    const target = { expected: { a: 3, b: 1 }, spans: async () => found };
    const [gained, ideal] = [3 / Math.log2(3) + 1 / 2, 3 + 1 / Math.log2(3)];
    expect(await score(label, target)).toMatchObject({ score: expect.closeTo(gained / ideal, 12) });
    const reranked = async () => [...found, retriever('reranker', ['a', 'b'])];
    expect(await score(label, { ...target, spans: reranked })).toMatchObject({ score: 1 });
    expect(await score(label, { expected: ['a'] })).toMatchObject({
      ok: false,
      error: expect.stringContaining('no retriever'),
    });
    const nameless = async () => [retriever('retriever', [null])];
    expect(await score(label, { expected: ['a'], spans: nameless })).toMatchObject({
      ok: false,
      error: expect.stringContaining('no id'),
    });
  });

  test('fails where nothing is relevant, and is zero where nothing was found', async () => {
    expect(await score('retrieval_map', { output: '["a"]', expected: [] })).toMatchObject({
      error: 'nothing is relevant, so nothing can be found',
    });
    expect(await score('retrieval_map', { output: '["a"]', expected: { a: 0 } })).toMatchObject({ ok: false });
    expect(await score('retrieval_map', { output: '["a"]', expected: null })).toMatchObject({ ok: false });
    expect(await score('retrieval_map', { output: '[]', expected: ['a'] })).toMatchObject({ score: 0 });
    expect(await score('retrieval_map', { output: 'a, b', expected: ['a'] })).toMatchObject({
      error: 'the output is not a list of ids',
    });
  });
});
