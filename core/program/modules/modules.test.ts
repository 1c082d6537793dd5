import { type AskedProgram, fakeProgramWorld, fakeScoringWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { candidateOf, withCandidate } from '../candidate.ts';
import { runProgram } from '../run-program.ts';
import { bestOf } from './best-of.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { drawFrom, ensemble } from './ensemble.ts';
import { majority } from './majority.ts';
import { multiChainComparison } from './multi-chain-comparison.ts';
import { withNearestDemos } from './nearest-demos.ts';
import { parallel } from './parallel.ts';
import { predict } from './predict.ts';
import { programOfThought } from './program-of-thought.ts';
import { mcpTools, react } from './react.ts';
import { refine } from './refine.ts';
import { fusePassages, memoryRetriever, multiHop, retrieve, retrieveEnsemble } from './retrieve.ts';
import { leadCertainty, selfConsistency } from './self-consistency.ts';
import { treeOfThoughts } from './tree-of-thoughts.ts';

const question = { question: 'q' };
const capital = predict('question -> answer');
const says = (...answers: string[]) => fakeProgramWorld(({ index }) => inSections({ answer: answers[index] ?? '?' }));
const { embedder: simEmbedder } = fakeScoringWorld();
const embedder = { embedder: simEmbedder, model: 'sim/embed' };

describe('a majority', () => {
  it('is what most say, however they write it; of equals the first', () => {
    const outputs = ['Lyon', 'the Paris.', 'paris'].map((answer) => ({ reasoning: 'r', answer }));
    expect(majority(outputs)?.answer).toBe('the Paris.');
    expect(majority(['B', 'A', 'a.'].map((answer) => ({ answer })))?.answer).toBe('A');
    expect(majority([{ a: 'x' }, { a: 'y' }])).toEqual({ a: 'x' });
    expect(majority([])).toBeNull();
  });

  it('takes numbers for what they are, also in texts and lists', () => {
    const most = (...answers: (string | number | object)[]) => majority(answers.map((answer) => ({ answer })))?.answer;
    expect(most(15, -1.5, -1.5)).toBe(-1.5);
    expect(most('15', '1.5', '-1.5', '1.5.')).toBe('1.5');
    expect(most('-5', '5', '5 ')).toBe('5');
    expect(most('1,000', '1000', '100.0')).toBe('1,000');
    expect(most([1.5], [15], [15])).toEqual([15]);
    expect(most(['Oslo.'], ['Bergen'], ['the oslo'])).toEqual(['Oslo.']);
  });

  it('is right as often as the multinomial distribution says, ties going to each alike', () => {
    const [shares, votes] = [[0.45, 0.35, 0.2], 6];
    const ways = (counts: number[]) => {
      const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
      return counts.reduce((all, n, i) => (all * (shares[i] ?? 0) ** n) / factorial(n), factorial(votes));
    };
    let expected = 0;
    for (let first = 0; first <= votes; first++)
      for (let second = 0; first + second <= votes; second++) {
        const counts = [first, second, votes - first - second];
        const leading = counts.filter((n) => n === Math.max(...counts));
        if (counts[0] === leading[0]) expected += ways(counts) / leading.length;
      }
    let found = 0;
    for (let n = 0; n < 3 ** votes; n++) {
      const said = Array.from({ length: votes }, (_, i) => Math.floor(n / 3 ** i) % 3);
      const share = said.reduce((all, answer) => all * (shares[answer] ?? 0), 1);
      if (majority(said.map((answer) => ({ answer })))?.answer === 0) found += share;
    }
    expect(found).toBeCloseTo(expected, 12);
  });
});

describe('self-consistency', () => {
  it('asks no more than it needs to be sure', async () => {
    const world = says('a', 'A.', 'b', 'a', 'a', 'a', 'a', 'a');
    const done = await runProgram(selfConsistency(capital), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'a' } });
    expect(leadCertainty(5, 1)).toBeLessThan(0.95);
    expect(world.asked).toHaveLength(7);
    expect(leadCertainty(6, 1)).toBeGreaterThan(0.95);
    expect(done.calls.filter(({ kept }) => kept)).toHaveLength(1);
    expect(new Set(world.asked.map(({ parameters }) => parameters.seed)).size).toBe(7);
  });

  it('has no vote for an answer that cannot be read, and fails where none can', async () => {
    const world = fakeProgramWorld(({ index }) => (index < 6 ? 'garbage' : inSections({ answer: 'a' })));
    expect(await runProgram(selfConsistency(capital, { samples: 5 }), question, world)).toMatchObject({ ok: true });
    const nothing = await runProgram(
      selfConsistency(capital, { samples: 3 }),
      question,
      fakeProgramWorld(() => ''),
    );
    expect(nothing).toMatchObject({ ok: false, error: { code: 'answer_unreadable' } });
  });

  it('takes its thresholds from a candidate', async () => {
    const program = withCandidate(selfConsistency(capital), { '': { thresholds: { samples: 2, certainty: 1 } } });
    expect(candidateOf(program)['']?.thresholds).toEqual({ samples: 2, certainty: 1 });
    const world = says('a', 'a', 'a', 'a');
    await runProgram(program, question, world);
    expect(world.asked).toHaveLength(2);
  });

  it('knows its certainty as the closed form does', () => {
    // P(Beta(a+1, b+1) > 1/2) by the integral, by hand: 1/2, 3/4, 7/8, 11/16.
    expect(
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [2, 1],
      ].map(([a = 0, b = 0]) => leadCertainty(a, b)),
    ).toEqual([0.5, 0.75, 0.875, 0.6875]);
  });

  it('is right as often as the binomial distribution says, of a model that is right 7 times of 10', async () => {
    const draw = uniformFrom(7);
    const world = fakeProgramWorld(() => inSections({ answer: draw() < 0.7 ? 'right' : 'wrong' }));
    const program = selfConsistency(capital, { samples: 5, certainty: 1 });
    let right = 0;
    const rows = 1500;
    for (let i = 0; i < rows; i++) {
      const done = await runProgram(program, question, world);
      if (done.ok && done.output.answer === 'right') right++;
    }
    // 10·0.7³·0.3² + 5·0.7⁴·0.3 + 0.7⁵; four standard errors around it.
    expect(Math.abs(right / rows - 0.83692)).toBeLessThan(4 * Math.sqrt((0.83692 * 0.16308) / rows));
    expect(world.asked).toHaveLength(5 * rows);
  });

  it('asks as often as is to be expected of its rule, worked out over all ways that answers can come', async () => {
    const [share, most] = [0.7, 9];
    const sum = (term: (k: number) => number, count: number) =>
      Array.from({ length: count }, (_, k) => term(k)).reduce((all, one) => all + one, 0);
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    /** Of Beta(first + 1, second + 1) above ½, by the integral of its density over small steps. */
    const sure = (a: number, b: number) => {
      const [first, second] = [Math.max(a, b), Math.min(a, b)];
      const steps = 400;
      const density = (i: number) => ((i + 0.5) / steps) ** first * (1 - (i + 0.5) / steps) ** second;
      const above = sum((i) => density(steps / 2 + i), steps / 2) / steps;
      return above * (first + second + 1) * choose(first + second, second);
    };
    const expected = (a: number, b: number): number =>
      a + b === most || (a + b > 0 && sure(a, b) > 0.95)
        ? a + b
        : share * expected(a + 1, b) + (1 - share) * expected(a, b + 1);
    const draw = uniformFrom(11);
    const world = fakeProgramWorld(() => inSections({ answer: draw() < share ? 'right' : 'wrong' }));
    const program = selfConsistency(capital, { samples: most });
    const rows = 500;
    for (let i = 0; i < rows; i++) await runProgram(program, question, world);
    // Between 4 and 9, so that their deviation is below 2.5.
    expect(Math.abs(world.asked.length / rows - expected(0, 0))).toBeLessThan((4 * 2.5) / Math.sqrt(rows));
  });
});

