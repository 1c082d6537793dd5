import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Match, matchesOfScores, rankVariants } from './rank-variants.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/judges/ranking.json', import.meta.url), 'utf8'),
) as {
  cases: {
    variants: number;
    position: boolean;
    strengths: number[];
    errors: number[];
    firstAdvantage: { estimate: number; error: number } | null;
    matches: string[];
    choix?: number[];
  }[];
};

function read(line: string): Match<string> {
  const [first = '', second = '', outcome = '', row = ''] = line.split(' ');
  return { first, second, outcome: outcome === 'first' || outcome === 'second' ? outcome : 'tie', row };
}

/** The t or normal quantile cannot be told from here, so intervals are compared by their shape: half-width ÷ error is one number. */
const isConstant = (values: readonly number[]) => Math.max(...values) - Math.min(...values) < 1e-6;

describe('strengths, the same as reference implementations', () => {
  test('with ties, an order effect and matches of one row: to 1e-8 of a likelihood maximised in Python, errors to 1e-6', () => {
    for (const { matches, position, strengths, errors, firstAdvantage } of fixture.cases) {
      const ranking = rankVariants(matches.map(read), { position })[0]?.ranking;
      expect(ranking?.isSeparated).toBe(false);
      const found = new Map(ranking?.ranked.map((one) => [Number(one.variant), one]));
      strengths.forEach((strength, i) => {
        expect(found.get(i)?.strength).toBeCloseTo(strength, 8);
      });
      const reaches = errors.map((error, i) => ((found.get(i)?.interval.high ?? 0) - (strengths[i] ?? 0)) / error);
      expect(isConstant(reaches)).toBe(true);
      expect(reaches[0]).toBeGreaterThan(1.9599);
      expect(reaches[0]).toBeLessThan(2.1);
      if (firstAdvantage) expect(ranking?.firstAdvantage?.estimate).toBeCloseTo(firstAdvantage.estimate, 8);
      else expect(ranking?.firstAdvantage).toBeNull();
    }
  });

  test('without ties as choix', () => {
    for (const { matches, choix } of fixture.cases) {
      if (!choix) continue;
      const ranking = rankVariants(matches.map(read), { position: false })[0]?.ranking;
      for (const { variant, strength } of ranking?.ranked ?? [])
        expect(strength).toBeCloseTo(choix[Number(variant)] ?? 9, 6);
    }
  });
});

const outcome = fc.constantFrom('first', 'second', 'tie');
const someMatches = fc.array(fc.record({ first: fc.nat(4), second: fc.nat(4), outcome, row: fc.nat(20).map(String) }), {
  minLength: 20,
  maxLength: 80,
});

