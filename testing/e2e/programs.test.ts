import { readdirSync, readFileSync } from 'node:fs';
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

const guides = join(root, 'docs', 'guides');
/** A program of a page, and below it what it prints; else what the table says. */
type Example = { page: string; name: string; code: string; prints: string };
const printed: Record<string, string> = {
  'app.mjs': 'shipping, 1 calls\nshipping, 4 calls\n',
  'tree.mjs': '50 + 20 + 20 solved\n',
  'dspy.mjs': "Oslo mayor 4\n[ 'query.predict', 'metadata' ]\n",
  'compile.mjs': 'gain 24 true\n',
};

const pages = readdirSync(guides).filter((page) => /^(?:programs|optimizers|(?:program|optimizer)-.*)\.md$/.test(page));
const examples = pages.flatMap((page): Example[] => {
  const text = readFileSync(join(guides, page), 'utf8');
  const found = text.matchAll(/```js\n\/\/ ([\w-]+\.mjs)\n([\s\S]*?)```\n\n(?:```text\n([\s\S]*?)```)?/g);
  return [...found].map(([, name = '', code = '', prints = printed[name] ?? '']) => ({ page, name, code, prints }));
});

describe('the guides of programs and optimizers', () => {
  let said: Record<string, string>;

  beforeAll(async () => {
    await mkdir(join(root, '.cache'), { recursive: true });
    // In the repository, so that the packages are found; in one process, since starting one takes longer than most of them.
    const place = await mkdtemp(join(root, '.cache', 'guide-'));
    try {
      for (const { name, code } of examples) await writeFile(join(place, name), code);
      const names = JSON.stringify(examples.map(({ name }) => name));
      const all = `import { format } from 'node:util';
const { log } = console;
const said = {};
for (const name of ${names}) {
  said[name] = '';
  console.log = (...values) => { said[name] += format(...values) + '\\n'; };
  try { await import('./' + name); } catch (error) { said[name] += error.stack; }
}
log(JSON.stringify(said));
`;
      await writeFile(join(place, 'all.mjs'), all);
      const { code, stdout, stderr } = await runNode(['all.mjs'], place, { WHEELHOUSE_URL: house.url });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      said = JSON.parse(stdout) as Record<string, string>;
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }, 240_000);

  it.each(examples)('$page has $name, which prints what the page says', ({ name, prints }) => {
    expect(said[name]).toBe(prints);
    expect(prints).not.toBe('');
  });

  it('have a page with an example for each module and each optimizer, in their lists', () => {
    const listed = (page: string, part: string) =>
      [...readFileSync(join(guides, page), 'utf8').matchAll(new RegExp(`\\((${part}-[\\w-]+\\.md)\\)`, 'g'))].map(
        ([, to]) => to,
      );
    for (const [page, part] of [
      ['programs.md', 'program'],
      ['optimizers.md', 'optimizer'],
    ] as const) {
      const those = pages.filter((one) => one.startsWith(`${part}-`));
      expect([...new Set(listed(page, part))].sort()).toEqual(those.sort());
      for (const one of those) expect(examples.map((example) => example.page)).toContain(one);
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

  it('judges its tries by code in the sandbox, and each question and each run of code is a step', async () => {
    const file = `---
flavor: program
model: sim/student
program:
  module: best-of
  count: 3
  threshold: 1
  reward: { code: 'export const main = ({ input, output }) => Number(input.question.includes("parcel") && output.label === "shipping")' }
  program:
    module: ensemble
    programs:
      - { module: predict, signature: "question -> label: Literal['billing', 'shipping']" }
      - { module: predict, signature: "question -> label: Literal['billing', 'shipping']" }
candidate:
  'program.programs[0]': { instructions: 'If asked about parcel, answer: shipping' }
  'program.programs[1]': { instructions: 'If asked about parcel, answer: shipping' }
---
`;
    await writeFile(join(folder.path, 'judged.md'), file);
    const options = { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } };
    const published = await runCli(['model', 'new', 'judged', 'judged.md', '--move', 'production'], options);
    expect(published).toMatchObject({ code: 0, stderr: '' });
    const { output, traceId } = await createModels({ baseUrl: house.url })
      .model('judged@production')
      .predict({ question: 'Where is my parcel?' });
    expect(output).toEqual({ label: 'shipping' });
    const read = () => house.client.call('getTrace', { params: { traceId: traceId ?? '' } });
    await expect
      .poll(async () => {
        const { spans } = await read().catch(() => ({ spans: [] }));
        return spans
          .map(({ name }) => name)
          .filter((name) => /^(?:program|code)/.test(name))
          .sort();
      })
      .toEqual(['code', 'program.programs[0]', 'program.programs[1]']);
  });

  it('finds its passages by another model, as the guide says', async () => {
    const guide = await readFile(join(guides, 'program-retrieve.md'), 'utf8');
    const [, block = ''] = /```yaml\n([\s\S]*?) *```/.exec(guide) ?? [];
    const files = {
      search: `program: { module: retrieve, k: 1, from: { code: 'export const main = ({ query, k }) => [query.length + " " + k, "two"]' } }`,
      rag: `program:\n${block}candidate: { read.predict: { instructions: "If asked about parcel, answer: shipping" } }`,
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder.path, `${name}.md`), `---\nflavor: program\nmodel: sim/student\n${text}\n---\n`);
      const options = { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } };
      const published = await runCli(['model', 'new', name, `${name}.md`, '--move', 'production'], options);
      expect(published).toMatchObject({ code: 0, stderr: '' });
    }
    const models = createModels({ baseUrl: house.url });
    const found = await models.model('search@production').predict({ query: 'parcel' });
    expect(found.output).toEqual({ passages: ['6 1'] });
    const { output, traceId } = await models.model('rag@production').predict({ question: 'Where is my parcel?' });
    expect(output).toEqual({ answer: 'shipping' });
    const read = () => house.client.call('getTrace', { params: { traceId: traceId ?? '' } });
    await expect
      .poll(async () => {
        const { spans } = await read().catch(() => ({ spans: [] }));
        return spans
          .map(({ name }) => name)
          .filter((name) => /^(?:find|read|code)/.test(name))
          .sort();
      })
      .toEqual(['code', 'find', 'read.predict']);
  });
});
