import type { NewEvaluation } from '@wheelhouse/core/ports';
import type { DatasetId, EvaluationId, RunId } from '@wheelhouse/core/records';

/** Two runs over a small dataset; `id` tells it from others. */
export const sampleEvaluation = (id: string, more: Partial<NewEvaluation> = {}): NewEvaluation => ({
  id: `ev_${id}` as EvaluationId,
  name: `trial ${id}`,
  datasetId: 'ds_1' as DatasetId,
  dataset: 'golden',
  datasetVersion: 3,
  rows: { split: 'test', tag: null, first: null },
  runs: [
    { id: `run_${id}a` as RunId, label: 'bot@1', ref: 'bot@1', model: 'bot', version: 1 },
    { id: `run_${id}b` as RunId, label: 'echo', ref: 'sim/echo', model: 'sim/echo', version: null },
  ],
  scorers: ['exact', 'levenshtein'],
  gates: [{ measure: 'exact', statistic: 'mean', than: 'baseline', direction: 'at_least', limit: -0.05, risk: 0.05 }],
  repetitions: 2,
  concurrency: 8,
  rollout: null,
  place: 'server',
  metadata: { commit: 'abc', 'nul\u0000': 'ok' },
  total: 40,
  erased: 0,
  estimateNanoUsd: 9_007_199_254_740_993n,
  capNanoUsd: null,
  ...more,
});
