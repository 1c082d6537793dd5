import type { EvaluationBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { bodyOf, draftOf, gateText, newDraft } from './evaluation-draft.ts';

type Gate = EvaluationBody['gates'][number];
const gate = (more: Partial<Gate>): Gate => ({
  ...{ measure: 'exact', statistic: 'mean', than: 'baseline', direction: 'at_least', limit: -0.05, risk: 0.05 },
  ...more,
});

describe('the form of an evaluation', () => {
  it('starts nothing while something is missing', () => {
    expect(bodyOf({ ...newDraft, runs: ['bot@1'] })).toBeNull();
    expect(bodyOf({ ...newDraft, dataset: 'd' })).toBeNull();
    expect(bodyOf({ ...newDraft, dataset: 'd', runs: ['bot@1'], scorers: [] })).toBeNull();
  });

  it('says no more than what is filled in', () => {
    expect(bodyOf({ ...newDraft, dataset: 'd', runs: ['bot@1', ''] })).toEqual({
      dataset: 'd',
      rows: {},
      runs: [{ ref: 'bot@1' }],
      scorers: ['exact', 'levenshtein'],
      gates: [],
      repetitions: 1,
      concurrency: 8,
    });
  });

  it('takes a scorer with options and a gate from each line', () => {
    const body = bodyOf({
      ...{ ...newDraft, dataset: 'd', runs: ['a', 'b'], first: '50', cap: '2.50', version: '3' },
      ...{ more: 'bleu {"tokenize":"char"}\n\n', gates: ' exact >= baseline \nerrors <= 1%' },
    });
    expect(body).toMatchObject({
      ...{ version: 3, rows: { first: 50 }, cap: '2.50' },
      scorers: ['exact', 'levenshtein', 'bleu {"tokenize":"char"}'],
      gates: ['exact >= baseline', 'errors <= 1%'],
    });
  });

  it('repeats an evaluation as it was', () => {
    const evaluation = {
      ...{ name: '', dataset: 'd', datasetVersion: 2, rows: { split: 'test', tag: null, first: null } },
      ...{ runs: [{ ref: 'a@1' }, { ref: 'a@2' }], scorers: ['exact', 'bleu {"tokenize":"char"}'], repetitions: 3 },
      ...{ concurrency: 4, capNanoUsd: '2500000000', gates: [gate({})] },
    } as unknown as EvaluationBody;
    expect(bodyOf(draftOf(evaluation))).toEqual({
      ...{ dataset: 'd', version: 2, rows: { split: 'test' }, runs: [{ ref: 'a@1' }, { ref: 'a@2' }] },
      ...{ scorers: ['exact', 'bleu {"tokenize":"char"}'], gates: ['exact >= baseline - 5pp'] },
      ...{ repetitions: 3, concurrency: 4, cap: '2.5' },
    });
  });

  it('writes gates as they are typed', () => {
    const limit = { than: 'limit' as const, direction: 'at_most' as const };
    expect([
      gateText(gate({ limit: 0, direction: 'above' })),
      gateText(gate({ ...limit, measure: 'latency', statistic: 'p95', limit: 2.5 })),
      gateText(gate({ ...limit, measure: 'cost', limit: 0.01 })),
      gateText(gate({ ...limit, measure: 'errors', limit: 0.01, risk: 0.1 })),
    ]).toEqual(['exact > baseline', 'latency p95 <= 2.5s', 'cost <= $0.01', 'errors <= 1% (risk 10%)']);
  });
});
