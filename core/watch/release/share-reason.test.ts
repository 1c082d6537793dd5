import { expect, it } from 'vitest';
import { noEvidence } from './evidence.ts';
import { decidedNext, reasonOfShare, shareDecisions } from './share-reason.ts';

const rails = [{ kind: 'errors' as const, name: 'errors', effect: 0.05 }];
const verdict = { sentence: 'It looks as good.' };
const release = { candidate: 4, sticky: 'user' as const, shadow: null };
const grown = { ...noEvidence({ rails }), calls: { a: 800, b: 200 } };
const moving = (rail: string | null) => ({
  ...noEvidence({ rails, allocation: { floor: 0.1, ceiling: 0.9 }, steps: [{ share: 0.2, after: 0 }] }),
  allocated: { share: 0.34, next: 68, decisions: [{ calls: 45, share: 0.34, chance: 0.344, rail }] },
});

it('says why a share is what it is: by steps, by how it does, or because nobody is asked any more', () => {
  const shadow = { budgetNanoUsd: null, outside: false };
  expect([
    reasonOfShare(release, grown, verdict),
    reasonOfShare({ ...release, sticky: 'session' }, { ...grown, calls: { a: 9, b: 1 } }, verdict),
    reasonOfShare(release, moving('errors'), verdict),
    reasonOfShare(release, moving(null), verdict),
    reasonOfShare({ ...release, shadow }, grown, verdict),
  ]).toEqual([
    'After 200 users of version 4.',
    'After 1 session of version 4.',
    'After 45 users of version 4 it is 34.4 % likely that errors loses less than half of what matters.',
    'After 45 users of version 4: nothing is watched.',
    'It looks as good.',
  ]);
});

it('knows of no decision where a share does not move, or began before they were kept', () => {
  expect([shareDecisions(grown), decidedNext(grown)]).toEqual([[], null]);
  const { decisions: _, ...old } = moving('errors').allocated;
  expect([shareDecisions({ ...grown, allocated: old }), decidedNext({ ...grown, allocated: old })]).toEqual([[], 68]);
});