describe('the best of several', () => {
  const reward = (_: unknown, { answer }: { answer: string }) => answer.length;

  it('is kept, and it stops at one that is good enough', async () => {
    const world = says('a', 'aaa', 'aa', 'aaaa', 'aaaaa');
    const done = await runProgram(bestOf(capital, { count: 5, reward, threshold: 4 }), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'aaaa' } });
    expect(world.asked).toHaveLength(4);
    expect(done.calls.map(({ kept }) => kept)).toEqual([false, false, false, true]);
    expect(world.asked.map(({ parameters }) => parameters)).toEqual([
      { temperature: 1 },
      ...[1, 2, 3].map((seed) => ({ temperature: 1, seed })),
    ]);
  });

  it('keeps of a try what the try itself kept', async () => {
    const voted = selfConsistency(capital, { samples: 3, certainty: 1 });
    const world = says('x', 'x', 'y', 'zz', 'zz', 'w');
    const done = await runProgram(bestOf(voted, { count: 2, reward, threshold: 2 }), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'zz' } });
    expect(done.calls.map(({ kept }) => kept)).toEqual([false, false, false, true, false, false]);
    expect(new Set(world.asked.map(({ parameters }) => parameters.seed)).size).toBe(6);
  });

  it('fails clearly where the reward throws', async () => {
    const throwing = () => {
      throw new Error('no metric');
    };
    const done = await runProgram(bestOf(capital, { count: 2, reward: throwing, threshold: 1 }), question, says('a'));
    expect(done).toMatchObject({ ok: false, error: { code: 'code_failed', message: 'The reward failed: no metric' } });
    expect(done.calls).toHaveLength(2);
  });

  it('is refined by advice to the module that needs it', async () => {
    const world = fakeProgramWorld(({ messages, text }) => {
      if (messages[0]?.content.includes('`advice`'))
        return inSections({ discussion: 'too short', advice: { predict: 'Write more.', other: 'N/A' } });
      return inSections({ reasoning: 'r', answer: text.includes('Write more.') ? 'a long answer' : 'short' });
    });
    const program = refine(chainOfThought('question -> answer'), {
      count: 3,
      reward,
      threshold: 10,
      describe: 'length',
    });
    expect(await runProgram(program, question, world)).toMatchObject({ ok: true, output: { answer: 'a long answer' } });
    expect(world.asked).toHaveLength(3);
    expect(world.asked[1]?.text).toContain('short');
    expect(world.asked[2]?.text).toContain('[[ ## hint_ ## ]]\nWrite more.');
  });
});

