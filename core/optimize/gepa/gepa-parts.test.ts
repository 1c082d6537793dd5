import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformFrom } from '../../stats/index.ts';
import { gepaRuns } from './gepa.ts';
import { ancestorsOf, canJoin, drawPair, isAsGood, joined, type Lineage, mergeRows } from './merge.ts';
import { drawFromFront, frontOf, leadsOf, withoutDominated } from './pareto.ts';

const grid = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([candidates, rows]) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: rows, maxLength: rows }), {
    minLength: candidates,
    maxLength: candidates,
  }),
);
const means = (scores: number[][]) => scores.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);

describe('the front', () => {
  it('has of each row all that are the best on it', () => {
    expect(
      frontOf([
        [1, 0, 1],
        [0, 1, 1],
        [0, 0, 0],
      ]).map((leaders) => [...leaders]),
    ).toEqual([[0], [1], [0, 1]]);
  });

  it('keeps a set that covers every row and from which nobody can be taken', () => {
    fc.assert(
      fc.property(grid, (scores) => {
        const front = frontOf(scores);
        for (const [row, leaders] of front.entries())
          for (const [one, own] of scores.entries())
            expect(leaders.has(one)).toBe(scores.every((other) => (other[row] ?? 0) <= (own[row] ?? 0)));
        const kept = withoutDominated(front, means(scores));
        const covers = (set: ReadonlySet<number>) => front.every((leaders) => [...leaders].some((one) => set.has(one)));
        expect(covers(kept)).toBe(true);
        for (const one of kept) expect(covers(new Set([...kept].filter((other) => other !== one)))).toBe(false);
      }),
    );
  });

  it('takes the worst away first', () => {
    const scores = [
      [1, 1, 0],
      [1, 0, 0],
      [0, 1, 1],
    ];
    expect([...withoutDominated(frontOf(scores), means(scores))].sort()).toEqual([0, 2]);
  });

  it('is drawn from as often as rows are led', () => {
    const front = [new Set([0]), new Set([0]), new Set([0, 1]), new Set([1]), new Set([2]), new Set([0, 3])];
    const leads = leadsOf(front, new Set([0, 1, 2]));
    expect([...leads]).toEqual([
      [0, 4],
      [1, 2],
      [2, 1],
    ]);
    const draw = uniformFrom(7);
    const count = [0, 0, 0];
    for (let i = 0; i < 7000; i++) {
      const one = drawFromFront(leads, draw);
      count[one] = (count[one] ?? 0) + 1;
    }
    const square = [4000, 2000, 1000].reduce((sum, due, i) => sum + ((count[i] ?? 0) - due) ** 2 / due, 0);
    // 99.9 % of chi-square with two degrees of freedom.
    expect(square).toBeLessThan(13.8);
  });
});

describe('merging', () => {
  const member = (texts: string[], parents: number[], mean: number): Lineage => ({ texts, parents, mean });

  it.each([
    ['both as it was', 'x', 'x', 1, 2, 'x'],
    ['the one changed', 'new', 'x', 1, 2, 'new'],
    ['the other changed', 'x', 'new', 2, 1, 'new'],
    ['both changed alike', 'new', 'new', 1, 2, 'new'],
    ['both changed, the first better', 'a', 'b', 2, 1, 'a'],
    ['both changed, the second better', 'a', 'b', 1, 2, 'b'],
  ])('takes of a component, %s', (_, a, b, meanA, meanB, found) => {
    const sides = [member([a], [], meanA), member([b], [], meanB)] as const;
    expect(joined(['x'], ...sides, () => 0.9)).toEqual([found]);
  });

  it('draws where both changed it and are as good', () => {
    const sides = [member(['a'], [], 1), member(['b'], [], 1)] as const;
    expect([joined(['x'], ...sides, () => 0.4), joined(['x'], ...sides, () => 0.6)]).toEqual([['a'], ['b']]);
  });

  it.each([
    ['as good as the better one', [1, 1, 0], [1, 0, 0], [1, 0, 1], true],
    ['better than both', [1, 1, 1], [1, 0, 0], [0, 1, 1], true],
    ['better than one alone', [1, 0, 0], [0, 0, 0], [1, 1, 0], false],
    ['better on each row than one of them, in sum than none', [0.5, 0.5], [1, 0.1], [0.1, 1], false],
  ])('is kept where it is %s', (_, merged, a, b, isKept) => {
    expect(isAsGood(merged, a, b)).toBe(isKept);
  });

  it('has something to join only where one side alone changed a component', () => {
    expect(canJoin(['x', 'y'], ['new', 'y'], ['x', 'new'])).toBe(true);
    expect(canJoin(['x', 'y'], ['a', 'y'], ['b', 'y'])).toBe(false);
    expect(canJoin(['x', 'y'], ['x', 'y'], ['x', 'y'])).toBe(false);
  });

  it('joins two of the front that have an ancestor in common that is no better, and neither is the other’s', () => {
    const pool = [
      member(['x', 'y'], [], 0.3),
      member(['a', 'y'], [0], 0.5),
      member(['x', 'b'], [0], 0.6),
      member(['a', 'c'], [1], 0.7),
    ];
    expect([...ancestorsOf(pool, 3)].sort()).toEqual([0, 1]);
    const none = { tried: new Set<string>(), draw: () => 0 };
    expect(drawPair(pool, [1, 2], none)).toEqual({ a: 1, b: 2, ancestor: 0 });
    expect(drawPair(pool, [1, 3], none)).toBeNull();
    expect(drawPair(pool, [1, 2], { ...none, tried: new Set(['1 2 0']) })).toBeNull();
    const worse = pool.map((one, i) => (i === 0 ? { ...one, mean: 0.55 } : one));
    expect(drawPair(worse, [1, 2], none)).toBeNull();
  });

  it('is tried where the one is better, where the other is, and where both are equal', () => {
    const a = [1, 1, 1, 0, 0, 0, 1, 1, 1];
    const b = [0, 0, 0, 1, 1, 1, 1, 1, 1];
    for (let seed = 0; seed < 20; seed++) {
      const rows = mergeRows(a, b, uniformFrom(seed));
      expect(new Set(rows).size).toBe(5);
      expect(rows.filter((i) => i < 3)).toHaveLength(2);
      expect(rows.filter((i) => i >= 3 && i < 6)).toHaveLength(2);
    }
    expect(mergeRows([1, 1], [0, 0], uniformFrom(1))).toHaveLength(2);
  });
});

it('makes as many runs as the search by combinations would', () => {
  // 100 + 6 · 5 + 10 · 35 + (⌊11 / 5⌋ + 1) · 100
  expect(gepaRuns({ predictors: 1, candidates: 6, rows: 100 })).toBe(780);
});
