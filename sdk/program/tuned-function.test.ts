import { fakeProgramWorld, simProgramWorld } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { compile, labeledFewShot, prepareOptimization, runProgram, tunedFunction, withCandidate } from './index.ts';

type Message = { role: string; content: unknown };
const post = (messages: readonly Message[], more: object = {}) => ({
  method: 'POST',
  body: JSON.stringify({ model: 'sim/student', messages, ...more }),
});

/** As an application would write it, with any client. */
const sort = tunedFunction(
  {
    instructions: 'Sort.',
    input: { question: { type: 'string' } },
    output: { label: { enum: ['billing', 'shipping'] } },
  },
  async ({ question }, { instructions, demos, fetch, baseURL }) => {
    const shown = demos.flatMap(({ input, output }) => [
      { role: 'user', content: String(input.question) },
      { role: 'assistant', content: String(output.label) },
    ]);
    const messages = [{ role: 'system', content: instructions }, ...shown, { role: 'user', content: question }];
    const response = await fetch(`${baseURL}/chat/completions`, post(messages, { temperature: 0 }));
    const body = (await response.json()) as {
      choices: { message: { content: string } }[];
      error?: { message: string };
    };
    if (!response.ok) throw new Error(`the client says ${body.error?.message}`);
    return body.choices[0]?.message.content ?? '';
  },
);
const question = { question: 'Where is my parcel?' };

describe('a function whose text is tuned', () => {
  it('is told its instructions and examples, and its calls are those of a predictor', async () => {
    const world = fakeProgramWorld(() => 'Shipping');
    const demos = [{ values: { question: 'My invoice?', label: 'billing' } }];
    const tuned = withCandidate(sort, { '': { instructions: 'Sort well.', demos } });
    const done = await runProgram(tuned, question, world, { rollout: 3 });
    expect(done).toMatchObject({ ok: true, output: { label: 'shipping' }, costNanoUsd: 1n });
    expect(world.asked).toMatchObject([
      {
        model: 'sim/student',
        messages: [
          { role: 'system', content: 'Sort well.' },
          { role: 'user', content: 'My invoice?' },
          { role: 'assistant', content: 'billing' },
          { role: 'user', content: 'Where is my parcel?' },
        ],
        parameters: { temperature: 0, seed: 3 },
      },
    ]);
    expect(done.calls).toMatchObject([{ path: '', input: question, output: { label: 'shipping' } }]);
  });

  it('is compiled as any program', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => {
      const word = i % 2 === 0 ? 'parcel' : 'invoice';
      return { input: { question: `Case ${i}: my ${word}` }, expected: word === 'parcel' ? 'shipping' : 'billing' };
    });
    const { report, candidate } = await compile(
      sort,
      {
        ...{ train: rows, optimizer: labeledFewShot({ k: 6 }), seed: 1, budget: { calls: 60 } },
        metric: ({ output, expected }) => output.label === expected,
      },
      { world: simProgramWorld(), clock: { now: () => 0n } },
    );
    expect(report.verdict).toBe('gain');
    expect(candidate['']?.demos).toHaveLength(6);
  });

  it('is optimized from a file as any program in code, and gives a candidate', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({
      input: `Case ${i}`,
      expected: 'billing',
      split: i < 6 ? 'train' : 'test',
    }));
    const answer = {
      output: 'billing',
      text: 'billing',
      model: null,
      traceId: null,
      latencyMs: 1,
      costNanoUsd: null,
      usage: null,
    };
    const optimization = await prepareOptimization(
      {
        ...{ name: 'sort', program: sort, model: 'sim/student', data: { rows }, metric: 'exact' },
        ...{ optimizer: labeledFewShot({ k: 2 }), budget: { calls: 30 } },
      },
      { baseUrl: 'http://host', fetch: async () => Response.json(answer) },
    );
    expect(optimization.isPublishable).toBe(false);
    const { best, report } = await optimization.run();
    expect(best.candidate['']?.demos).toHaveLength(2);
    expect(report.rows).toMatchObject({ train: 6, compared: 4 });
  });

  it.each([
    ['does not fit', () => 'neither', 'answer_unreadable', /neither is no Literal/],
    [
      'was not answered',
      () => ({ error: 'Away.', code: 'upstream_unreachable' }) as const,
      'upstream_unreachable',
      /^Away/,
    ],
  ])('says why its answer %s, whatever its client makes of it', async (_, answer, code, message) => {
    const done = await runProgram(sort, question, fakeProgramWorld(answer));
    expect(done).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
  });

  it('streams where it is asked to, and refuses what it cannot pass on', async () => {
    const asking = (path: string, more: object) =>
      tunedFunction('question -> answer', async (_, { fetch, baseURL }) =>
        (await fetch(`${baseURL}${path}`, post([{ role: 'user', content: 'Hi' }], more))).text(),
      );
    const world = () => fakeProgramWorld(() => 'Hello');
    const input = { question: 'Hi' };
    const streamed = await runProgram(asking('/chat/completions', { stream: true }), input, world());
    expect(streamed.ok && streamed.output.answer).toMatch(/"content":"Hello".*"finish_reason":"stop".*\[DONE\]/s);
    const refused = (message: string) => ({ ok: false, error: { message: expect.stringContaining(message) } });
    const tools = asking('/chat/completions', { tools: [{}] });
    expect(await runProgram(tools, input, world())).toMatchObject(refused('gave its model tools'));
    const other = asking('/responses', {});
    expect(await runProgram(other, input, world())).toMatchObject(refused('chat completions alone'));
  });

  it('is typed', () => {
    // @ts-expect-error there is no such output
    tunedFunction('question -> answer', ({ question }) => ({ label: question }));
  });
});
