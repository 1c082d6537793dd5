import { runProgram, signature } from '@wheelhouse/core/program';
import { describe, expect, it } from 'vitest';
import { type Gain, meanGain } from './gains.ts';
import { lineAdapter } from './line-adapter.ts';
import { reportOf } from './model-report.ts';
import { rowsOfSeed } from './plan.ts';
import { heldOutSize, makeTasks, metricOf, poolSize, type TaskRow } from './tasks.ts';
import type { Unit } from './units.ts';

const messages = (rows: readonly TaskRow[]) => rows.map(({ input }) => input.message);

describe('the tasks for a real model', () => {
  it.each(makeTasks().map((task) => [task.name, task] as const))(
    '%s: makes the same rows every time, each once',
    (name, task) => {
      const { pool, heldOut } = task.rows;
      expect([pool.length, heldOut.length]).toEqual([poolSize, heldOutSize]);
      expect(new Set(messages([...pool, ...heldOut])).size).toBe(poolSize + heldOutSize);
      expect(makeTasks().find((again) => again.name === name)?.rows).toEqual(task.rows);
    },
  );

  it('count an answer that has every field right, and no other', async () => {
    for (const task of makeTasks()) {
      const [row] = task.rows.heldOut as [TaskRow];
      const judge = (output: object) =>
        metricOf(task)({ input: row.input, expected: row.expected, output: output as never, calls: [] });
      const [field = ''] = task.judgedBy;
      expect(judge(row.expected)).toBe(true);
      expect(judge({ ...row.expected, [field]: ` ${String(row.expected[field]).toUpperCase()}.` })).toBe(true);
      expect(judge({ ...row.expected, [field]: 'x' })).toBe(false);
      expect(judge({})).toBe(false);
    }
  });

  it('give each seed other rows to search with, and ten seeds all that are held out', () => {
    const [task] = makeTasks() as [ReturnType<typeof makeTasks>[number]];
    const drawn = Array.from({ length: 10 }, (_, seed) => rowsOfSeed(task, seed, heldOutSize / 10));
    for (const { train, validation, heldOut } of drawn) {
      const search = [...train, ...validation];
      expect(new Set(messages(search)).size).toBe(40);
      expect(messages(heldOut).some((message) => messages(search).includes(message))).toBe(false);
    }
    expect(new Set(drawn.flatMap(({ heldOut }) => messages(heldOut))).size).toBe(heldOutSize);
    expect(drawn[0]?.train).not.toEqual(drawn[1]?.train);
    expect(rowsOfSeed(task, 3, 50)).toEqual(drawn[3]);
  });

  it('ask a model that goes on with a text, and read the lines that it adds', async () => {
    const of = signature('message -> customer, quantity: int', { instructions: 'Say who orders.' });
    const demo = { values: { message: 'Ada: 3.', customer: 'Ada', quantity: 3 } };
    const task = { signature: of, demos: [demo, { values: { message: 'no labels' } }], input: { message: 'Ivo: 5.' } };
    expect(lineAdapter.format(task)).toEqual([
      {
        role: 'user',
        content: 'Say who orders.\n\nmessage: Ada: 3.\ncustomer: Ada\nquantity: 3\n\nmessage: Ivo: 5.\ncustomer:',
      },
    ]);
    expect(lineAdapter.parse(of, ' Ivo\nquantity: 5')).toEqual({ customer: 'Ivo', quantity: 5 });
    expect(lineAdapter.parse(of, ' Ivo\nquantity: 5\nmessage: more\nquantity: 7')).toEqual({
      customer: 'Ivo',
      quantity: 5,
    });
    expect(() => lineAdapter.parse(of, ' Ivo, five of them')).toThrow(/quantity/);
  });

  it('are programs that run: the second step is given what the first says', async () => {
    const task = makeTasks()[2] as ReturnType<typeof makeTasks>[number];
    const asked: string[] = [];
    const outcome = await runProgram(task.program, (task.rows.heldOut[0] as TaskRow).input, {
      runner: {
        async run(_, { messages: [message] }) {
          asked.push(String((message as { content: string }).content));
          const text = asked.length === 1 ? ' Graz' : ' Vienna';
          return { ok: true, text, latencyNs: 0n, traceId: '' as never, costNanoUsd: null };
        },
      },
      ...{ model: 'm', signal: new AbortController().signal, adapter: lineAdapter },
    });
    expect(outcome.ok && outcome.output).toEqual({ capital: 'Vienna' });
    expect(asked[1]).toMatch(/city: Graz\ncapital:$/);
  });
});

describe('the mean gain over seeds and rows', () => {
  const gains = (by: (seed: number, row: number) => number): Gain[] =>
    [0, 1, 2, 3].flatMap((seed) => [0, 1, 2, 3, 4].map((row) => ({ seed, row: String(row), gain: by(seed, row) })));

  it('is the t interval of the means of seeds where only seeds differ', () => {
    // Means 0, 1, 2, 3: standard error sqrt(5 / 12), t of 3 degrees of freedom 3.18245.
    const found = meanGain(gains((seed) => seed));
    expect(found).toMatchObject({ mean: 1.5, seeds: 4, rows: 5, pairs: 20 });
    expect(found?.high).toBeCloseTo(1.5 + 3.18245 * Math.sqrt(5 / 12), 4);
    expect(found?.low).toBeCloseTo(1.5 - 3.18245 * Math.sqrt(5 / 12), 4);
  });

  it('is as wide as rows that differ make it where all seeds agree', () => {
    // Means 0 to 4 of five rows: standard error sqrt(10 / 20).
    expect(meanGain(gains((_, row) => row))?.high).toBeCloseTo(2 + 3.18245 * Math.sqrt(0.5), 4);
  });

  it('says nothing of one seed', () => {
    expect(meanGain([{ seed: 0, row: 'a', gain: 1 }])).toBeNull();
  });
});

describe('the report', () => {
  const unit = (side: Unit['side'], seed: number, after: number): Unit => ({
    ...{ side, task: 'extraction', seed, demos: 8, candidates: [0, 0.5], seconds: 10 },
    before: Array.from({ length: 50 }, () => ({ score: 0, read: false })),
    after: Array.from({ length: 50 }, (_, i) => ({ score: i < after ? 1 : 0, read: true })),
    model: { asked: 200, answered: 150, cpuSeconds: 30 },
  });

  it('holds a goal to be met only with ten seeds and all rows', () => {
    const seeds = (count: number) =>
      Array.from({ length: count }, (_, seed) => [
        unit('wheelhouse', seed, 30 + seed),
        unit('dspy', seed, 30 + seed),
      ]).flat();
    const goal = (count: number) =>
      reportOf(seeds(count), { seeds: 10, rows: 50, promises: null }).goals.find((one) =>
        one.goal.startsWith('extraction'),
      );
    expect(goal(10)).toMatchObject({ met: true, measured: expect.stringContaining('10 seeds, 500 rows') });
    expect(goal(9)?.met).toBe(false);
    expect(goal(0)).toMatchObject({ met: false, measured: expect.stringContaining('fewer than two seeds') });
  });

  it('puts both sides beside each other, row by row, and says what is not done', () => {
    const report = reportOf(
      [unit('wheelhouse', 0, 30), unit('wheelhouse', 1, 30), unit('dspy', 0, 20), unit('dspy', 1, 20)],
      { seeds: 10, rows: 50, promises: null },
    );
    expect(report.tables[1]?.rows).toEqual([['extraction', '2', expect.stringMatching(/^\+20 \[−31.1, /)]]);
    expect(report.method.join(' ')).toContain('0 of 10 seeds are done on every task and side');
  });
});