describe('several programs', () => {
  it('answer together, and one that fails has no say', async () => {
    const world = fakeProgramWorld(({ model }) => (model === 'bad' ? 'garbage' : inSections({ answer: model })));
    const programs = ['x', 'bad', 'y', 'y'].map((model) => predict('question -> answer', { model }));
    expect(await runProgram(ensemble(programs), question, world)).toMatchObject({ output: { answer: 'y' } });
    const draw = uniformFrom(1);
    expect(drawFrom([1, 2, 3, 4], 2, draw)).toHaveLength(2);
  });

  it('run at the same time over inputs, each with its output or its error', async () => {
    const world = fakeProgramWorld(({ text }) => (text.includes('bad') ? 'garbage' : inSections({ answer: 'fine' })));
    const done = await runProgram(
      parallel(capital),
      [{ question: 'a' }, { question: 'bad' }, { question: 'c' }],
      world,
    );
    expect(done.ok && done.output.map((one) => (one.ok ? one.output.answer : one.error.code))).toEqual([
      'fine',
      'answer_unreadable',
      'fine',
    ]);
  });

  it('are compared by their chains of thought', async () => {
    const world = fakeProgramWorld(() => inSections({ rationale: 'r', answer: '4' }));
    const attempts = ['3', '4', '4'].map((answer) => ({ reasoning: `because\nof ${answer}`, answer }));
    const program = multiChainComparison('question -> answer');
    expect(await runProgram(program, { ...question, attempts }, world)).toMatchObject({ output: { answer: '4' } });
    expect(world.asked[0]?.text).toContain("«I'm trying to because I'm not sure but my prediction is 3»");
    expect(await runProgram(program, { ...question, attempts: [] }, world)).toMatchObject({ ok: false });
  });
});

describe('retrieval', () => {
  const passages = ['Oslo is the capital of Norway.', 'Paris is the capital of France.', 'Bread is made of flour.'];
  const given = { retriever: memoryRetriever(passages, embedder) };

  it('finds what is nearest, exactly, and fuses what several queries found', async () => {
    const world = fakeProgramWorld(() => '', given);
    const found = await runProgram(retrieve({ k: 1 }), { query: 'capital of Norway' }, world);
    expect(found.ok && found.output.passages).toEqual([passages[0]]);
    const fused = await runProgram(retrieveEnsemble({ k: 2 }), { queries: ['Norway Oslo', 'France Paris'] }, world);
    expect(fused.ok && [...fused.output.passages].sort()).toEqual([passages[0], passages[1]]);
    const [a, b] = [
      { text: 'a', score: 1 },
      { text: 'b', score: 0.6 },
    ];
    expect(fusePassages([[a], [b], [b]], 1)).toEqual([{ text: 'b', score: 1.2 }]);
    expect(
      await runProgram(
        retrieve(),
        { query: 'q' },
        fakeProgramWorld(() => ''),
      ),
    ).toMatchObject({
      ok: false,
      error: { param: 'retriever' },
    });
  });

  it('goes in hops, each with what was found before', async () => {
    const world = fakeProgramWorld(({ messages, text, index }) => {
      const isQuery = messages[0]?.content.includes('1. `reasoning` (str): \n2. `query`');
      return inSections(
        isQuery
          ? { reasoning: 'r', query: index === 0 ? 'capital of Norway' : 'capital of France' }
          : { reasoning: 'r', answer: String(text.includes('Oslo') && text.includes('Paris')) },
      );
    }, given);
    const done = await runProgram(multiHop('question -> answer', { k: 1 }), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'true', context: [passages[0], passages[1]] } });
  });

  it('goes in hops also where what it is given is called a query', async () => {
    const world = fakeProgramWorld(({ text }) => {
      const isSearch = text.includes('[[ ## search_query ## ]]');
      return inSections({ reasoning: 'r', ...(isSearch ? { search_query: 'capital of Norway' } : { answer: 'Oslo' }) });
    }, given);
    const done = await runProgram(multiHop('query -> answer', { k: 1, hops: 1 }), { query: 'q' }, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'Oslo', context: [passages[0]] } });
  });

  it('shows the examples that are nearest to the question', async () => {
    const examples = passages.map((text) => ({ values: { question: text, answer: text.split(' ')[0] ?? '' } }));
    const world = fakeProgramWorld(() => inSections({ answer: 'a' }), { embedder });
    const program = withNearestDemos(capital, { examples, inputs: ['question'], k: 1 });
    expect(await runProgram(program, { question: 'What is bread made of?' }, world)).toMatchObject({ ok: true });
    expect(world.asked[0]?.messages.map(({ content }) => content).join()).toContain('Bread is made of flour.');
    expect(world.asked[0]?.messages).toHaveLength(4);
    expect(await runProgram(program, question, says('a'))).toMatchObject({ ok: false, error: { param: 'embedder' } });
  });
});