describe('laws of rankings', () => {
  test('strengths sum to 0, places hold the order, and order of matches and names does not matter', () => {
    fc.assert(
      fc.property(someMatches, fc.boolean(), (matches, position) => {
        const groups = rankVariants(matches, { position });
        const turned = rankVariants(
          [...matches].reverse().map((match) => ({ ...match, first: `v${match.first}`, second: `v${match.second}` })),
          { position },
        );
        for (const { variants, ranking } of groups) {
          const other = turned.find((group) => group.variants.includes(`v${variants[0]}`))?.ranking;
          if (ranking === null) {
            expect(other).toBeNull();
            continue;
          }
          expect(ranking.ranked.reduce((sum, { strength }) => sum + strength, 0)).toBeCloseTo(0, 8);
          ranking.ranked.forEach(({ variant, strength, interval, places, winRate }, i) => {
            expect(other?.ranked.find((one) => one.variant === `v${variant}`)?.strength).toBeCloseTo(strength, 6);
            expect(interval.low).toBeLessThanOrEqual(strength);
            expect(places.best).toBeLessThanOrEqual(i + 1);
            expect(places.worst).toBeGreaterThanOrEqual(i + 1);
            expect(winRate > 0 && winRate < 1).toBe(true);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  test('without an order effect it does not matter who is shown first', () => {
    fc.assert(
      fc.property(someMatches, (matches) => {
        const flip = { first: 'second', second: 'first', tie: 'tie' } as const;
        const turned = matches.map(({ first, second, outcome: was, row }) => ({
          first: second,
          second: first,
          outcome: flip[was],
          row,
        }));
        const strengths = (all: readonly Match<number>[]) =>
          new Map(
            rankVariants(all, { position: false }).flatMap(({ ranking }) =>
              (ranking?.ranked ?? []).map(({ variant, strength }) => [variant, strength] as const),
            ),
          );
        const other = strengths(turned);
        for (const [variant, strength] of strengths(matches)) expect(other.get(variant)).toBeCloseTo(strength, 6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is said of rankings', () => {
  const matches = (first: string, second: string, wins: number, losses: number, ties = 0): Match<string>[] =>
    (
      [
        ['first', wins],
        ['second', losses],
        ['tie', ties],
      ] as const
    ).flatMap(([result, count]) =>
      Array.from({ length: count }, (_, i) => ({
        first,
        second,
        outcome: result,
        row: `${first}${second}${result}${i}`,
      })),
    );

  test('two variants: the strengths are those of their odds', () => {
    const [group] = rankVariants(matches('a', 'b', 30, 10), { position: false });
    const [best, worst] = group?.ranking?.ranked ?? [];
    expect((best?.strength ?? 0) - (worst?.strength ?? 0)).toBeCloseTo(Math.log(3), 10);
    expect(best?.winRate).toBeCloseTo(0.75, 10);
    expect(best?.places).toEqual({ best: 1, worst: 1 });
  });

  test('variants that no match links are ranked apart', () => {
    const groups = rankVariants([...matches('a', 'b', 20, 10), ...matches('c', 'd', 9, 9)], { position: false });
    expect(groups.map(({ variants }) => variants)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(groups[1]?.ranking?.ranked.map(({ places }) => places)).toEqual([
      { best: 1, worst: 2 },
      { best: 1, worst: 2 },
    ]);
  });

  test('a variant that won every match stays in sight, and that is said', () => {
    const [group] = rankVariants(
      [...matches('a', 'b', 20, 0), ...matches('b', 'c', 12, 8), ...matches('a', 'c', 15, 0)],
      {
        position: false,
      },
    );
    expect(group?.ranking?.isSeparated).toBe(true);
    expect(group?.ranking?.ranked[0]).toMatchObject({ variant: 'a', places: { best: 1, worst: 1 } });
    expect(group?.ranking?.ranked[0]?.strength).toBeLessThan(5);
  });

  test('nothing but ties, or few rows, gives no ranking', () => {
    expect(rankVariants(matches('a', 'b', 0, 0, 40), { position: false })[0]?.ranking).toBeNull();
    expect(rankVariants(matches('a', 'b', 5, 4), { position: false })[0]?.ranking).toBeNull();
    expect(rankVariants([{ first: 'a', second: 'a', outcome: 'tie', row: '1' }], { position: false })).toEqual([]);
  });

  test('an order effect is taken out', () => {
    const shown = [...matches('a', 'b', 40, 10), ...matches('b', 'a', 40, 10)];
    const [group] = rankVariants(shown, { position: true });
    expect(group?.ranking?.firstAdvantage?.estimate).toBeCloseTo(Math.log(4), 8);
    expect(group?.ranking?.ranked[0]?.strength).toBeCloseTo(0, 8);
  });

  test('ten matches of one row count as about one when they all go the same way', () => {
    const once = matches('a', 'b', 20, 12);
    const often = once.flatMap((match) => Array.from({ length: 10 }, () => match));
    const width = (all: Match<string>[]) => {
      const { low = 0, high = 9 } = rankVariants(all, { position: false })[0]?.ranking?.ranked[0]?.interval ?? {};
      return high - low;
    };
    expect(width(often) / width(once)).toBeGreaterThan(0.95);
    expect(width(often.map((match, i) => ({ ...match, row: String(i) }))) / width(once)).toBeLessThan(0.4);
  });

  test('scores of the same rows become matches', () => {
    const scores = new Map([
      ['r1', new Map(Object.entries({ a: 0.9, b: 0.4, c: 0.4 }))],
      ['r2', new Map(Object.entries({ a: 0.1, c: 0.2 }))],
    ]);
    expect(matchesOfScores(scores)).toEqual([
      { first: 'a', second: 'b', outcome: 'first', row: 'r1' },
      { first: 'a', second: 'c', outcome: 'first', row: 'r1' },
      { first: 'b', second: 'c', outcome: 'tie', row: 'r1' },
      { first: 'a', second: 'c', outcome: 'second', row: 'r2' },
    ]);
  });
});
