import { describe, expect, it } from 'vitest';
import { createClient } from '../client/index.ts';
import { createPrompt, type PromptOptions } from './prompt-reader.ts';

type Answer = { status: number; body: object } | 'down' | 'hangs';

const signatureOf = (...names: string[]) => ({
  input: {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  },
  output: { type: 'string' },
});

const detail = (version: number, content: string, ...names: string[]) => ({
  model: { name: 'greet', aliases: [{ alias: 'production', version }] },
  versions: [
    {
      number: version,
      definition: {
        flavor: 'prompt',
        baseModel: 'openai/gpt-4o-mini',
        messages: [{ role: 'user', content }],
        parameters: { temperature: 0.2 },
      },
      signature: signatureOf(...names),
    },
  ],
});

/** A server whose answers a test says, and a clock that it moves. */
function setUp(options: Partial<PromptOptions> = {}) {
  const models = new Map<string, Answer>();
  const asked: string[] = [];
  const errors: unknown[] = [];
  const time = { now: 0 };
  const client = createClient({
    baseUrl: 'http://server',
    fetch: async (input) => {
      const name = String(input).split('/').at(-1) ?? '';
      asked.push(name);
      const answer = models.get(name) ?? 'down';
      if (answer === 'hangs') return new Promise<Response>(() => {});
      if (answer === 'down') throw new TypeError('fetch failed');
      return Response.json(answer.body, { status: answer.status });
    },
  });
  const prompt = createPrompt<Record<string, unknown>>(
    'greet@production',
    {
      default: { baseModel: 'openai/gpt-4o', template: 'Hi {{name}}' },
      onError: (error) => errors.push(error),
      ...options,
    },
    { client, nowMs: () => time.now },
  );
  const serve = (name: string, body: object) => models.set(name, { status: 200, body });
  return { prompt, models, serve, asked, errors, time };
}

describe('a prompt that is read from the server', () => {
  it('is compiled for the SDK of its vendor, and says which version it is', async () => {
    const { prompt, serve } = setUp();
    serve('greet', detail(3, 'Hello {{name}}', 'name'));
    expect(await prompt.compile({ name: 'Ada {{x}}' })).toEqual({
      ...{ baseModel: 'openai/gpt-4o-mini', model: 'gpt-4o-mini', from: 'server', version: 3 },
      messages: [{ role: 'user', content: 'Hello Ada {{x}}' }],
      parameters: { temperature: 0.2 },
      metadata: { prompt: 'greet@3' },
    });
  });

  it('names every variable that is missing, unknown or of another type', async () => {
    const { prompt, serve } = setUp();
    serve('greet', detail(1, '{{a}} {{b}}', 'a', 'b'));
    await expect(prompt.compile({ b: '', c: '' })).rejects.toThrow('`a` is missing; `c` is unknown');
    await expect(prompt.compile({ a: 1, b: '' })).rejects.toMatchObject({ code: 'signature_mismatch' });
  });

  it('is taken as it was while it is fresh, then as it was once more while it is read again', async () => {
    const { prompt, serve, asked, time } = setUp({ freshMs: 1000 });
    serve('greet', detail(1, 'One'));
    await prompt.compile({});
    serve('greet', detail(2, 'Two'));
    time.now = 999;
    expect((await prompt.compile({})).version).toBe(1);
    expect(asked).toHaveLength(1);
    time.now = 1000;
    expect((await prompt.compile({})).version).toBe(1);
    await prompt.refresh();
    expect((await prompt.compile({})).version).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it('comes with the prompts that it takes in', async () => {
    const { prompt, serve } = setUp();
    serve('greet', detail(1, '{{>tone@production}} {{name}}', 'name'));
    const tone = detail(4, '');
    serve('tone', {
      ...tone,
      versions: [{ ...tone.versions[0], definition: { flavor: 'prompt', baseModel: 'm', template: 'Kindly:' } }],
    });
    expect((await prompt.compile({ name: 'Ada' })).messages).toEqual([{ role: 'user', content: 'Kindly: Ada' }]);
  });
});

describe('the default of a prompt', () => {
  it('stands in while the server is away, which is asked again later and not each time', async () => {
    const { prompt, serve, asked, errors, time } = setUp();
    const first = await prompt.compile({ name: 'Ada' });
    expect(first).toMatchObject({ from: 'default', version: null, model: 'gpt-4o' });
    expect(first.messages).toEqual([{ role: 'user', content: 'Hi Ada' }]);
    expect(errors).toHaveLength(1);
    serve('greet', detail(1, 'Hello {{name}}', 'name'));
    await prompt.compile({ name: 'Ada' });
    expect(asked).toHaveLength(1);
    time.now = 5_000;
    expect((await prompt.compile({ name: 'Ada' })).from).toBe('default');
    await prompt.refresh();
    expect((await prompt.compile({ name: 'Ada' })).from).toBe('server');
  });

  it('stands in when the server does not answer in time, and for what is no prompt', async () => {
    const late = setUp({ waitMs: 1 });
    late.models.set('greet', 'hangs');
    expect((await late.prompt.compile({ name: 'Ada' })).from).toBe('default');
    const other = setUp();
    const chain = detail(1, '');
    const definition = { flavor: 'code', runtime: 'node', entry: 'bot.ts', hash: 'a'.repeat(64) };
    other.serve('greet', { ...chain, versions: [{ ...chain.versions[0], definition }] });
    expect((await other.prompt.compile({ name: 'Ada' })).from).toBe('default');
    expect(String(other.errors[0])).toContain('flavor code');
  });

  it('gives way to what was read once, however long the server is away', async () => {
    const { prompt, serve, models, time } = setUp();
    serve('greet', detail(7, 'Hello'));
    await prompt.compile({});
    models.set('greet', 'down');
    time.now = 1e9;
    await prompt.compile({});
    expect(await prompt.refresh()).toBe(false);
    expect((await prompt.compile({})).version).toBe(7);
  });

  it('is refused at once when it cannot be rendered', () => {
    expect(() => setUp({ default: { baseModel: 'm', template: '{{#open}}' } })).toThrow();
    expect(() => setUp({ default: { baseModel: 'm', template: '{{>tone@production}}' } })).toThrow(/tone/);
  });
});
