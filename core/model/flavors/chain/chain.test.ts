import { type FakeWorldOptions, fakePredictWorld, versionOf } from '@wheelhouse/testing/models';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, type ModelVersion, WheelhouseError } from '../../../records/index.ts';
import { checkVersion } from '../../index.ts';
import { predict } from '../../predict.ts';
import type { ChainDefinition } from './definition.ts';

const prompt = (template: string): ModelVersion =>
  versionOf({ flavor: 'prompt', baseModel: 'sim/echo', template, parameters: {} } as never);
const upper = prompt('{{text}}!');

type Loose = { id: string; do: string; [member: string]: unknown };
const chain = (steps: Loose[], output?: Json): ChainDefinition =>
  ({ flavor: 'chain', steps, ...(output === undefined ? {} : { output }) }) as unknown as ChainDefinition;

/** Runs a chain; what comes back is what came out and what the world saw. */
async function run(
  definition: ChainDefinition,
  input: JsonObject,
  options: FakeWorldOptions & { streamed?: boolean } = {},
) {
  const models = { 'upper@1': upper, ...options.models };
  const fake = fakePredictWorld({ ...options, models });
  const version = versionOf(definition, { find: fake.context.find });
  checkVersion(version, fake.context);
  const pieces: string[] = [];
  const onText = options.streamed ? (piece: string) => pieces.push(piece) : null;
  const ask = { input, messages: [], parameters: {} };
  const given = await predict(version, ask, { name: 'flow@1', world: fake.world, onText: onText as never });
  return { ...given, fake, pieces, version };
}
const failure = (promise: Promise<unknown>): Promise<WheelhouseError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: WheelhouseError) => error,
  );
const ask = (id: string, text: Json): Loose => ({ id, do: 'prompt', model: 'upper@1', input: { text } });
const refused = (definition: ChainDefinition, signature = {}) => {
  const { context } = fakePredictWorld({ models: { 'upper@1': upper } });
  return () => checkVersion(versionOf(definition, { find: context.find, signature }), context);
};

