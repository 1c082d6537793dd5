import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type JsonObject, WheelhouseError } from '../records/index.ts';
import { jsonAdapter } from './adapters/json.ts';
import { twoStepAdapter } from './adapters/two-step.ts';
import { xmlAdapter } from './adapters/xml.ts';
import { candidateHash, candidateOf, demoOf, readCandidate, withCandidate } from './candidate.ts';
import { compose } from './module.ts';
import { chainOfThought } from './modules/chain-of-thought.ts';
import { predict } from './modules/predict.ts';
import { selfConsistency } from './modules/self-consistency.ts';
import { runProgram } from './run-program.ts';
import { scriptedWorld } from './scripted-world.ts';

const answers = (...texts: string[]) => fakeProgramWorld(({ index }) => texts[index] ?? texts.at(-1) ?? '');
const capital = predict('question -> answer');
const twice = compose(
  { first: chainOfThought('question -> query'), second: predict('query -> answer: int') },
  async ({ question }: { question: string }, { first, second }) => {
    const { query } = await first({ question });
    return second({ query });
  },
);

describe('a program', () => {
  it('runs, and tells what each predictor was given and gave', async () => {
    const world = answers(inSections({ reasoning: 'r', query: 'q' }), inSections({ answer: '3' }));
    const done = await runProgram(twice, { question: 'Why?' }, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 3 }, costNanoUsd: 2n });
    expect(done.calls.map(({ path, input, output }) => ({ path, input, output }))).toEqual([
      { path: 'first.predict', input: { question: 'Why?' }, output: { reasoning: 'r', query: 'q' } },
      { path: 'second', input: { query: 'q' }, output: { answer: 3 } },
    ]);
    expect(demoOf(done.calls[1] as never)).toMatchObject({ values: { query: 'q', answer: 3 }, augmented: true });
  });

  it('fails with its reason and what it had asked, and does not throw', async () => {
    const done = await runProgram(twice, { question: 'Why?' }, answers('I cannot help with that.'));
    expect(done).toMatchObject({ ok: false, error: { code: 'answer_unreadable' }, costNanoUsd: 2n });
    expect(done.calls).toMatchObject([{ path: 'first.predict', output: null, kept: true }]);
    expect(done.calls[0]?.asks.map(({ adapter }) => adapter)).toEqual(['chat', 'json']);
  });

  it('does not know what it cost where the price of an answer is not known', async () => {
    const world = answers(inSections({ reasoning: 'r', query: 'q' }), inSections({ answer: '3' }));
    let asked = 0;
    const run: typeof world.runner.run = async (...given) => ({
      ...(await world.runner.run(...given)),
      costNanoUsd: asked++ === 0 ? 1n : null,
    });
    const done = await runProgram(twice, { question: 'Why?' }, { ...world, runner: { run } });
    expect(done).toMatchObject({ ok: true, costNanoUsd: null });
  });

  it('refuses an input that is not whole before it asks', async () => {
    const world = answers('');
    const done = await runProgram(capital, {} as { question: string }, world);
    expect(done).toMatchObject({ ok: false, error: { code: 'invalid_request', param: 'question' } });
    expect(world.asked).toEqual([]);
  });

  it('stops when it is called off', async () => {
    const stop = new AbortController();
    const world = fakeProgramWorld(
      () => {
        stop.abort(new Error('enough'));
        return inSections({ reasoning: 'r', query: 'q' });
      },
      { signal: stop.signal },
    );
    await expect(runProgram(twice, { question: 'Why?' }, world)).rejects.toThrow('enough');
    await expect(runProgram(twice, { question: 'Why?' }, world)).rejects.toThrow('enough');
    expect(world.asked).toHaveLength(1);
  });
});

describe('a scripted world', () => {
  it('answers in order, or by the question, and fails as it is told', async () => {
    const script = [{ reasoning: 'r', query: 'q' }, { answer: 3 }];
    expect(await runProgram(twice, { question: 'Why?' }, scriptedWorld(script))).toMatchObject({
      output: { answer: 3 },
    });
    const none = await runProgram(twice, { question: 'Why?' }, scriptedWorld(script.slice(0, 1)));
    expect(none).toMatchObject({ ok: false, error: { message: 'The script has no answer 2.' } });
    const away = scriptedWorld(() => new WheelhouseError('upstream_unreachable', 'Away.'));
    expect(await runProgram(capital, { question: 'q' }, away)).toMatchObject({
      error: { code: 'upstream_unreachable' },
    });
    const typed = predict('question -> yes: bool, list: list[str], none: Optional[str]');
    const values = { yes: true, list: ['a b', 'c'], none: null };
    const done = await runProgram(
      typed,
      { question: 'q' },
      scriptedWorld(({ model }) => (model === 'm' ? values : '')),
      {},
    );
    expect(done.ok).toBe(false);
    expect(await runProgram(typed, { question: 'q' }, scriptedWorld([values]))).toMatchObject({ output: values });
  });
});