describe('an agent', () => {
  const add = {
    name: 'add',
    description: 'Adds two numbers.',
    parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    run: ({ a, b }: JsonObject) => Number(a) + Number(b),
  };
  const act = (name: string, args: object) =>
    inSections({ next_thought: 't', next_tool_name: name, next_tool_args: args });
  const final = inSections({ reasoning: 'r', answer: '5' });
  const agent = react('question -> answer', { tools: [add], steps: 4 });

  it('acts until it has finished, and sees what came of it', async () => {
    const script = [act('add', { a: 2, b: 'x' }), act('add', { a: 2, b: 3 }), act('finish', {}), final];
    const world = fakeProgramWorld(({ index }) => script[index] ?? '');
    const done = await runProgram(agent, question, world);
    expect(done.ok && done.output.trajectory.map(({ observation }) => observation)).toEqual([
      'Execution error in add: b: x is no float',
      '5',
      'Completed.',
    ]);
    expect(world.asked[2]?.text).toContain('[[ ## observation_1 ## ]]\n5');
    expect(world.asked[0]?.messages[0]?.content).toContain(
      '(1) add, whose description is <desc>Adds two numbers.</desc>.',
    );
    expect(done.calls.map(({ path }) => path)).toEqual(['react', 'react', 'react', 'extract.predict']);
  });

  it('ends where it goes round in circles or says nothing that can be done', async () => {
    const looping = fakeProgramWorld(({ index }) => (index < 4 ? act('add', { a: 1, b: 1 }) : final));
    expect(await runProgram(agent, question, looping)).toMatchObject({ ok: true });
    expect(looping.asked).toHaveLength(5);
    const lost = fakeProgramWorld(
      ({ index }) => [act('add', { a: 1, b: 1 }), act('fly', {}), '{}', final][index] ?? '',
    );
    expect(await runProgram(agent, question, lost)).toMatchObject({
      ok: true,
      output: { trajectory: [{ tool: 'add' }] },
    });
    expect(
      await runProgram(
        agent,
        question,
        fakeProgramWorld(() => 'no'),
      ),
    ).toMatchObject({ ok: false });
  });

  it('forgets its oldest steps where the conversation is too long for the model', async () => {
    const tooLong = { error: 'maximum context length is 4', code: 'context_length_exceeded' } as const;
    const world = fakeProgramWorld(({ index, text }: AskedProgram) => {
      if (index < 3) return act('add', { a: index, b: index });
      if (text.includes('thought_0')) return tooLong;
      return index === 4 ? act('finish', {}) : final;
    });
    expect(await runProgram(agent, question, world)).toMatchObject({ ok: true, output: { answer: '5' } });
    expect(world.asked[4]?.text).toContain('[[ ## thought_1 ## ]]');
    expect(
      await runProgram(
        agent,
        question,
        fakeProgramWorld(() => tooLong),
      ),
    ).toMatchObject({
      ok: false,
      error: { code: 'context_length_exceeded' },
    });
  });

  it('refuses tools that it could not tell apart', () => {
    expect(() => react('question -> answer', { tools: [add, add] })).toThrow('one name');
  });

  it('uses the tools of an MCP server', async () => {
    const [tool] = await mcpTools({
      listTools: async () => ({ tools: [{ name: 'now', inputSchema: { type: 'object' } }] }),
      callTool: async ({ name }) => ({ content: [{ type: 'text', text: `${name}: noon` }], isError: name !== 'now' }),
    });
    expect(await tool?.run({}, { signal: new AbortController().signal })).toBe('now: noon');
  });
});