describe('a chain', () => {
  it('hands what each step gave to those that follow', async () => {
    const { output, fake } = await run(
      chain([ask('first', { $from: '/input/word' }), ask('second', '{{steps.first}} and {{input.word}}')]),
      { word: 'hey' },
    );
    expect(output).toBe('hey! and hey!');
    expect(fake.steps.map(({ path, ok }) => [path, ok])).toEqual([
      ['first', true],
      ['second', true],
    ]);
  });

  it('answers with what its output says', async () => {
    const { output, version } = await run(
      chain([ask('a', 'x'), ask('b', 'y')], {
        both: ['{{steps.a}}', { $from: '/steps/b' }],
        none: { $from: '/steps/a/b' },
      }),
      {},
    );
    expect(output).toEqual({ both: ['x!', 'y!'] });
    expect(version.signature.output).toMatchObject({ type: 'object', properties: { both: { type: 'array' } } });
  });

  const route = chain([
    ask('triage', { $from: '/input/q' }),
    {
      id: 'route',
      do: 'branch',
      cases: [
        { when: { at: '/steps/triage', contains: 'BUG' }, steps: [ask('bug', 'fix {{input.q}}')] },
        {
          when: { all: [{ at: '/input/n', above: 3 }, { not: { at: '/input/n', in: [5] } }] },
          steps: [ask('many', 'many')],
        },
      ],
      otherwise: [ask('other', 'no idea')],
    },
  ]);
  it.each([
    ['a bug', 0, 'fix a bug!', 'route.bug'],
    ['x', 4, 'many!', 'route.many'],
    ['x', 5, 'no idea!', 'route.other'],
  ])('takes the first case that holds: %s, %s', async (q, n, expected, path) => {
    const { output, fake } = await run(route, { q, n });
    expect(output).toBe(expected);
    expect(fake.steps.map((step) => step.path)).toEqual(['triage', path, 'route']);
  });

  const each = (concurrency: number): ChainDefinition =>
    chain([
      { id: 'each', do: 'map', over: '/input/items', concurrency, steps: [ask('draft', '{{index}}:{{item.name}}')] },
    ]);

  it('maps a list, in its order, and no more at a time than it says', async () => {
    const items = Array.from({ length: 12 }, (_, i) => ({ name: `n${i}` }));
    const { output, fake, version } = await run(each(3), { items });
    expect(output).toEqual(items.map(({ name }, i) => `${i}:${name}!`));
    expect(fake.busy.most).toBe(3);
    expect(fake.steps.map((step) => step.path)).toContain('each[11].draft');
    expect(version.signature.output).toEqual({ type: 'array', items: { type: 'string' } });
  });

  it('names the step of an item that fails by its path, keeps the code, and starts no more', async () => {
    const items = Array.from({ length: 9 }, (_, i) => ({ name: `n${i}` }));
    const seen: unknown[] = [];
    const error = await failure(
      run(
        each(2),
        { items },
        {
          answer: ({ messages }) => {
            seen.push(messages);
            if (JSON.stringify(messages).includes('1:n1'))
              throw new WheelhouseError('upstream_rate_limited', 'Too fast.', { hint: 'Slow down.', retryAfterMs: 7 });
            return 'fine';
          },
        },
      ),
    );
    expect(error).toMatchObject({
      code: 'upstream_rate_limited',
      message: 'Step `each[1].draft`: Too fast.',
      hint: 'Slow down.',
      retryAfterMs: 7,
    });
    expect(seen.length).toBeLessThan(5);
  });

  it('goes through lists only', async () => {
    const error = await failure(run(each(1), { items: 'no list' }));
    expect(error).toMatchObject({ code: 'signature_mismatch', message: expect.stringContaining('Step `each`') });
  });

  it('runs branches side by side, which see nothing of each other', async () => {
    const both = chain([
      {
        id: 'both',
        do: 'parallel',
        branches: { left: [ask('a', 'l')], right: [ask('b', 'r'), ask('c', '{{steps.b}}')] },
      },
    ]);
    const { output, fake, version } = await run(both, {});
    expect(output).toEqual({ left: 'l!', right: 'r!!' });
    expect(fake.steps.map(({ path }) => path).sort()).toEqual(['both', 'both.left.a', 'both.right.b', 'both.right.c']);
    expect(version.signature.output).toMatchObject({ properties: { left: { type: 'string' } } });
    expect(
      refused(chain([{ id: 'p', do: 'parallel', branches: { l: [ask('a', 'x')], r: [ask('b', '{{steps.a}}')] } }])),
    ).toThrow(/steps\/a/);
  });

  const again = (times: number): ChainDefinition =>
    chain([{ id: 'again', do: 'retry', times, waitMs: 100, steps: [ask('try', 'x')] }]);
  const failsUntil = (count: number, code: 'upstream_failed' | 'model_not_found') => {
    let calls = 0;
    return () => {
      if (++calls < count) throw new WheelhouseError(code, 'Not yet.', calls === 1 ? {} : { retryAfterMs: 5_000 });
      return `after ${calls}`;
    };
  };

  it('tries again, waiting longer each time and as long as it is told', async () => {
    const { output, fake } = await run(again(4), {}, { answer: failsUntil(4, 'upstream_failed') });
    expect(output).toBe('after 4');
    expect(fake.waits).toEqual([100, 5_000, 5_000]);
    expect(fake.steps.map(({ path, ok }) => [path, ok])).toEqual([
      ['again[0].try', false],
      ['again[1].try', false],
      ['again[2].try', false],
      ['again[3].try', true],
      ['again', true],
    ]);
  });

  it('gives up after as many times as it says, and at once where it is hopeless', async () => {
    const tired = await failure(run(again(2), {}, { answer: failsUntil(9, 'upstream_failed') }));
    expect(tired).toMatchObject({ code: 'upstream_failed', message: 'Step `again[1].try`: Not yet.' });
    const hopeless = await failure(run(again(3), {}, { answer: failsUntil(9, 'model_not_found') }));
    expect(hopeless).toMatchObject({ code: 'model_not_found', message: 'Step `again[0].try`: Not yet.' });
  });

  it('calls HTTP APIs and code in a sandbox as steps', async () => {
    const { output, fake } = await run(
      chain([
        {
          id: 'fetch',
          do: 'tool',
          input: { term: { $from: '/input/q' } },
          call: {
            url: 'https://api.example.com/find?q={{input.term}}',
            method: 'GET',
            output: { $from: '/body/hits' },
          },
        },
        {
          id: 'count',
          do: 'code',
          source: 'export const main = (hits) => hits.length',
          input: { $from: '/steps/fetch' },
        },
      ]),
      { q: 'a&b' },
      {
        http: () => ({ headers: { 'content-type': 'application/json' }, body: '{"hits":["x","y"]}' }),
        code: (_source, hits) => (hits as Json[]).length,
      },
    );
    expect(output).toBe(2);
    expect(fake.asks).toMatchObject([{ url: 'https://api.example.com/find?q=a%26b', body: null }]);
    expect(fake.steps.map(({ path, kind, input }) => [path, kind, input])).toEqual([
      ['fetch', 'tool', { term: 'a&b' }],
      ['count', 'tool', ['x', 'y']],
    ]);
  });

  it('streams the text of its last step, and is the same text then', async () => {
    for (const definition of [route, again(2), each(2)]) {
      const input = { q: 'a bug', n: 1, items: [{ name: 'n' }] };
      const fitting = Object.fromEntries(
        Object.entries(input).filter(([name]) => JSON.stringify(definition).includes(`/input/${name}`)),
      );
      const whole = await run(definition, fitting);
      const streamed = await run(definition, fitting, { streamed: true });
      expect(streamed.pieces.join('')).toBe(whole.text);
      expect(streamed.output).toEqual(whole.output);
    }
    const { pieces } = await run(route, { q: 'a bug', n: 1 }, { streamed: true });
    expect(pieces.length).toBeGreaterThan(1);
  });

  it('streams nothing of an attempt that failed', async () => {
    const counted = versionOf({ flavor: 'prompt', baseModel: 'sim/echo', template: 'n', parameters: {} } as never, {
      signature: { output: { type: 'integer' } },
    });
    const definition = chain([
      {
        id: 'again',
        do: 'retry',
        times: 2,
        waitMs: 0,
        steps: [{ id: 'n', do: 'prompt', model: 'counted@1', input: {} }],
      },
    ]);
    const answers = ['Sure! It is five.', '5'];
    const { pieces, output } = await run(
      definition,
      {},
      { models: { 'counted@1': counted }, answer: () => answers.shift() ?? '', streamed: true },
    );
    expect([pieces.join(''), output]).toEqual(['5', 5]);
  });

  it('goes on at the step that failed', async () => {
    const definition = chain([
      ask('first', 'one'),
      { id: 'each', do: 'map', over: '/input/items', concurrency: 1, steps: [ask('draft', '{{item}}')] },
    ]);
    const first = fakePredictWorld({
      models: { 'upper@1': upper },
      answer: ({ messages }) => {
        if (JSON.stringify(messages).includes('b!')) throw new WheelhouseError('upstream_failed', 'Down.');
        return 'done';
      },
    });
    const version = versionOf(definition, { find: first.context.find });
    const given = { input: { items: ['a', 'b'] }, messages: [], parameters: {} };
    await failure(predict(version, given, { name: 'flow@1', world: first.world, onText: null }));
    const second = fakePredictWorld({ models: { 'upper@1': upper }, finished: first.done });
    const { output } = await predict(version, given, { name: 'flow@1', world: second.world, onText: null });
    expect(output).toEqual(['done', 'b!']);
    expect(second.requests).toHaveLength(1);
    expect(second.steps.filter(({ reused }) => reused).map(({ path }) => path)).toEqual(['first', 'each[0].draft']);
  });

  it('stops between steps when it is told to', async () => {
    const controller = new AbortController();
    const stopped = run(
      chain([ask('a', 'x'), ask('b', 'y')]),
      {},
      {
        signal: controller.signal,
        answer: () => {
          controller.abort(new Error('gone'));
          return 'late';
        },
      },
    );
    await expect(stopped).rejects.toThrow('gone');
  });

  it('calls chains, and an error names the way down', async () => {
    const inner = versionOf(chain([ask('deep', { $from: '/input/q' })]) as never);
    const models = { 'inner@1': inner };
    const outer = chain([{ id: 'call', do: 'prompt', model: 'inner@1' }]);
    expect((await run(outer, { q: 'hm' }, { models })).output).toBe('hm!');
    const error = await failure(
      run(
        outer,
        { q: 'hm' },
        {
          models,
          answer: () => {
            throw new WheelhouseError('upstream_failed', 'Down.');
          },
        },
      ),
    );
    expect(error.message).toBe('Step `call`: Step `deep`: Down.');
  });

  it('takes what its steps read, as their models say it', async () => {
    const typed = versionOf(
      { flavor: 'prompt', baseModel: 'sim/echo', template: '{{n}} {{#opt}}x{{/opt}}', parameters: {} } as never,
      {
        signature: {
          input: {
            type: 'object',
            properties: { n: { type: 'integer' }, opt: {} },
            required: ['n'],
            additionalProperties: false,
          },
        },
      },
    );
    const models = { 'typed@1': typed };
    const find = (ref: string) => (ref === 'typed@1' ? models['typed@1'] : null);
    const infer = (steps: Loose[], output?: Json) => versionOf(chain(steps, output), { find }).signature;
    expect(infer([{ id: 'a', do: 'prompt', model: 'typed@1' }])).toEqual({
      input: typed.signature.input,
      output: { type: 'string' },
    });
    expect(infer([{ id: 'a', do: 'prompt', model: 'typed@1', input: { n: { $from: '/input/count' } } }]).input).toEqual(
      {
        type: 'object',
        properties: { count: { type: 'integer' } },
        required: ['count'],
        additionalProperties: false,
      },
    );
    expect(infer([{ id: 'a', do: 'code', source: '' }]).input).toEqual({ type: 'object', properties: {} });
    expect(infer([ask('a', 'x')], { t: '{{steps.a}}', l: { $from: '/steps/a' } }).output).toEqual({
      type: 'object',
      properties: { t: { type: 'string' }, l: { type: 'string' } },
    });
  });

  it.each<[string, Loose[], RegExp]>([
    ['two steps of one id', [ask('a', 'x'), { id: 'r', do: 'retry', steps: [ask('a', 'y')] }], /Two steps/],
    ['a step that comes later', [ask('a', '{{steps.b}}'), ask('b', 'x')], /steps\/b/],
    [
      'what is inside of another',
      [{ id: 'r', do: 'retry', steps: [ask('in', 'y')] }, ask('a', '{{steps.in}}')],
      /steps\/in/,
    ],
    ['an item outside of a map', [ask('a', { $from: '/item' })], /There is no `\/item`/],
    ['a place that is none', [ask('a', '{{question}}')], /There is no `\/question`/],
    ['a pointer that is none', [ask('a', { $from: 'input' })], /JSON Pointer/],
    ['a model that is not there', [{ id: 'a', do: 'prompt', model: 'gone@1' }], /gone@1/],
    ['a call without a host', [{ id: 'a', do: 'tool', call: { url: 'https://{{input.host}}/' } }], /host/],
  ])('refuses %s', (_what, steps, message) => {
    expect(refused(chain(steps))).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }),
    );
  });

  it('refuses to read what its signature does not declare', () => {
    const signature = { input: { type: 'object', properties: { q: {} }, additionalProperties: false } };
    expect(refused(chain([ask('a', '{{input.w}}')]), signature)).toThrow(/input\/w/);
    expect(refused(chain([ask('a', '{{input.q}}')]), signature)).not.toThrow();
  });

  it('refuses circles that are there already, naming them', () => {
    const find = (ref: string): ModelVersion | null => (ref === 'a@p' ? a : ref === 'b@p' ? b : null);
    const calls = (model: string) => chain([{ id: 's', do: 'prompt', model }]);
    const a = versionOf(calls('b@p') as never);
    const b = versionOf(calls('a@p') as never);
    const { context } = fakePredictWorld();
    const c = versionOf(calls('a@p'));
    expect(() => checkVersion(c, { ...context, find })).toThrow(/a@p → b@p → a@p/);
  });
});
