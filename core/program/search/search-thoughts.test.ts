import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformFrom, wilsonInterval } from '../../stats/index.ts';
import { type SearchOptions, searchThoughts, type ThoughtProblem } from './search-thoughts.ts';

/** A number as a fraction, exactly, and how it was made. */
type Term = { top: number; bottom: number; text: string };
const term = (value: number): Term => ({ top: value, bottom: 1, text: String(value) });
const is24 = ({ top, bottom }: Term) => bottom !== 0 && top === 24 * bottom;

/** Every pair of numbers made into one, by every operation. */
function moves(terms: readonly Term[]): Term[][] {
  return terms.flatMap((a, i) =>
    terms.flatMap((b, j) => {
      if (i === j) return [];
      const rest = terms.filter((_, at) => at !== i && at !== j);
      const made = [
        ...(i < j ? [{ top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom, sign: '+' }] : []),
        ...(i < j ? [{ top: a.top * b.top, bottom: a.bottom * b.bottom, sign: '*' }] : []),
        { top: a.top * b.bottom - b.top * a.bottom, bottom: a.bottom * b.bottom, sign: '-' },
        ...(b.top === 0 ? [] : [{ top: a.top * b.bottom, bottom: a.bottom * b.top, sign: '/' }]),
      ];
      return made.map(({ top, bottom, sign }) => [...rest, { top, bottom, text: `(${a.text} ${sign} ${b.text})` }]);
    }),
  );
}

const value = ({ top, bottom }: Term) => top / bottom;
const keyOf = (terms: readonly Term[]) =>
  terms
    .map(value)
    .sort((a, b) => a - b)
    .join(' ');
const memory = new Map<string, boolean>();
/** Whether 24 can still be made: what a perfect judge would say. */
function canMake(terms: readonly Term[]): boolean {
  const key = keyOf(terms);
  const known = memory.get(key);
  if (known !== undefined) return known;
  const can = terms.length === 1 ? is24(terms[0] as Term) : moves(terms).some(canMake);
  memory.set(key, can);
  return can;
}

const gameOf24 = (
  numbers: readonly number[],
  evaluate: (terms: readonly Term[]) => number,
  exact = true,
): ThoughtProblem<readonly Term[]> => ({
  start: numbers.map(term),
  expand: async (terms) => moves(terms),
  evaluate: async (states) => states.map(evaluate),
  ...(exact ? { verify: (terms) => (terms.length > 1 ? null : is24(terms[0] as Term)) } : {}),
  key: keyOf,
});

const fixture = new URL('../../../testing/fixtures/game-of-24/puzzles.json', import.meta.url);
const { puzzles: lines } = JSON.parse(readFileSync(fixture, 'utf8')) as { puzzles: string[] };
const puzzles = lines.map((line) => line.split(' ').map(Number));
const options: SearchOptions = { strategy: 'bfs', depth: 3, breadth: 5, budget: 1e6 };

const search = (
  given: Partial<SearchOptions>,
  evaluate: (terms: readonly Term[]) => number,
  exact: boolean,
  count: number,
) =>
  Promise.all(
    puzzles
      .slice(0, count)
      .map((numbers) => searchThoughts(gameOf24(numbers, evaluate, exact), { ...options, ...given })),
  );
const never = (terms: readonly Term[]) => Number(canMake(terms));

