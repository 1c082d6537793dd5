import type { OnlineEvaluationBody } from '@wheelhouse/sdk';
import { expect, test } from 'vitest';
import { newOnlineDraft, onlineBody, onlineDraftOf } from './online-queries.ts';

const draft = { ...newOnlineDraft, name: 'rule' };

test('a form becomes what is sent, and nothing while something is missing', () => {
  expect(onlineBody({ ...draft, q: ' model:bot ', more: 'kind=judge_rubric {"model":"m"}', budget: '2.5' })).toEqual({
    ...{ of: 'traces', q: 'model:bot', sample: 1, waitSeconds: 300, budget: '2.5' },
    scorers: ['pii', { scorer: 'judge_rubric {"model":"m"}', as: 'kind' }],
  });
  expect(onlineBody({ ...draft, of: 'spans', spanKind: 'tool', spanName: 'search*' })).toMatchObject({
    span: { kind: 'tool', name: 'search*' },
  });
  expect(onlineBody({ ...draft, of: 'follow_ups', budget: '3' })).toEqual({
    ...{ of: 'follow_ups', q: '', sample: 1, waitSeconds: 300, scorers: [] },
  });
  expect(onlineBody({ ...draft, scorers: [] })).toBeNull();
  expect(onlineBody({ ...draft, share: '0' })).toBeNull();
  expect(onlineBody({ ...draft, of: 'sessions', wait: '0' })).toBeNull();
});

test('one that is there becomes a form that sends it again', () => {
  const online = {
    ...{ name: 'rule', of: 'sessions', q: 'user:a', sample: 0.25, budgetNanoUsd: '2500000000', waitSeconds: 90 },
    span: { kind: null, name: null },
    scorers: [
      { name: 'readability', label: 'readability' },
      { name: 'kind', label: 'judge_rubric {"model":"m"}' },
    ],
  } as OnlineEvaluationBody;
  expect(onlineBody(onlineDraftOf(online))).toEqual({
    ...{ of: 'sessions', q: 'user:a', sample: 0.25, waitSeconds: 90, budget: '2.5' },
    scorers: ['readability', { scorer: 'judge_rubric {"model":"m"}', as: 'kind' }],
  });
});
