import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example, ExampleId, Json, RecipeStep } from '../records/index.ts';
import { simEmbedding } from '../sim/index.ts';
import { findFar, histogramOf } from './distribution.ts';
import { examineRows, followRecipe, type RecipeRow, toHealthRow } from './index.ts';
import { findNearDuplicates, normalText, signatureOf, similarity } from './near-duplicates.ts';
import { clusterVectors, projectToPlane } from './vectors.ts';

const breathe = () => null;
const world = { embed: (text: string) => simEmbedding(text, 128), breathe };

let count = 0;
const example = (input: Json, given: Partial<Example> = {}): Example => ({
  ...{ id: `ex_${++count}` as ExampleId, hash: '', input, expected: null, metadata: {}, tags: [], split: null },
  ...{ weight: 1, source: null, erasedAt: null, place: count, ...given },
});

const topics = {
  delivery: (n: number) =>
    `Where is my parcel number ${n} that was shipped to ${['Oslo', 'Rome', 'Lima', 'Cairo'][n % 4]} last week?`,
  refund: (n: number) => `I want my money back for invoice ${n * 37}, please refund the payment to my card.`,
};

describe('near duplicates', () => {
  test('are estimated as alike as their runs of characters are', () => {
    const word = fc.string({ minLength: 3, maxLength: 8, unit: fc.constantFrom(...'abcdefghij') });
    fc.assert(
      fc.property(fc.array(word, { minLength: 10, maxLength: 40 }), fc.nat(39), (words, at) => {
        const [a, b] = [words.join(' '), words.map((one, i) => (i === at ? 'zzzzz' : one)).join(' ')];
        const runs = (text: string) => new Set(Array.from({ length: text.length - 4 }, (_, i) => text.slice(i, i + 5)));
        const [x, y] = [runs(a), runs(b)];
        const both = [...x].filter((run) => y.has(run)).length;
        const exact = both / (x.size + y.size - both);
        expect(Math.abs(similarity(signatureOf(a), signatureOf(b)) - exact)).toBeLessThan(0.32);
      }),
      { numRuns: 100 },
    );
  });

  test('are found among many, and what is different is left alone', async () => {
    const word = (n: number) => (Math.imul(n + 1, 2_654_435_761) >>> 0).toString(36);
    const texts = Array.from({ length: 400 }, (_, n) =>
      Array.from({ length: 12 }, (_, k) => word(n * 12 + k)).join(' '),
    );
    const long = normalText(
      `${topics.delivery(1)} ${topics.refund(2)} And I have written to you three times about it already.`,
    );
    const clusters = await findNearDuplicates([...texts, long, long, `${long} thanks`], { least: 0.8, breathe });
    expect(clusters.map(({ members }) => members)).toEqual([[400, 401, 402]]);
    expect(clusters[0]?.similarity).toBeGreaterThanOrEqual(0.8);
    const none = await findNearDuplicates(['alpha beta gamma', 'something else entirely', ''], { least: 0.8, breathe });
    expect(none).toEqual([]);
  });
});

test('the plane shows the directions along which vectors differ most', async () => {
  const vectors = Array.from({ length: 50 }, (_, n) => [n * 3, n % 5, 0.01 * (n % 3)]);
  const { points, explained } = await projectToPlane(vectors, breathe);
  expect(explained[0]).toBeGreaterThan(0.99);
  const steps = points.slice(1).map(([x], i) => Math.abs(x - (points[i]?.[0] ?? 0)));
  for (const step of steps) expect(step).toBeCloseTo(3, 0);
  expect((await projectToPlane([[1, 1]], breathe)).points).toEqual([[0, 0]]);
});

test('clusters are the same each time, and tell apart what is apart', async () => {
  const vectors = [
    ...Array.from({ length: 20 }, (_, n) => topics.delivery(n)),
    ...Array.from({ length: 20 }, (_, n) => topics.refund(n)),
  ].map(world.embed);
  const clusters = await clusterVectors(vectors, 2, breathe);
  expect(new Set(clusters.slice(0, 20)).size).toBe(1);
  expect(new Set(clusters).size).toBe(2);
  expect(await clusterVectors(vectors, 2, breathe)).toEqual(clusters);
  expect(await clusterVectors([], 3, breathe)).toEqual([]);
});

test('bars hold every value, and what is far is told', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { minLength: 1 }), (values) => {
      const bars = histogramOf(values);
      expect(bars?.counts.reduce((sum, n) => sum + n, 0)).toBe(values.length);
    }),
  );
  const lengths = [...Array.from({ length: 50 }, (_, n) => 90 + n), 40_000];
  expect(findFar(lengths)).toEqual([50]);
  expect(findFar(Array(50).fill(100))).toEqual([]);
});

