import { expect, it } from 'vitest';
import { newScoringDraft, scoringBody } from './scoring-draft.ts';

const targets = { of: 'traces', q: 'status:ok' } as const;

it('takes scorers with a tick and those of lines, which may name their scores', () => {
  const more = '\nkind=judge_rubric {"rubric":"a=b"}\n  length {"max":10} ';
  expect(scoringBody(targets, { ...newScoringDraft, more, share: '10', cap: '2' })).toEqual({
    of: 'traces',
    q: 'status:ok',
    scorers: ['pii', { as: 'kind', scorer: 'judge_rubric {"rubric":"a=b"}' }, 'length {"max":10}'],
    sample: 0.1,
    most: 1000,
    cap: '2',
  });
});

it('is nothing yet without a scorer, a share or a number', () => {
  expect(scoringBody(targets, { ...newScoringDraft, scorers: [] })).toBeNull();
  for (const share of ['', '0', '101']) expect(scoringBody(targets, { ...newScoringDraft, share })).toBeNull();
  expect(scoringBody(targets, { ...newScoringDraft, most: '' })).toBeNull();
});
