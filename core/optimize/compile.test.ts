import { fakeProgramWorld, inSections, ruleTask } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { candidateOf, predict } from '../program/index.ts';
import {
  bootstrapFewShot,
  compile,
  copro,
  ensembleOf,
  gepa,
  inSequence,
  knnFewShot,
  labeledFewShot,
  mipro,
  type Optimizer,
  randomSearch,
  simba,
} from './index.ts';

const all: Optimizer[] = [
  labeledFewShot(),
  bootstrapFewShot(),
  randomSearch({ candidates: 2 }),
  mipro({ maxLabeled: 8 }),
  gepa({ runs: 200 }),
  knnFewShot(),
  simba({ batch: 16, candidates: 4, steps: 4 }),
  ensembleOf(randomSearch({ candidates: 2 })),
  inSequence([bootstrapFewShot(), gepa({ runs: 60 })]),
];
/** It gets no feedback, so that what the student writes unaided is all it has. */
const blind = copro({ breadth: 3, depth: 2 });
const task = (seed = 1) => ruleTask({ seed, rules: 6, labels: 4, train: 32, validation: 24, heldOut: 40 });
type Task = ReturnType<typeof task>;
const given = ({ train, validation, heldOut, metric }: Task, optimizer: Optimizer) => ({
  ...{ train, validation, heldOut, metric, optimizer, seed: 1 },
  budget: { calls: 2000 },
});

describe('compiling', () => {
  it.each(all)('finds what is better, and says by how much: $name', async (optimizer) => {
    const it = task();
    const done = await compile(it.program, given(it, optimizer), it.deps);
    expect(done.report).toMatchObject({ verdict: 'gain', stopped: { reason: 'done' }, rows: { compared: 40 } });
    const [score, latency, cost] = done.report.comparison ?? [];
    expect([score?.measure, latency?.measure, cost?.measure]).toEqual(['score', 'latency', 'cost']);
    expect(score?.low).toBeGreaterThan(0);
    expect(done.report.sentence).toMatch(/^B is better: \+/);
    expect(done.candidate).toEqual(done.best.candidate);
    expect(candidateOf(done.program)).toEqual(done.candidate);
    const { search, comparison, total } = done.report.spent;
    expect(search.calls + comparison.calls).toBe(total.calls);
  });

  it('recommends the program as it was where nothing better was found', async () => {
    const it = task();
    const deaf = ruleTask({ seed: 1, sim: { demonstration_following: 0 } });
    const done = await compile(it.program, given(it, labeledFewShot()), deaf.deps);
    expect(done.report.verdict).toBe('no_gain');
    expect(done.report.sentence).toMatch(/^No gain found\. No clear difference/);
    expect(done.candidate).toEqual(candidateOf(it.program));
    expect(done.program).toBe(it.program);
    expect(done.best.candidate).not.toEqual(done.candidate);
  });

  it.each([...all, blind])('keeps to a budget of calls, and has the best so far: $name', async (optimizer) => {
    for (const calls of [1, 7, 40, 90]) {
      const it = task();
      const done = await compile(it.program, { ...given(it, optimizer), budget: { calls } }, it.deps);
      // A program of several calls is not cut in the middle.
      expect(it.deps.world.asked.length).toBeLessThanOrEqual(calls + (optimizer.name === 'ensemble' ? 3 * 8 : 0));
      expect(done.report.spent.total.calls).toBe(it.deps.world.asked.length);
      if (done.report.stopped.reason !== 'done') expect(done.report.stopped.reason).toBe('budget');
    }
  });

  it('keeps to dollars, as far as prices are known', async () => {
    const it = task();
    const options = { ...given(it, randomSearch()), budget: { costNanoUsd: 80n } };
    const done = await compile(it.program, options, it.deps);
    expect(done.report.stopped.reason).toBe('budget');
    // What was under way is paid as well.
    expect(it.deps.world.asked.length).toBeLessThan(80 + 8);
    const { run } = it.deps.world.runner;
    const free = {
      ...it.deps.world,
      runner: { run: (async (...asked) => ({ ...(await run(...asked)), costNanoUsd: null })) as typeof run },
    };
    const unknown = await compile(it.program, options, { ...it.deps, world: free });
    expect(unknown.report.stopped.reason).toBe('price_unknown');
    expect(unknown.report.spent.total).toMatchObject({ calls: 8, costNanoUsd: null });
  });

  it('keeps to minutes', async () => {
    const it = task();
    let now = 0n;
    const clock = { now: () => (now += 1_000_000_000n) };
    const done = await compile(
      it.program,
      { ...given(it, randomSearch()), budget: { minutes: 2 } },
      { ...it.deps, clock },
    );
    expect(done.report.stopped.reason).toBe('budget');
    expect(done.report.spent.total.minutes).toBeLessThan(2.5);
  });

  it.each([...all, blind])('asks nothing without a budget: $name', async (optimizer) => {
    const it = task();
    const done = await compile(it.program, { ...given(it, optimizer), budget: { calls: 0 } }, it.deps);
    expect(it.deps.world.asked).toEqual([]);
    expect(done.report.stopped.reason).toBe('budget');
    expect(done.candidate).toEqual(candidateOf(it.program));
  });

  it('goes on with more where the budget was spent', async () => {
    const it = task();
    const options = given(it, randomSearch({ candidates: 3 }));
    const short = await compile(it.program, { ...options, budget: { calls: 60 } }, it.deps);
    expect(short.report.stopped.reason).toBe('budget');
    const before = it.deps.world.asked.length;
    const long = await compile(it.program, { ...options, state: JSON.parse(JSON.stringify(short.state)) }, it.deps);
    const fresh = task();
    const whole = await compile(fresh.program, options, fresh.deps);
    expect(long.report).toEqual(whole.report);
    expect(it.deps.world.asked).toHaveLength(fresh.deps.world.asked.length);
    expect(before).toBeGreaterThan(40);
  });

  it('refuses the state of something else, rows that are none, and a budget without a limit', async () => {
    const it = task();
    const options = given(it, labeledFewShot());
    const { state } = await compile(it.program, options, it.deps);
    await expect(compile(it.program, { ...options, seed: 2, state }, it.deps)).rejects.toMatchObject({
      param: 'state',
    });
    await expect(compile(it.program, { ...options, state: 'x' }, it.deps)).rejects.toMatchObject({ param: 'state' });
    await expect(compile(it.program, { ...options, train: [] }, it.deps)).rejects.toMatchObject({ param: 'train' });
    await expect(compile(it.program, { ...options, budget: {} }, it.deps)).rejects.toMatchObject({ param: 'budget' });
  });
});

