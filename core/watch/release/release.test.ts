import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReleaseObservation, ReleasePlan, ReleaseRail } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { defaultRails, judgeRelease, shareAt } from '../index.ts';
import { addEvidence, type Evidence, noEvidence } from './evidence.ts';

const good: ReleaseRail = { kind: 'quality', name: 'good', score: 'good', low: 0, high: 1, effect: 0.1 };
const errors: ReleaseRail = { kind: 'errors', name: 'errors', effect: 0.05 };
const plan = (more: Partial<ReleasePlan> = {}): ReleasePlan => ({
  ...{ sticky: 'user', steps: [{ share: 0.1, after: 0 }], rails: [good], minimum: 30, promotesItself: false },
  ...{ risks: { falseRollback: 0.05, missedRegression: 0.05 }, examples: null, shadow: null, allocation: null },
  ...more,
});

type Arm = 'incumbent' | 'candidate';
const score = (arm: Arm, value: number, name = 'good'): ReleaseObservation => ({ kind: 'score', arm, name, value });
const call = (arm: Arm, more: object = {}): ReleaseObservation => ({
  ...{ kind: 'call', arm, latencyNs: 5n, costNanoUsd: 10n, failed: false, refused: false, ...more },
});

/** As many of each, in turn, of which this share is good. */
function scored(count: number, share: Record<Arm, number>): ReleaseObservation[] {
  const u = uniformFrom(1);
  return Array.from({ length: 2 * count }, (_, i) => {
    const arm = i % 2 === 0 ? 'incumbent' : 'candidate';
    return score(arm, u() < share[arm] ? 1 : 0);
  });
}
const judged = (given: ReleasePlan, seen: ReleaseObservation[]) =>
  judgeRelease(given, addEvidence(given, noEvidence(given), seen));

