import { releaseSchemas } from '@wheelhouse/core/contract';
import { expect, it } from 'vitest';
import { newReleaseDraft, type ReleaseDraft, releaseBody, sharesOf, stepsOf } from './release-draft.ts';

const draft = (more: Partial<ReleaseDraft>): ReleaseDraft => ({
  ...{ ...newReleaseDraft, model: 'bot', candidate: '4' },
  ...more,
});

it('reads shares that grow, and refuses steps that do not', () => {
  expect(stepsOf({ share: '5', ramp: ' 25@200, 50%@1000' })).toEqual([
    { share: 0.05, after: 0 },
    { share: 0.25, after: 200 },
    { share: 0.5, after: 1000 },
  ]);
  for (const [share, ramp] of [
    ...[['', ''] as const, ['0', ''] as const, ['100', ''] as const, ['-1', ''] as const, ['x', ''] as const],
    ...[['5', '4@10'] as const, ['5', '10'] as const, ['5', '10@20,20@20'] as const, ['5', '100@9'] as const],
  ])
    expect(stepsOf({ share, ramp }), `${share} ${ramp}`).toBeNull();
});

it('reads a share that moves, which begins between its ends', () => {
  const moves = (share: string, floor: string, ceiling: string) =>
    sharesOf({ goes: 'moves', share, floor, ceiling, ramp: '1@1' });
  expect(moves('20', '5', '80')).toEqual({ share: 0.2, allocation: { floor: 0.05, ceiling: 0.8 } });
  expect(moves('5', '5', '80')).not.toBeNull();
  for (const [share, floor, ceiling] of [
    ...[['4', '5', '80'] as const, ['81', '5', '80'] as const, ['20', '', '80'] as const, ['20', '0', '80'] as const],
    ...[['20', '20', '20'] as const, ['20', '5', '100'] as const, ['x', '5', '80'] as const],
  ])
    expect(moves(share, floor, ceiling), `${share} ${floor} ${ceiling}`).toBeNull();
  const body = releaseBody(draft({ goes: 'moves', share: '20', ramp: 'nonsense' }));
  expect(body).toMatchObject({ share: 0.2, allocation: { floor: 0.1, ceiling: 0.9 } });
  expect(body).not.toHaveProperty('steps');
  expect(releaseSchemas.newRelease.safeParse(body).success).toBe(true);
  expect(releaseBody(draft({ goes: 'moves', listens: true }))).not.toHaveProperty('allocation');
});

it('makes the body that starts it, which the API takes', () => {
  const body = releaseBody(draft({ share: '12.5', falseRollback: '1', examples: 'failures', message: ' new ' }));
  expect(body).toEqual({
    ...{ model: 'bot', alias: 'production', candidate: 4, steps: [{ share: 0.125, after: 0 }], sticky: 'user' },
    ...{ minimum: 50, promotesItself: false, risks: { falseRollback: 0.01, missedRegression: 0.05 } },
    ...{ examples: { dataset: 'failures' }, message: 'new' },
  });
  expect(releaseSchemas.newRelease.safeParse(body).success).toBe(true);
  const rails = [{ kind: 'errors' as const, name: 'errors', effect: 0.03 }];
  expect(releaseBody(draft({ rails }))).toMatchObject({ rails });
});

it('is no body while something is missing or impossible', () => {
  const wrong: Partial<ReleaseDraft>[] = [
    ...[{ model: '' }, { alias: '' }, { candidate: '' }, { share: '' }, { ramp: '1@1' }, { falseRollback: '0' }],
    ...[{ missedRegression: '60' }, { minimum: '9' }, { minimum: '10.5' }],
  ];
  for (const one of wrong) expect(releaseBody(draft(one)), JSON.stringify(one)).toBeNull();
});