test('a report names what is wrong with a dataset', async () => {
  const rows = [
    ...Array.from({ length: 40 }, (_, n) =>
      example(topics.delivery(n * 7919), { split: 'train', expected: 'delivery' }),
    ),
    ...Array.from({ length: 40 }, (_, n) =>
      example(topics.refund(n * 104_729), { split: 'train', expected: 'refund' }),
    ),
    example(topics.delivery(0).toUpperCase(), { split: 'test', expected: 'refund' }),
    example('Write to ada@example.com, my card is 4111 1111 1111 1111.', { split: 'test' }),
    example(`${topics.refund(5)} `.repeat(200), { split: 'test' }),
    example('¿Dónde está mi paquete? Lo pedí la semana pasada y todavía no ha llegado.', { split: 'test' }),
  ];
  const recent = Array.from({ length: 12 }, (_, n) => ({
    traceId: `t${n}`,
    text: n < 4 ? topics.delivery(n * 7919) : `quantum chromodynamics lattice gauge ${n} hadron spectrum zzz`,
  }));
  const prompts = [{ prompt: 'bot@2', text: `You help. For example:\n${topics.refund(104_729)}\nAnswer: refund` }];
  const report = await examineRows(
    { total: rows.length, rows: rows.map(toHealthRow), near: 0.8, prompts, recent },
    world,
  );
  const [first] = rows;
  expect(report).toMatchObject({
    ...{ rows: 84, looked: 84 },
    conflicts: { inputs: 1, list: [{ ids: [first?.id, rows[80]?.id], expected: ['"delivery"', '"refund"'] }] },
    outliers: { long: { ids: [rows[82]?.id] } },
    personal: { rows: 1, kinds: { email: 1, card: 1 }, ids: [rows[81]?.id] },
  });
  expect(report.duplicates.exactRows).toBe(1);
  expect(report.leakage.splits[0]).toMatchObject({ splits: ['test', 'train'] });
  expect(report.leakage.prompts).toEqual([{ prompt: 'bot@2', rows: 1, ids: [rows[41]?.id] }]);
  expect(report.languages.map(({ language }) => language)).toEqual(expect.arrayContaining(['en', 'es']));
  expect(report.coverage?.covered).toBeCloseTo(4 / 12, 5);
  expect(report.coverage?.gaps.flatMap(({ words }) => words)).toContain('lattice');
  expect(report.map.points).toHaveLength(84);
  expect(report.map.clusters.flatMap(({ words }) => words)).toEqual(expect.arrayContaining(['money']));
});

test('a report on nothing is empty', async () => {
  const report = await examineRows({ total: 0, rows: [], near: 0.8, prompts: [], recent: [] }, world);
  expect(report).toMatchObject({ looked: 0, coverage: null, map: { points: [], clusters: [] } });
});

describe('a recipe', () => {
  const rowsOf = (...rows: Example[]) =>
    async function* (): AsyncGenerator<RecipeRow> {
      yield* rows;
    };
  const make = async (steps: Parameters<typeof followRecipe>[0], ...rows: Example[]) => {
    const made: RecipeRow[] = [];
    for await (const row of followRecipe(steps, rowsOf(...rows))) made.push(row);
    return made;
  };
  const label = (value: string, n: number) => example(`${value} question number ${n}`, { expected: value });

  test('filters, balances, samples and splits, the same each time', async () => {
    const rows = [
      ...Array.from({ length: 30 }, (_, n) => label('a', n)),
      ...Array.from({ length: 10 }, (_, n) => label('b', n)),
    ];
    const balanced = await make([{ do: 'balance', by: 'expected' }], ...rows);
    expect(balanced.map(({ expected }) => expected)).toEqual([...Array(10).fill('a'), ...Array(10).fill('b')]);
    const steps: RecipeStep[] = [
      { do: 'filter', text: 'QUESTION', not: false },
      { do: 'sample', rows: 15, seed: 's' },
      { do: 'split', parts: { train: 1, test: 1 }, by: 'input', seed: '' },
      { do: 'tag', add: ['made'] },
    ];
    const made = await make(steps, ...rows);
    expect(made).toHaveLength(15);
    expect(new Set(made.map(({ split }) => split))).toEqual(new Set(['train', 'test']));
    expect(made.every(({ tags }) => tags.includes('made'))).toBe(true);
    expect(await make(steps, ...rows)).toEqual(made);
    expect(await make([{ do: 'filter', text: 'question', not: true }], ...rows)).toEqual([]);
  });

  test('removes equal rows, and nearly equal ones when asked', async () => {
    const text = topics.refund(3);
    const rows = [example(text), example(text.toUpperCase()), example(`${text} Thanks`), example(topics.delivery(3))];
    expect(await make([{ do: 'deduplicate' }], ...rows)).toHaveLength(3);
    expect(await make([{ do: 'deduplicate', near: 0.7 }], ...rows)).toHaveLength(2);
  });

  test('moves, masks and varies what is in a row, and changes none that was given', async () => {
    const row = example({ q: 'Write to ada@example.com now!', ctx: 'x' }, { metadata: { gold: 'b', note: 'n' } });
    const before = structuredClone(row);
    const [moved] = await make(
      [{ do: 'map', move: { 'metadata.gold': 'expected', 'input.q': 'input.question' }, drop: ['input.ctx'] }],
      row,
    );
    expect(moved).toMatchObject({
      input: { question: row.input && 'Write to ada@example.com now!' },
      expected: 'b',
      metadata: { note: 'n' },
    });
    expect(Object.keys(moved?.input as object)).toEqual(['question']);
    expect((await make([{ do: 'mask' }], row))[0]).toMatchObject({ input: { q: 'Write to <EMAIL> now!', ctx: 'x' } });
    const [same, copy] = await make([{ do: 'augment', with: ['lowercase', 'no_punctuation'], copies: 1 }], row);
    expect(same).toEqual(expect.objectContaining({ id: row.id, input: row.input }));
    expect(copy).toMatchObject({
      input: { q: 'write to adaexamplecom now' },
      tags: ['augmented'],
      metadata: { augmented: { of: row.id } },
    });
    expect(copy?.id).not.toBe(row.id);
    expect(row).toEqual(before);
  });
});
