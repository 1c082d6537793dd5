import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createModels } from '@wheelhouse/sdk/model';
import { memoryRetriever, predict, programWorld, retrieve, runProgram } from '@wheelhouse/sdk/program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from './guide-house.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;

beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

describe('the guides of programs and optimizers', () => {
  it.each([
    ['programs.md', 'app.mjs', 'shipping, 1 calls\nshipping, 4 calls\n'],
    ['programs.md', 'tree.mjs', '50 + 20 + 20 solved\n'],
    ['optimizers.md', 'compile.mjs', 'gain 24 true\n'],
  ])('%s has %s, which prints what the guide says', async (guide, name, stdout) => {
    const text = await readFile(join(root, 'docs', 'guides', guide), 'utf8');
    const code = text.split('```js\n').find((block) => block.startsWith(`// ${name}\n`));
    await mkdir(join(root, '.cache'), { recursive: true });
    // In the repository, so that the packages are found.
    const place = await mkdtemp(join(root, '.cache', 'guide-'));
    try {
      await writeFile(join(place, name), code?.split('```')[0] ?? '');
      expect(await runNode([name], place, { WHEELHOUSE_URL: house.url })).toEqual({ code: 0, stdout, stderr: '' });
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});

describe('a program that asks a server', () => {
  const capital = predict("question -> label: Literal['billing', 'shipping']");
  const input = { question: 'Where is my parcel?' };

  it('leaves a trace of each call, with its cost, and tells its fields as they stream', async () => {
    const world = programWorld({ baseUrl: house.url, model: 'sim/student' });
    const heard: string[] = [];
    const done = await runProgram(capital, input, { ...world, onField: ({ text }) => heard.push(text) });
    expect(done.ok && ['billing', 'shipping'].includes(done.output.label)).toBe(true);
    expect(done.ok && heard.join('')).toBe(done.ok && done.output.label);
    const [ask] = done.calls[0]?.asks ?? [];
    expect(ask?.costNanoUsd).not.toBeNull();
    const read = () => house.client.call('getTrace', { params: { traceId: ask?.traceId ?? '' } });
    await expect.poll(async () => (await read().catch(() => null))?.trace.spanCount ?? 0).toBeGreaterThan(0);
  });

  it('says what the server refused, by its code', async () => {
    const world = programWorld({ baseUrl: house.url, model: 'nobody/nothing' });
    const done = await runProgram(capital, input, world);
    expect(done).toMatchObject({ ok: false, calls: [{ output: null }] });
    expect(done.ok ? '' : done.error.code).toMatch(/^model_not_found|upstream_/);
  });

  it("looks for passages by the server's embeddings", async () => {
    const world = programWorld({ baseUrl: house.url, model: 'sim/student', embedWith: 'sim/embed' });
    if (!world.embedder) throw new Error('no embedder');
    const passages = ['Oslo is the capital of Norway.', 'Bread is made of flour.'];
    const retriever = memoryRetriever(passages, world.embedder);
    const found = await runProgram(retrieve({ k: 1 }), { query: 'capital of Norway' }, { ...world, retriever });
    expect(found).toMatchObject({ ok: true, output: { passages: [passages[0]] } });
  });
});

describe('a program as data', () => {
  it('is published from the file of the guide, and answers as any model, to chat clients too', async () => {
    const guide = await readFile(join(root, 'docs', 'guides', 'programs.md'), 'utf8');
    const [, file = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    await writeFile(join(folder.path, 'triage.md'), file);
    const published = await runCli(['model', 'new', 'triage', 'triage.md', '--move', 'production'], {
      ...{ cwd: folder.path, env: { WHEELHOUSE_URL: house.url } },
    });
    expect(published).toMatchObject({ code: 0, stderr: '' });
    const { output, traceId } = await createModels({ baseUrl: house.url })
      .model('triage@production')
      .predict({ question: 'Where is my parcel?' });
    expect(output).toMatchObject({ label: 'shipping' });
    const read = () => house.client.call('getTrace', { params: { traceId: traceId ?? '' } });
    await expect
      .poll(async () => {
        const { spans } = await read().catch(() => ({ spans: [] }));
        return spans.filter(({ kind }) => kind === 'generation').length;
      })
      .toBeGreaterThanOrEqual(4);
    const answer = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'triage@production', messages: [{ role: 'user', content: 'About my invoice?' }] }),
    });
    expect(await answer.text()).toContain('billing');
  });
});