describe('the verdict on a release', () => {
  test('is that there is too little, where nothing, or nothing of a rail, was seen', () => {
    expect(judged(plan(), []).verdict).toBe('not_enough_data');
    const blind = judged(
      plan({ rails: [good, errors] }),
      Array.from({ length: 500 }, (_, i) => call(i % 2 ? 'candidate' : 'incumbent')),
    );
    expect(blind).toMatchObject({ verdict: 'not_enough_data', rails: [{ state: 'too_few' }, {}] });
    expect(blind.sentence).toBe('Fewer than 30 values: good has 0 against 0.');
    expect(judged(plan({ rails: [] }), [call('candidate')]).verdict).toBe('not_enough_data');
  });

  test('is to roll back what is worse, to promote what is as good, and to hold while nobody can tell', () => {
    const worse = judged(plan(), scored(300, { incumbent: 0.9, candidate: 0.5 }));
    expect(worse.verdict).toBe('roll_back');
    expect(worse.sentence).toMatch(/^good is worse, by [\d.]+ pp or more: \d\d\.\d % against 9\d\.\d %\.$/);
    expect(judged(plan(), scored(3_000, { incumbent: 0.9, candidate: 0.9 })).verdict).toBe('promote');
    expect(judged(plan(), scored(60, { incumbent: 0.7, candidate: 0.65 }))).toMatchObject({
      ...{ verdict: 'hold', sentence: 'Not settled yet: good.', rails: [{ state: 'open' }] },
    });
  });

  test('needs no minimum to roll back, and waits for the last step to promote', () => {
    const few = scored(25, { incumbent: 1, candidate: 0 });
    expect(judged(plan({ minimum: 1_000 }), few).verdict).toBe('roll_back');
    const steps = [
      { share: 0.1, after: 0 },
      { share: 0.5, after: 4_000 },
    ];
    const held = scored(3_000, { incumbent: 0.9, candidate: 0.9 });
    const calls = (count: number) => Array.from({ length: count }, () => call('candidate'));
    expect(judged(plan({ steps }), [...held, ...calls(3_999)])).toMatchObject({
      ...{ verdict: 'hold', sentence: 'Every rail holds; the share grows to 50 %.' },
    });
    expect(judged(plan({ steps }), [...held, ...calls(4_000)]).verdict).toBe('promote');
    expect([0, 3_999, 4_000].map((seen) => shareAt(steps, seen))).toEqual([0.1, 0.1, 0.5]);
  });

  test('says where nothing told whether answers are as good', () => {
    const rails = [errors];
    const seen = Array.from({ length: 2_000 }, () => [call('incumbent'), call('candidate')]).flat();
    expect(judged(plan({ rails }), seen)).toMatchObject({
      verdict: 'promote',
      sentence:
        'Nothing that is watched is worse by as much as matters. No score is watched, so nothing says whether its answers are as good.',
    });
  });

  test('is told in the words of what is watched, of which less may be better', () => {
    const rails: ReleaseRail[] = [
      errors,
      { kind: 'cost', name: 'cost', capNanoUsd: '100', effect: 0.1 },
      { kind: 'quality', name: 'stars', score: 'stars', low: 1, high: 5, effect: 0.1 },
      { kind: 'latency', name: 'latency', slowNs: '7', effect: 0.1 },
    ];
    const seen = Array.from({ length: 60 }, (_, i) => [
      call('incumbent'),
      call('candidate', { failed: i % 3 === 0, costNanoUsd: 30n, latencyNs: i % 2 ? 9n : 3n }),
      ...[score('incumbent', 4, 'stars'), score('candidate', 5, 'stars')],
    ]).flat();
    const { rails: told } = judged(plan({ rails }), seen);
    expect(told).toMatchObject([
      { unit: 'share', better: 'lower', incumbent: { mean: 0 }, candidate: { count: 60, mean: expect.closeTo(1 / 3) } },
      {
        unit: 'nano_usd',
        better: 'lower',
        incumbent: { mean: expect.closeTo(10) },
        candidate: { count: 40, mean: expect.closeTo(30) },
      },
      { unit: 'score', better: 'higher', difference: 1, effect: 0.4, state: 'held' },
      { unit: 'share', better: 'lower', incumbent: { mean: 0 }, candidate: { mean: expect.closeTo(0.5, 0) } },
    ]);
    for (const { interval, difference } of told) {
      if (interval.low !== null) expect(interval.low).toBeLessThanOrEqual(difference ?? 0);
      if (interval.high !== null) expect(interval.high).toBeGreaterThanOrEqual(difference ?? 0);
    }
  });

  test('is the same whether what came is looked at once, or piece by piece with a kill in between', () => {
    const given = plan({ rails: [good, errors] });
    const arm = fc.constantFrom<Arm>('incumbent', 'candidate');
    const one = fc.oneof(
      fc.tuple(arm, fc.double({ min: 0, max: 1, noNaN: true })).map(([who, value]) => score(who, value)),
      fc.tuple(arm, fc.boolean()).map(([who, failed]) => call(who, { failed })),
    );
    const pieces = fc.array(fc.array(one, { maxLength: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, (looks) => {
        const kept = (evidence: Evidence): Evidence => JSON.parse(JSON.stringify(evidence));
        const stepwise = looks.reduce((evidence, seen) => kept(addEvidence(given, evidence, seen)), noEvidence(given));
        expect(stepwise).toEqual(addEvidence(given, noEvidence(given), looks.flat()));
      }),
      { numRuns: 50 },
    );
  });
});

describe('what both versions made of the same call', () => {
  const pair = (incumbent: ReleaseObservation, candidate: ReleaseObservation): ReleaseObservation => ({
    ...{ kind: 'pair', incumbent: incumbent as never, candidate: candidate as never },
  });
  const listening = plan({ rails: [good, errors], shadow: { budgetNanoUsd: null, outside: false } });

  test('counts for both, and on a rail only where both say something of it', () => {
    const latency: ReleaseRail = { kind: 'latency', name: 'latency', slowNs: '7', effect: 0.1 };
    const given = plan({ rails: [errors, latency] });
    const seen = [
      pair(call('incumbent'), call('candidate', { failed: true })),
      pair(call('incumbent'), call('candidate')),
    ];
    const { calls, rails } = addEvidence(given, noEvidence(given), seen);
    expect(calls).toEqual({ a: 2, b: 2 });
    expect(rails.map(({ total }) => [total.a.count, total.b.count])).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect(rails[1]).toMatchObject({ blocks: 1, open: { a: { count: 0 }, b: { count: 0 } } });
  });

  test('settles sooner than what two groups of callers made of different ones', () => {
    const until = (seen: ReleaseObservation[][]) => {
      let evidence = noEvidence(listening);
      return seen.findIndex((both) => {
        evidence = addEvidence(listening, evidence, both);
        return judgeRelease(listening, evidence).verdict === 'roll_back';
      });
    };
    const ends = Array.from({ length: 10 }, (_, seed) => {
      const u = uniformFrom(seed);
      const answers = Array.from({ length: 900 }, () => {
        const isHard = u() < 0.5;
        // Both fail where it is hard; the candidate now and then where it is easy.
        return { a: isHard ? 0 : 1, b: isHard || u() < 0.25 ? 0 : 1 };
      });
      const other = (i: number) => answers[(i + 450) % 900]?.b ?? 0;
      return {
        paired: until(answers.map(({ a, b }) => [pair(score('incumbent', a), score('candidate', b))])),
        apart: until(answers.map(({ a }, i) => [score('incumbent', a), score('candidate', other(i))])),
      };
    });
    const sum = (of: 'paired' | 'apart') => ends.reduce((all, end) => all + end[of], 0);
    expect(ends.every(({ paired }) => paired >= 0)).toBe(true);
    expect(sum('paired')).toBeLessThan(0.8 * sum('apart'));
  });

  test('looks as good, or is worse, in words of its own, without a share that has to grow', () => {
    const alike = Array.from({ length: 400 }, () => [
      pair(call('incumbent'), call('candidate')),
      pair(score('incumbent', 1), score('candidate', 1)),
    ]).flat();
    const { verdict, sentence } = judged(listening, alike);
    expect({ verdict, sentence }).toEqual({
      verdict: 'promote',
      sentence: 'Nothing that is watched is worse by as much as matters: it may go on to callers.',
    });
    const worse = Array.from({ length: 60 }, () => pair(score('incumbent', 1), score('candidate', 0)));
    expect(judged(listening, worse).verdict).toBe('roll_back');
    expect(judged(listening, alike.slice(0, 20)).verdict).toBe('not_enough_data');
  });
});

describe('what is watched where nobody says', () => {
  const history = {
    ...{ calls: 500, p95Ns: 900n, cost: { meanNanoUsd: 50, p95NanoUsd: 80 } },
    scores: [
      { name: 'thumbs', count: 300, given: 290, mean: 0.8, least: 0, most: 1 },
      { name: 'stars', count: 200, given: 0, mean: 4, least: 1, most: 5 },
      { name: 'rare', count: 3, given: 0, mean: 1, least: 1, most: 1 },
    ],
  };

  test('is what the incumbent did', () => {
    const { rails, without } = defaultRails(history, { isShadow: false });
    expect(rails.map(({ name }) => name)).toEqual(['thumbs', 'latency', 'cost', 'errors', 'refusals']);
    expect(rails[1]).toMatchObject({ slowNs: '900' });
    expect(rails[2]).toMatchObject({ capNanoUsd: '100', effect: 0.1 });
    expect(without).toEqual([]);
  });

  test('is no score that people give, where the candidate answers nobody', () => {
    const { rails, without } = defaultRails(history, { isShadow: true });
    expect(rails.map(({ name }) => name)).toEqual(['latency', 'cost', 'errors', 'refusals']);
    expect(without[0]).toContain('nobody has to give');
    const judgedScores = [{ name: 'judge', count: 300, given: 0, mean: 0.8, least: 0, most: 1 }];
    const judgedOnly = defaultRails({ ...history, scores: judgedScores }, { isShadow: true });
    expect(judgedOnly.rails[0]).toMatchObject({ kind: 'quality', name: 'judge' });
  });

  test('leaves out what it did too little of, and says so', () => {
    const { rails, without } = defaultRails({ calls: 3, p95Ns: 5n, cost: null, scores: [] }, { isShadow: false });
    expect(rails.map(({ name }) => name)).toEqual(['errors', 'refusals']);
    expect(without).toEqual([
      'quality: fewer than 20 scores between 0 and 1 in the last 7 days',
      'latency: fewer than 20 calls in the last 7 days',
      'cost: fewer than 20 calls with a known cost in the last 7 days',
    ]);
    const free = { ...history, cost: { meanNanoUsd: 0, p95NanoUsd: 0 } };
    expect(defaultRails(free, { isShadow: false }).without).toEqual(['cost: calls cost nothing']);
  });
});