describe('rows', () => {
  it('are set apart by the seed where nobody says how, without the same input on both sides', async () => {
    const { program, train, metric, deps } = task();
    const twice = [...train, ...train];
    const done = await compile(
      program,
      { train: twice, metric, optimizer: labeledFewShot(), seed: 1, budget: { calls: 99 } },
      deps,
    );
    expect(done.report.rows).toMatchObject({ train: 46, heldOut: 9, validation: 0, overlapping: 0 });
  });

  it('that are held out are taken from the others', async () => {
    const { program, train, metric, deps } = task();
    const options = { train, heldOut: train.slice(0, 8), metric, optimizer: labeledFewShot(), seed: 1 };
    const done = await compile(program, { ...options, budget: { calls: 99 } }, deps);
    expect(done.report.rows).toMatchObject({ train: 24, heldOut: 8, overlapping: 8 });
  });

  it.each([...all, blind])('may be a single one: $name', async (optimizer) => {
    const { program, train, metric, deps } = task();
    const done = await compile(
      program,
      { train: train.slice(0, 1), metric, optimizer, seed: 1, budget: { calls: 300 } },
      deps,
    );
    expect(done.report.verdict).not.toBe('gain');
    expect(done.candidate).toEqual(candidateOf(program));
  });
});

describe('what goes wrong', () => {
  const broken: [string, () => number][] = [
    [
      'throws',
      () => {
        throw new Error('no such field');
      },
    ],
    ['gives what is no number', () => Number.NaN],
    ['gives more than 1', () => 100],
  ];
  it.each(broken)('ends with its reason where the metric %s', async (_, metric) => {
    const it = task();
    const done = await compile(it.program, { ...given(it, gepa()), metric }, it.deps);
    expect(done.report.stopped).toMatchObject({
      reason: 'failing',
      message: expect.stringMatching(/The metric (threw|gave)/),
    });
    expect(done.report.failures.metric).toBe(16);
    expect(done.report.verdict).toBe('no_gain');
  });

  it.each([...all, blind])('ends with its reason where the metric throws at every row: $name', async (optimizer) => {
    const it = task();
    const metric = () => {
      throw new Error('no such field');
    };
    const done = await compile(it.program, { ...given(it, optimizer), metric }, it.deps);
    expect(done.report.verdict).toBe('no_gain');
    expect(done.report.failures).toMatchObject({ call: 0, first: 'The metric threw: no such field' });
    expect(done.report.stopped.reason).toBe('failing');
    expect(it.deps.world.asked.length).toBeLessThanOrEqual(40);
  });

  it('ends with its reason where no model can be asked', async () => {
    const it = task();
    const away = fakeProgramWorld(() => ({ error: 'The vendor is away.', code: 'upstream_unreachable' }), {
      model: 'sim/student',
    });
    const done = await compile(it.program, given(it, randomSearch()), { ...it.deps, world: away });
    expect(done.report.stopped).toMatchObject({
      reason: 'failing',
      message: expect.stringContaining('The vendor is away.'),
    });
    expect(away.asked.length).toBe(16);
    const later = await compile(it.program, { ...given(it, randomSearch()), state: done.state }, it.deps);
    expect(later.report).toMatchObject({ verdict: 'gain', failures: { call: 0 } });
  });

  it.each([...all, blind])(
    'finds no gain with a model that answers garbage, or refuses, and ends: $name',
    async (optimizer) => {
      for (const text of ['I cannot help with that.', '[[ ## label ## ]]\n[[ ## label ## ]]\n'.repeat(50), '']) {
        const it = task();
        const done = await compile(it.program, given(it, optimizer), {
          ...it.deps,
          world: fakeProgramWorld(() => text, { embedder: it.embedder }),
        });
        expect(done.report.verdict).toBe('no_gain');
        expect(done.report.failures.answer).toBeGreaterThan(0);
        expect(done.report.stopped.reason).toBe('done');
      }
    },
  );

  it('takes a program that throws as a failure of that row', async () => {
    const it = task();
    const flaky = {
      ...it.program,
      forward: async (input: { question: string }, scope: never) => {
        if (/case [0-9]*3\)/.test(input.question)) throw new TypeError('odd');
        return it.program.forward(input, scope);
      },
    };
    const done = await compile(flaky, given(it, labeledFewShot()), it.deps);
    expect(done.report.verdict).toBe('gain');
    expect(done.report.failures).toMatchObject({ call: 8, first: 'The program threw: odd' });
    expect(done.report.comparison?.[0]).toMatchObject({ failuresA: 4, failuresB: 4, pairs: 36 });
  });

  it('stops when it is called off, with what it has', async () => {
    const it = task();
    const stop = new AbortController();
    const world = { ...it.deps.world, signal: stop.signal };
    const onEvent = ({ n }: { n: number }) => {
      if (n === 70) stop.abort(new Error('enough'));
    };
    const done = await compile(it.program, { ...given(it, randomSearch()), onEvent }, { ...it.deps, world });
    expect(done.report).toMatchObject({ stopped: { reason: 'called_off' }, comparison: null });
    const on = await compile(it.program, { ...given(it, randomSearch()), state: done.state }, it.deps);
    expect(on.report.verdict).toBe('gain');
  });

  it.each<[string, Partial<ReturnType<typeof given>>, Partial<Task['program']>]>([
    ['a metric', { metric: () => new Promise(() => {}) as never }, {}],
    ['a program', {}, { forward: () => new Promise(() => {}) }],
  ])('is called off also where %s never ends', async (_, more, own) => {
    const it = task();
    const stop = new AbortController();
    const world = { ...it.deps.world, signal: stop.signal };
    const options = { ...given(it, randomSearch()), ...more };
    const running = compile({ ...it.program, ...own }, options, { ...it.deps, world });
    await new Promise((go) => setTimeout(go));
    stop.abort(new Error('enough'));
    expect((await running).report.stopped.reason).toBe('called_off');
  });

  it('keeps what a proposer writes out of it where that is nothing of use', async () => {
    const it = task();
    const silent = { ...it.deps, proposer: 'sim/echo' };
    const done = await compile(it.program, given(it, gepa({ runs: 60 })), silent);
    expect(done.report.verdict).toBe('no_gain');
    expect(done.report.stopped.reason).toBe('done');
  });

  it('says why the best candidate could not be compared', async () => {
    const it = task();
    const { embedder: _, ...world } = it.deps.world;
    const done = await compile(it.program, given(it, knnFewShot()), { ...it.deps, world });
    expect(done.report.verdict).toBe('not_compared');
    expect(done.report.stopped).toMatchObject({ reason: 'failing', message: expect.stringContaining('embedder') });
    expect(done.candidate).toEqual(candidateOf(it.program));
  });
});

it('labels the one output of a program that is one predictor, where the label is no object', async () => {
  const world = fakeProgramWorld(() => inSections({ answer: 'x' }));
  const program = predict('question -> answer');
  const train = ['a', 'b', 'c'].map((question) => ({ input: { question }, expected: 'x' }));
  const done = await compile(
    program,
    { train, heldOut: [], metric: () => 1, optimizer: labeledFewShot({ k: 2 }), seed: 1, budget: { calls: 9 } },
    { world, clock: { now: () => 0n } },
  );
  expect(done.best.candidate['']?.demos?.map(({ values }) => values.answer)).toEqual(['x', 'x']);
});