describe('a predictor', () => {
  it('asks for JSON where sections could not be read, first by schema, then by any JSON where that is refused', async () => {
    const world = fakeProgramWorld(({ parameters }) => {
      const { response_format: format } = parameters as { response_format?: { type: string } };
      if (format === undefined) return 'Paris, I think.';
      if (format.type === 'json_schema')
        return { error: '`response_format` is not known.', code: 'unsupported_by_model' };
      return "Sure: {'answer': 'Paris'}";
    });
    expect(await runProgram(capital, { question: 'q' }, world)).toMatchObject({
      ok: true,
      output: { answer: 'Paris' },
    });
    expect(world.asked.map(({ parameters }) => (parameters.response_format as JsonObject | undefined)?.type)).toEqual([
      undefined,
      'json_schema',
      'json_object',
    ]);
  });

  it.each([1, 4, 1000])('tells its fields as they come, in pieces of %i characters', async (size) => {
    const heard: string[] = [];
    const world = answers(inSections({ reasoning: 'First,\nthis.', query: 'a [b' }), inSections({ answer: 7 }));
    const { runner } = world;
    const streaming: typeof runner = {
      async run(model, input, options) {
        const outcome = await runner.run(model, input, options);
        const text = outcome.ok ? outcome.text : '';
        for (let at = 0; size < 1000 && at < text.length; at += size) options.onText?.(text.slice(at, at + size));
        return outcome;
      },
    };
    const said: Record<string, string> = {};
    await runProgram(
      twice,
      { question: 'x' },
      {
        ...{ ...world, runner: streaming },
        onField({ path, ask, field, text }) {
          const name = `${path} ${ask} ${field}`;
          heard.push(name);
          said[name] = (said[name] ?? '') + text;
        },
      },
    );
    expect(said).toEqual({
      'first.predict 0 reasoning': 'First,\nthis.',
      'first.predict 0 query': 'a [b',
      'second 0 answer': '7',
    });
    expect(heard.length > 6).toBe(size < 1000);
  });

  it('tells fields of elements as they come, but for nested ones', async () => {
    const text = '<reasoning>\nFirst &lt; this.\n</reasoning>\n<tags><item>a</item></tags>\n<answer>\nfine\n</answer>';
    const world = answers(text);
    const run: typeof world.runner.run = async (model, input, options) => {
      const outcome = await world.runner.run(model, input, options);
      for (const letter of text) options.onText?.(letter);
      return outcome;
    };
    const heard: { field: string; text: string }[] = [];
    const program = predict('question -> reasoning, tags: list[str], answer');
    const done = await runProgram(
      program,
      { question: 'x' },
      {
        ...world,
        runner: { run },
        adapter: xmlAdapter,
        onField: ({ field, text: piece }) => heard.push({ field, text: piece }),
      },
    );
    expect(done).toMatchObject({ output: { reasoning: 'First < this.', tags: ['a'], answer: 'fine' } });
    const of = (name: string) => heard.flatMap(({ field, text: piece }) => (field === name ? [piece] : []));
    expect([of('reasoning').join(''), of('tags'), of('answer').join('')]).toEqual(['First < this.', [], 'fine']);
    expect(of('answer').length).toBeGreaterThan(1);
  });

  it('does not ask again where the model could not be asked', async () => {
    const world = fakeProgramWorld(() => ({ error: 'away', code: 'upstream_unreachable' }));
    expect(await runProgram(capital, { question: 'q' }, world)).toMatchObject({
      ok: false,
      error: { code: 'upstream_unreachable' },
    });
    expect(world.asked).toHaveLength(1);
  });

  it('lets a second model read what the first one said', async () => {
    const world = fakeProgramWorld(
      ({ model }) => (model === 'small' ? inSections({ answer: 'Paris' }) : 'It is Paris.'),
      {
        adapter: twoStepAdapter({ extract: 'small' }),
      },
    );
    expect(await runProgram(capital, { question: 'q' }, world)).toMatchObject({ output: { answer: 'Paris' } });
    expect(world.asked.map(({ model, text }) => [model, text.includes('It is Paris.')])).toEqual([
      ['sim/echo', false],
      ['small', true],
    ]);
  });

  it('checks and makes what its schemas say, and keeps what the model wrote', async () => {
    const module = predict({
      input: { day: z.string() },
      output: {
        stars: z
          .number()
          .max(5)
          .transform((n) => n * 2),
      },
    });
    const world = { ...answers('{"stars": 4}', '{"stars": 9}'), adapter: jsonAdapter };
    const good = await runProgram(module, { day: 'd' }, world);
    expect(good).toMatchObject({ ok: true, output: { stars: 8 } });
    expect(good.calls[0]?.output).toEqual({ stars: 4 });
    expect(await runProgram(module, { day: 'd' }, world)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('stars') as string },
    });
  });

  it('samples anew by a seed, and without one where the vendor knows none', async () => {
    const world = fakeProgramWorld(({ parameters }) =>
      'seed' in parameters
        ? { error: '`seed` is not known', code: 'unsupported_by_model' }
        : inSections({ answer: 'a' }),
    );
    expect(await runProgram(capital, { question: 'q' }, world, { rollout: 3 })).toMatchObject({ ok: true });
    expect(world.asked.map(({ parameters }) => parameters)).toEqual([{ seed: 3 }, {}]);
  });
});

