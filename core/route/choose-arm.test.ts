import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alias, ReleaseSplit } from '../records/index.ts';
import { type ArmCaller, chooseArm } from './choose-arm.ts';

const alias = (release?: Partial<ReleaseSplit>): Alias => ({
  ...{ alias: 'production', version: 1, before: null, movedAt: '' },
  ...(release && { release: { id: 'rel_1', candidate: 2, share: 0.2, sticky: 'user', ...release } }),
});
const caller = (more: Partial<ArmCaller> = {}): ArmCaller => ({
  ...{ user: null, session: null, draw: () => 'drawn', nowMs: () => 1_000 },
  ...more,
});
const arms = (split: Partial<ReleaseSplit>, count = 4_000) =>
  Array.from({ length: count }, (_, i) => chooseArm(alias(split), caller({ user: `user ${i}` }))?.arm);
const share = (chosen: unknown[]) => chosen.filter((arm) => arm === 'candidate').length / chosen.length;

describe('the arm of a caller', () => {
  test('is none where no version is on its way', () => {
    expect(chooseArm(alias(), caller())).toBeNull();
  });

  test('hangs on the release and on who calls alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (id, user, part) => {
        const ask = () => chooseArm(alias({ id, share: part }), caller({ user, session: String(Math.random()) }));
        expect(ask()).toEqual(ask());
      }),
    );
  });

  test('is the candidate for its share, and for other people in another release', () => {
    expect(share(arms({ share: 0.2 }))).toBeCloseTo(0.2, 1);
    expect(share(arms({ share: 0 }))).toBe(0);
    const [one, other] = [arms({ share: 0.5 }), arms({ share: 0.5, id: 'rel_2' })];
    const same = one.filter((arm, i) => arm === other[i]).length / one.length;
    expect(same).toBeCloseTo(0.5, 1);
  });

  test('stays when the share grows', () => {
    const [before, after] = [arms({ share: 0.1 }), arms({ share: 0.3 })];
    expect(before.every((arm, i) => arm === 'incumbent' || after[i] === 'candidate')).toBe(true);
  });

  test('is by the share before until every server knows the new one', () => {
    const all = Array.from({ length: 400 }, (_, i) => `user ${i}`);
    const at = (nowMs: number, split: Partial<ReleaseSplit>) =>
      all.map((user) => chooseArm(alias(split), caller({ user, nowMs: () => nowMs }))?.arm);
    const grown = { share: 0.5, before: { share: 0.1, untilMs: 2_000 } };
    expect(at(1_999, grown)).toEqual(at(1_999, { share: 0.1 }));
    expect(at(2_000, grown)).toEqual(at(2_000, { share: 0.5 }));
    expect(at(1_999, grown)).not.toEqual(at(2_000, grown));
  });

  test('is by user, then by session, then by the request, as the release says', () => {
    const unit = (sticky: ReleaseSplit['sticky'], who: Partial<ArmCaller>) =>
      chooseArm(alias({ sticky }), caller(who))?.unit;
    expect(unit('user', { user: 'u', session: 's' })).toBe('u');
    expect(unit('user', { session: 's' })).toBe('s');
    expect(unit('user', {})).toBe('drawn');
    expect(unit('session', { user: 'u', session: 's' })).toBe('s');
    expect(unit('session', { user: 'u' })).toBe('drawn');
    expect(unit('request', { user: 'u', session: 's' })).toBe('drawn');
  });

  test('is the incumbent where the candidate only listens; a share of the requests is copied, whoever asks', () => {
    const split = { share: 0.2, isShadow: true as const };
    const draws = Array.from({ length: 4_000 }, (_, i) => `request ${i}`);
    const chosen = draws.map((draw) => chooseArm(alias(split), caller({ user: 'ann', draw: () => draw })));
    expect(new Set(chosen.map((one) => one?.arm))).toEqual(new Set(['incumbent']));
    expect(chosen.filter((one) => one?.copyTo === 2).length / draws.length).toBeCloseTo(0.2, 1);
    expect(chosen.filter((one) => one?.copyTo === null).length / draws.length).toBeCloseTo(0.8, 1);
    // Whoever reads the name again, by what the choice says, comes to the same.
    const again = chosen.map((one) => chooseArm(alias(split), caller({ draw: () => one?.unit ?? '' })));
    expect(again).toEqual(chosen);
    expect(chooseArm(alias({ ...split, share: 0 }), caller())?.copyTo).toBeNull();
  });
});