describe('a program of thought', () => {
  const sandbox = {
    run: async (source: string) => {
      if (source.includes('throw')) throw new WheelhouseError('code_failed', 'thrown at line 1');
      return { answer: 5 };
    },
  };

  it('runs what the model wrote, and has it corrected', async () => {
    const script = [
      inSections({ reasoning: 'r', generated_code: '```js\nthrow 1\n```' }),
      inSections({ reasoning: 'r', generated_code: '```js\nexport const main = () => ({ answer: 5 })\n```' }),
      inSections({ reasoning: 'r', answer: '5' }),
    ];
    const world = fakeProgramWorld(({ index }) => script[index] ?? '', { sandbox });
    const done = await runProgram(programOfThought('question -> answer: int'), question, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 5, code: 'export const main = () => ({ answer: 5 })' } });
    expect(world.asked[1]?.text).toContain('thrown at line 1');
    expect(world.asked[2]?.text).toContain('{"answer":5}');
  });

  it('gives up after so many tries, and needs a sandbox', async () => {
    const world = fakeProgramWorld(() => inSections({ reasoning: 'r', generated_code: 'throw 1' }), { sandbox });
    expect(await runProgram(programOfThought('question -> answer'), question, world)).toMatchObject({
      ok: false,
      error: { code: 'code_failed' },
    });
    expect(world.asked).toHaveLength(3);
    expect(await runProgram(programOfThought('question -> answer'), question, says('a'))).toMatchObject({
      ok: false,
      error: { param: 'sandbox' },
    });
  });
});

describe('a tree of thoughts', () => {
  /** Spells a word, a letter a thought. */
  const model = (word: string) =>
    fakeProgramWorld(({ messages, text }) => {
      const system = messages[0]?.content ?? '';
      const thoughts = /\[\[ ## thoughts ## \]\]\n(.*)/.exec(text)?.[1] ?? '[]';
      const letters = JSON.parse(thoughts) as string[];
      if (system.includes('`next_thoughts`'))
        return inSections({ next_thoughts: ['x', word[letters.length], word[letters.length]] });
      if (system.includes('`next_thought`')) return inSections({ next_thought: word[letters.length] });
      if (system.includes('`judgement`'))
        return inSections({ reasoning: 'r', judgement: word.startsWith(letters.join('')) ? 'sure' : 'impossible' });
      if (system.includes('`best`')) {
        const lines = JSON.parse(/\[\[ ## candidates ## \]\]\n(.*)/.exec(text)?.[1] ?? '[]') as string[];
        const best = lines.findIndex((line) => word.startsWith(line.replace(/^\d+\. /, '').replaceAll('\n', '')));
        return inSections({ reasoning: 'r', best: best + 1 });
      }
      return inSections({ answer: letters.join('') });
    });

  it.each([
    ['bfs', 'propose', 'value'],
    ['beam', 'propose', 'vote'],
    ['dfs', 'sample', 'value'],
  ] as const)('finds its way by %s with %s and %s', async (strategy, generate, evaluate) => {
    const options = { strategy, generate, evaluate, depth: 3, breadth: 1, children: 2 };
    const done = await runProgram(treeOfThoughts('question -> answer', options), question, model('cat'));
    expect(done).toMatchObject({ ok: true, output: { answer: 'cat', thoughts: ['c', 'a', 't'], solved: false } });
  });

  it('ends at what a verifier knows exactly, and within its budget', async () => {
    const verify = (_: unknown, thoughts: readonly string[]) => (thoughts.join('') === 'ca' ? true : null);
    const world = model('cat');
    const program = treeOfThoughts('question -> answer', { verify, depth: 9, judgements: 1, breadth: 1 });
    expect(await runProgram(program, question, world)).toMatchObject({ output: { answer: 'ca', solved: true } });
    const small = treeOfThoughts('question -> answer', { depth: 50, budget: 4, judgements: 1 });
    expect(await runProgram(small, question, model('c'.repeat(60)))).toMatchObject({ ok: true });
    expect(
      await runProgram(
        small,
        question,
        fakeProgramWorld(() => 'garbage'),
      ),
    ).toMatchObject({
      ok: false,
      error: { code: 'answer_unreadable' },
    });
  });
});