describe('a candidate', () => {
  it('is everything that may be tuned, by place, and changes nothing but what it says', async () => {
    expect(candidateOf(twice)).toEqual({
      'first.predict': {
        instructions: 'Given the fields `question`, produce the fields `query`.',
        fields: {
          question: { description: `\${question}`, prefix: 'Question:' },
          reasoning: { description: `\${reasoning}`, prefix: 'Reasoning:' },
          query: { description: `\${query}`, prefix: 'Query:' },
        },
        ...{ demos: [], model: null, parameters: {} },
      },
      second: expect.objectContaining({ model: null }) as object,
    });
    const tuned = withCandidate(twice, {
      'first.predict': {
        instructions: 'Be terse.',
        demos: [{ values: { question: 'a', reasoning: 'b', query: 'c' } }],
      },
      second: { model: 'sim/other', parameters: { temperature: 0 }, fields: { answer: { description: 'a number' } } },
    });
    const world = answers(inSections({ reasoning: 'r', query: 'q' }), inSections({ answer: 1 }));
    await runProgram(tuned, { question: 'x' }, world);
    const [first, second] = world.asked;
    expect(first?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(first?.messages[0]?.content).toContain('your objective is: \n        Be terse.');
    expect(second).toMatchObject({ model: 'sim/other', parameters: { temperature: 0 } });
    expect(second?.messages[0]?.content).toContain('1. `answer` (int): a number');
    expect(candidateOf(withCandidate(twice, candidateOf(tuned)))).toEqual(candidateOf(tuned));
  });

  it('reaches into programs that are parts of programs, and what was said there stays', () => {
    const inner = withCandidate(twice, { second: { model: 'a' } });
    const outer = compose({ inner }, async () => null);
    expect(candidateOf(outer)['inner.second']?.model).toBe('a');
    const tuned = withCandidate(outer, { 'inner.first.predict': { model: 'b' } });
    expect(candidateOf(tuned)).toMatchObject({ 'inner.second': { model: 'a' }, 'inner.first.predict': { model: 'b' } });
  });

  it('is refused where it names what the program does not have', () => {
    expect(() => withCandidate(twice, { third: {} })).toThrow('nothing to tune at `third`');
    const voting = selfConsistency(predict('question -> answer'));
    expect(() => withCandidate(voting, { '': { thresholds: { sample: 3 } } })).toThrow('no threshold `sample`');
    expect(() => withCandidate(twice, { second: { fields: { nope: {} } } })).toThrow('no field `nope`');
  });

  it('has a hash of what it does, not of where its demonstrations came from', () => {
    const of = (traceId: string, value: string) =>
      candidateHash({ a: { demos: [{ values: { value }, augmented: true, traceId }] } });
    expect(of('t1', 'x')).toBe(of('t2', 'x'));
    expect(of('t1', 'x')).not.toBe(of('t1', 'y'));
  });

  it.each([5, { a: 5 }, { a: { demos: [{}] } }, { a: { instructions: 5 } }, { a: { thresholds: [] } }])(
    'is refused where JSON is none: %j',
    (value) => {
      expect(() => readCandidate(value as never)).toThrow(WheelhouseError);
    },
  );
});