describe('a search of thoughts in the game of 24', () => {
  it.each([
    ['bfs', 100],
    ['beam', 25],
    ['dfs', 25],
  ] as const)(
    'by %s solves every puzzle, one state wide, with a judge that is never wrong',
    async (strategy, count) => {
      const found = await search({ strategy, breadth: 1 }, never, true, count);
      expect(found.filter(({ solved }) => solved)).toHaveLength(count);
      for (const { state } of found) expect(is24(state[0] as Term)).toBe(true);
    },
  );

  it('by dfs solves puzzles without any judge, as it comes back from dead ends until the verifier is content', async () => {
    const found = await search({ strategy: 'dfs', breadth: 1000 }, () => 1, true, 15);
    expect(found.every(({ solved, ended }) => solved && ended === 'solved')).toBe(true);
  });

  /**
   * Says of a state what the paper's judge may say, and is worth as much as there: right with this probability, else any of
   * the three.
   */
  const judge = (accuracy: number) => {
    const draw = uniformFrom(Math.round(accuracy * 100));
    return (terms: readonly Term[]) => {
      const [sure, likely, impossible] = [20, 1, 0.001] as const;
      if (draw() >= accuracy) return [sure, likely, impossible][Math.floor(draw() * 3)] as number;
      return canMake(terms) ? (terms.length === 1 ? sure : likely) : impossible;
    };
  };
  /** Of 100 puzzles, the mean of five judges. */
  const solvedBy = async (accuracy: number, key: (terms: readonly Term[]) => string, breadth = 5) => {
    // One for all, so that puzzles do not share their luck.
    const valued = judge(accuracy);
    let solved = 0;
    for (let time = 0; time < 5; time++)
      for (const numbers of puzzles) {
        const { kept } = await searchThoughts({ ...gameOf24(numbers, valued, false), key }, { ...options, breadth });
        if (kept.some(([last]) => is24(last as Term))) solved++;
      }
    return solved / 5;
  };
  let states = 0;
  const eachItsOwn = () => String(states++);

  it.each([
    [0, 1, 0.4],
    [0, 5, 1.8],
    [0.7, 5, 7],
    [0.8, 5, 21],
    [0.9, 5, 77],
    [0.95, 5, 98],
  ])(
    'is as good as its judge: right with probability %d, it solves, %d states wide, about %d of 100',
    async (accuracy, breadth, reference) => {
      // As in the paper, states that are come to in two ways are two. 99 % of a reference that solved 100 puzzles once.
      const { low, high } = wilsonInterval({ count: reference, of: 100 }, 0.99);
      const solved = await solvedBy(accuracy, eachItsOwn, breadth);
      expect(solved).toBeGreaterThanOrEqual(100 * low);
      expect(solved).toBeLessThanOrEqual(100 * high);
    },
  );

  it('solves more where states that are the same are one', async () => {
    expect(await solvedBy(0.8, keyOf)).toBeGreaterThan((await solvedBy(0.8, eachItsOwn)) + 5);
  });

  it('looks at a state once, however often it is come to', async () => {
    let judged = 0;
    const seen = new Set<string>();
    const problem = gameOf24([1, 1, 1, 1], (terms) => {
      judged++;
      seen.add(keyOf(terms));
      return 1;
    });
    const found = await searchThoughts(problem, { ...options, breadth: 1000 });
    expect(judged).toBe(seen.size);
    expect(found).toMatchObject({ solved: false, ended: 'nothing left' });
  });
});

describe('a search of thoughts', () => {
  const binary: ThoughtProblem<string> = {
    start: '',
    expand: async (state) => [`${state}0`, `${state}1`],
    evaluate: async (states) => states.map((state) => Number.parseInt(state, 2)),
    key: (state) => state,
  };

  it.each(['bfs', 'beam', 'dfs'] as const)(
    'by %s gives the best of the deepest where nothing verifies',
    async (strategy) => {
      const found = await searchThoughts(binary, { strategy, depth: 6, breadth: 3, budget: 1e4 });
      expect(found).toMatchObject({ state: '111111', value: 63, depth: 6, solved: false, ended: 'depth' });
    },
  );

  it('never asks more than its budget, and says that it was spent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('bfs', 'beam', 'dfs'),
        fc.integer({ min: 0, max: 30 }),
        async (strategy, budget) => {
          let asked = 0;
          const counting: ThoughtProblem<string> = {
            ...binary,
            expand: (state, depth) => {
              asked++;
              return binary.expand(state, depth);
            },
            evaluate: (states, depth) => {
              asked++;
              return binary.evaluate(states, depth);
            },
            verify: () => null,
          };
          const found = await searchThoughts(counting, { strategy, depth: 50, breadth: 2, budget });
          expect(asked).toBeLessThanOrEqual(budget);
          expect(found.calls).toBe(asked);
          expect(found.ended).toBe('budget');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('draws the same for the same seed, and by value', async () => {
    const drawn = (seed: number) =>
      searchThoughts(binary, { strategy: 'bfs', depth: 8, breadth: 1, budget: 1e4, select: 'sample', seed });
    expect(await drawn(1)).toEqual(await drawn(1));
    const ends = new Set(await Promise.all(Array.from({ length: 20 }, async (_, seed) => (await drawn(seed)).state)));
    expect(ends.size).toBeGreaterThan(5);
    expect([...ends].every((state) => state.startsWith('1'))).toBe(true);
  });

  it('leaves what is worth less than it is told', async () => {
    const found = await searchThoughts(binary, { strategy: 'bfs', depth: 3, breadth: 8, budget: 1e4, prune: 1 });
    expect(found.seen).toBe(1 + 2 + 2 + 4);
  });
});
