import { simProgramWorld } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import {
  chainOfThought,
  compose,
  defineOptimization,
  labeledFewShot,
  type OptimizationDefinition,
  predict,
  prepareOptimization,
  programOfData,
  randomSearch,
  selfConsistency,
  servedProgram,
} from '../index.ts';

/** A server whose every model is the simulated student. */
const student: typeof fetch = async (_, init) => {
  const { messages, ...body } = JSON.parse(String(init?.body));
  const { runner, signal } = simProgramWorld();
  const outcome = await runner.run('sim/student', { messages, variables: {} }, { signal, parameters: body.parameters });
  const text = outcome.ok ? outcome.text : '';
  const answer = {
    output: text,
    text,
    model: null,
    traceId: '1'.repeat(32),
    latencyMs: 1,
    costNanoUsd: '1000',
    usage: null,
  };
  return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
};
const server = { baseUrl: 'http://host', fetch: student };

const topics = { parcel: 'shipping', invoice: 'billing' };
const rows = Array.from({ length: 60 }, (_, n) => {
  const word = n % 2 === 0 ? 'parcel' : 'invoice';
  return { input: `Case ${n}: my ${word} is lost`, expected: topics[word], metadata: { word } };
});
const program = predict("question -> label: Literal['billing', 'shipping', 'sales', 'repairs']");
const definition = (more: Partial<OptimizationDefinition> = {}) =>
  ({
    ...{ name: 'sort', program, model: 'sim/student', data: { rows }, metric: 'exact' },
    ...{ optimizer: labeledFewShot({ k: 8 }), budget: { calls: 300 }, concurrency: 60, ...more },
  }) as OptimizationDefinition;

describe('an optimization', () => {
  it('finds what is better, says so, and is a version of the registry', async () => {
    const done = await (await prepareOptimization(definition(), server)).run();
    expect(done.report).toMatchObject({ verdict: 'gain', rows: { train: 42, heldOut: 18, compared: 18 } });
    expect(done.definition).toMatchObject({ flavor: 'program', model: 'sim/student', adapter: 'chat' });
    // Nothing but what was found, over the program as data.
    expect(Object.keys((done.definition as unknown as { candidate: object }).candidate)).toEqual(['']);
    expect(done.changes.map(({ path, member }) => [path, member])).toEqual([['', 'demos']]);
  });

  it('takes rows by their splits; a row’s metadata reaches the metric, and its expected value as it was given', async () => {
    const seen: unknown[] = [];
    const split = (n: number) => (n < 20 ? 'validation' : n < 40 ? 'test' : 'train');
    const metric: OptimizationDefinition['metric'] = ({ input, expected, metadata }) => {
      seen.push([input, expected, metadata]);
      return true;
    };
    const data = { rows: rows.map((row, n) => ({ ...row, split: split(n) })) };
    const optimization = await prepareOptimization(
      definition({ data, metric, optimizer: randomSearch({ candidates: 0 }) }),
      server,
    );
    const { train, validation, heldOut } = optimization.rows;
    expect([train.length, validation?.length, heldOut?.length]).toEqual([20, 20, 20]);
    expect((await optimization.run()).report.rows).toMatchObject({ train: 20, validation: 20, heldOut: 20 });
    expect(seen).toContainEqual([{ question: rows[0]?.input }, 'shipping', { word: 'parcel' }]);
  });

  it.each<[string, Partial<OptimizationDefinition>]>([
    ['is no object', { data: { rows: [{ input: 7 as never }] }, program: predict('a, b -> c') as never }],
    ['No row has `question`', { data: { rows: [{ input: { query: 'Why?' } }] } }],
    ['Nothing says which model', { model: undefined as never }],
    ['There is no scorer `rouge`', { metric: 'rouge' }],
    ['by which model passages are compared', { retriever: ['a passage'] }],
    ['Nothing says how answers are judged', { metric: [] }],
    ['no files to read', { data: { file: 'a.csv' } }],
  ])('is refused before anything is asked: %s', async (problem, more) => {
    await expect(prepareOptimization(definition(more), { ...server, fetch: fetch })).rejects.toThrow(problem);
  });

  it('is typed: a metric knows what goes in and what comes out', () => {
    defineOptimization({
      ...{
        name: 'x',
        program,
        model: 'sim/student',
        data: { rows },
        optimizer: labeledFewShot(),
        budget: { calls: 1 },
      },
      // @ts-expect-error there is no such output
      metric: ({ output }) => output.colour === 'red',
    });
    const given = { name: 'x', program, model: 'sim/student', metric: 'exact', optimizer: labeledFewShot() } as const;
    // @ts-expect-error the program has no such input
    defineOptimization({ ...given, data: { rows: [{ input: { query: 'Why?' } }] }, budget: { calls: 1 } });
    // @ts-expect-error nothing bounds it
    defineOptimization({ ...given, data: { rows }, budget: {} });
    // @ts-expect-error the program does not give it
    servedProgram(program, { model: 'sim/student', signature: 'question -> colour' });
  });
});

describe('named scorers', () => {
  it('are a mean, with words on what was wrong', async () => {
    const told: string[] = [];
    const optimization = await prepareOptimization(
      definition({ metric: ['exact', 'contains {"values":["i"]}'] }),
      server,
    );
    await optimization.run({
      onEvent(event) {
        if (event.type === 'asked' && event.entry.kind === 'run' && event.entry.score === 0.5)
          told.push(event.entry.feedback ?? '');
      },
    });
    expect(told[0]).toMatch(/^exact: 0\ncontains \{"values":\["i"\]\}: 1\nExpected: \w+\nGot: \w+$/);
  });
});

describe('what a server can run', () => {
  const data = { rows: [{ input: { question: 'Why?' } }] };
  const publishable = async (one: unknown) =>
    (await prepareOptimization(definition({ program: one as never, data }), server)).isPublishable;

  it('is modules alone, also within one another', async () => {
    expect(await publishable(selfConsistency(chainOfThought('question -> label')))).toBe(true);
    expect(await publishable(programOfData({ module: 'predict', signature: 'question -> label' }))).toBe(true);
  });

  it('is not code', async () => {
    const code = compose({ one: predict('question -> label') }, (input: { question: string }, { one }) => one(input));
    expect(await publishable(code)).toBe(false);
    const checked = predict({
      input: { question: { type: 'string' } },
      output: {
        label: {
          '~standard': {
            version: 1,
            vendor: 'x',
            validate: (value: unknown) => ({ value }),
            jsonSchema: { input: () => ({ type: 'string' }) },
          },
        },
      },
    } as never);
    expect(await publishable(checked)).toBe(false);
    expect(await publishable(selfConsistency(predict('question -> label'), { normalize: String }))).toBe(false);
  });
});
