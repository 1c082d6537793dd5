import { routes } from '@wheelhouse/core/contract';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { bodyOf, newItems, sourcesOf } from './items-draft.ts';

const queue = (kind: 'boolean' | 'preference', draw: ReviewQueueBody['draw'] = null): ReviewQueueBody => ({
  ...{ id: 'rq_1', name: 'q', instructions: '', form: [{ kind, name: 'good', label: '', required: true }] },
  ...{ blind: true, overlap: 1, draw, rule: null, items: { open: 0, disputed: 0, done: 0 } },
  ...{ createdBy: 'ada', createdAt: '2026-01-01T00:00:00.000Z' },
});
const accepted = (body: ReturnType<typeof bodyOf>) => routes.addReviewItems.body.parse(body);

describe('what goes into a queue', () => {
  it('is traces by a filter first, of which a share is taken', () => {
    const draft = { ...newItems(queue('boolean'), undefined), q: ' status:error ', share: '25' };
    expect(accepted(bodyOf(draft))).toEqual({
      ...{ from: 'filter', of: 'traces', q: 'status:error', sample: 0.25, most: 50 },
    });
  });

  it('is pairs alone where people say which of two is better', () => {
    expect(sourcesOf(queue('preference'))).toEqual(['pairs']);
    const draft = newItems(queue('preference'), 'ev_1');
    expect(accepted(bodyOf({ ...draft, runs: ['run_a', 'run_b'] }))).toEqual({
      ...{ from: 'pairs', evaluationId: 'ev_1', runs: ['run_a', 'run_b'], count: 50 },
    });
  });

  it('goes on with the draw that is there', () => {
    const draw = { evaluationId: 'ev_2', runs: ['a'], measure: 'judge', pick: 'doubt' as const, rows: 9, count: 3 };
    const draft = { ...newItems(queue('boolean', draw), undefined), source: 'evaluation' as const };
    expect(accepted(bodyOf(draft))).toMatchObject({ evaluationId: 'ev_2', pick: 'doubt', measure: 'judge' });
  });

  it('names the other scorer for a disagreement alone', () => {
    const draft = { ...newItems(queue('boolean'), 'ev_1'), measure: 'judge', other: 'exact' };
    expect(bodyOf(draft)).not.toHaveProperty('other');
    expect(bodyOf({ ...draft, pick: 'disagreement' })).toHaveProperty('other', 'exact');
  });
});
