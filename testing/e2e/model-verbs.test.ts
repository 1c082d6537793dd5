import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createModels, type Models } from '@wheelhouse/sdk/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const bin = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'wheelhouse.mjs');
const hasPython = spawnSync('python3', ['--version']).status === 0;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let models: Models;

beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
  models = createModels({ baseUrl: house.url });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

const cli = (...args: string[]) => runCli(args, { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });
const at = (...path: string[]) => join(folder.path, ...path);
const write = (path: string, text: string) => writeFile(at(path), text);
const promptFile = (text: string, message = '') =>
  `---\nflavor: prompt\nbaseModel: sim/echo\n${message && `message: ${message}\n`}---\n\n## user\n\n${text}\n`;

/** A verb that goes on until it is stopped. */
function startServe(...args: string[]) {
  const child = spawn(process.execPath, [bin, 'serve', ...args], {
    cwd: folder.path,
    env: cleanEnvironment({ WHEELHOUSE_URL: house.url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output.text += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    output,
    says: (text: string) => expect.poll(() => output.text).toContain(text),
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

describe('wheelhouse model', () => {
  it('publishes files, asks versions, moves aliases and puts them back', async () => {
    await write('hello.md', promptFile('Hello {{name}}', 'First'));
    const made = await cli('model', 'new', 'hello', 'hello.md', '--tag', 'demo', '--move', 'production');
    expect(made).toMatchObject({ code: 0, stdout: '  ✓ hello@1 is published, production leads to it\n' });
    await write('hello.md', promptFile('Good day {{title}} {{name}}', 'Polite'));
    expect((await cli('model', 'new', 'hello', 'hello.md', '--json')).stdout).toBe(
      '{"model":"hello","version":2,"alias":null}\n',
    );
    expect((await cli('model', 'ls', '--tag', 'demo')).stdout).toMatch(/ {2}hello +2 +production → 1 +demo/);
    expect((await cli('model', 'show', 'hello')).stdout).toMatch(/1 +production +prompt +sim\/echo .*First\n/);
    expect((await cli('model', 'show', 'hello@2')).stdout).toBe(promptFile('Good day {{title}} {{name}}', 'Polite'));

    const asked = await cli('model', 'run', 'hello', 'Ada');
    expect(asked).toMatchObject({ code: 0, stdout: 'Hello Ada\n' });
    expect(asked.stderr).toMatch(/hello@1 .*\/x\/[0-9a-f]{32}/);
    const named = await cli('model', 'run', 'hello@2', '--var', 'title=Dr', '--var', 'name:=7', '--json');
    expect(JSON.parse(named.stdout)).toMatchObject({ output: 'Good day Dr 7', model: { name: 'hello', version: 2 } });

    const refused = await cli('model', 'move', 'hello@production', '2');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('variable `title` added') });
    expect(refused.stderr).toContain('--breaking');
    const moved = await cli('model', 'move', 'hello@production', '2', '--breaking', '--message', 'They are ready');
    expect(moved).toMatchObject({ code: 0, stdout: '  ✓ hello@production is at version 2\n' });
    expect(moved.stderr).toContain('▲ variable `title` added');
    expect((await cli('model', 'diff', 'hello', '1', 'production')).stdout).toContain('+ Good day {{title}} {{name}}');
    expect((await cli('model', 'rollback', 'hello@production')).stdout).toBe('  ✓ hello@production is at version 1\n');
  });

  it('says by its exit code what was wrong', async () => {
    await write('bad.md', '---\nflavor: prompt\n---\n');
    const codes = await Promise.all([
      cli('model', 'run', 'hello@1', '--var', 'nmae=Ada'),
      cli('model', 'run', 'nobody@1'),
      cli('model', 'show', 'hello@9'),
      cli('model', 'move', 'hello', '2'),
      cli('model', 'new', 'hello', 'bad.md'),
      cli('model', 'diff', 'hello', '1'),
      runCli(['model', 'ls'], { cwd: folder.path, env: { WHEELHOUSE_URL: 'http://127.0.0.1:9' } }),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2, 4]);
    expect(codes[0]?.stderr).toContain('`name` is missing; `nmae` is unknown');
    expect(codes[4]?.stderr).toContain('bad.md: The definition is not valid');
  });

  it('keeps versions as files: edits become next versions and are never written over', async () => {
    await cli('model', 'new', 'greet', 'hello.md');
    expect((await cli('model', 'pull', 'greet')).stdout).toContain('1 written');
    const pulled = await readFile(at('prompts/greet/1.md'), 'utf8');
    expect(pulled).toBe(promptFile('Good day {{title}} {{name}}', 'Polite'));
    expect((await cli('model', 'push')).stdout).toBe('  Nothing is new here\n');

    await write('prompts/greet/1.md', pulled.replace('Good day', 'Dear'));
    const kept = await cli('model', 'pull', 'greet');
    expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining('▲ prompts/greet/1.md was edited here') });
    expect((await cli('model', 'diff', 'greet')).stdout).toContain('+ Dear {{title}} {{name}}');

    await mkdir(at('prompts/tone'));
    await write('prompts/tone/new.md', '---\nflavor: prompt\nbaseModel: sim/echo\n---\n\n## template\n\nBe kind.\n');
    await write('prompts/greet/draft.md', promptFile('{{>tone@1}} Hi {{name}}', 'Kind'));
    const pushed = await cli('model', 'push', '--json');
    expect(JSON.parse(pushed.stdout)).toEqual([
      { file: 'prompts/tone/new.md', model: 'tone', version: 1 },
      { file: 'prompts/greet/draft.md', model: 'greet', version: 2 },
      { file: 'prompts/greet/1.md', model: 'greet', version: 3 },
    ]);
    expect((await readdir(at('prompts/greet'))).sort()).toEqual(['1.md', '2.md', '3.md']);
    expect(await readFile(at('prompts/greet/1.md'), 'utf8')).toBe(pulled);
    expect(await readFile(at('prompts/greet/2.md'), 'utf8')).toBe(promptFile('{{>tone@1}} Hi {{name}}', 'Kind'));
    expect(await readFile(at('prompts/greet/3.md'), 'utf8')).toBe(promptFile('Dear {{title}} {{name}}'));
    expect((await cli('model', 'push')).stdout).toBe('  Nothing is new here\n');
    expect((await cli('model', 'run', 'greet@2', 'Ada')).stdout).toBe('Be kind. Hi Ada\n');

    await write('prompts/greet/2.md', promptFile('Lost'));
    expect((await cli('model', 'pull', 'greet', '--force')).code).toBe(0);
    expect(await readFile(at('prompts/greet/2.md'), 'utf8')).toContain('Kind');
  });
});

describe('the SDK', () => {
  it('asks a model, whole, streamed and many at once', async () => {
    const hello = models.model<{ name: string } | string, string>('hello@1');
    expect((await hello.predict({ name: 'Ada' })).output).toBe('Hello Ada');
    const stream = hello.stream({ name: 'Ada' });
    let text = '';
    for await (const piece of stream) text += piece;
    expect(text).toBe('Hello Ada');
    expect(await stream.result()).toMatchObject({ output: 'Hello Ada', model: { name: 'hello', version: 1 } });
    const rows = await hello.batch([{ name: 'Ada' }, {} as { name: string }, 'Bo']);
    expect(rows.map((row) => ('output' in row ? row.output : row.error.code))).toEqual([
      'Hello Ada',
      'signature_mismatch',
      'Hello Bo',
    ]);
  });

  it('gives a prompt for the SDKs of vendors, with those inside it', async () => {
    const greet = models.prompt<{ name: string }>('greet@2', { default: { baseModel: 'sim/echo', template: '…' } });
    expect(await greet.compile({ name: 'Ada' })).toMatchObject({
      ...{ from: 'server', version: 2, model: 'echo', metadata: { prompt: 'greet@2' } },
      messages: [{ role: 'user', content: 'Be kind. Hi Ada' }],
    });
  });
});

describe('wheelhouse serve', () => {
  const listed = async () =>
    (await house.client.call('listHosts', {})).data.map(({ model, version }) => [model, version]);

  it('makes a model of a module, takes it again when it changes, and leaves when it is stopped', async () => {
    const schema = "{ input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } }";
    await write('word.ts', "export const word = 'Hello';");
    const bot = `import { word } from './word.ts';\nexport const signature = ${schema};\nexport default async function* ({ name }: { name: string }) {\n  if (name === '') throw new Error('nobody is there');\n  yield word;\n  yield ' ';\n  yield name;\n}\n`;
    await write('bot.ts', bot);
    const serve = startServe('./bot.ts', '--alias', 'dev');
    try {
      await serve.says('bot@1 is answered here, a new version');
      expect((await cli('model', 'run', 'bot@dev', 'Ada')).stdout).toBe('Hello Ada\n');
      const pieces: string[] = [];
      for await (const piece of models.model('bot@1').stream({ name: 'Ada' })) pieces.push(piece);
      expect(pieces.join('')).toBe('Hello Ada');
      expect(pieces.length).toBeGreaterThan(1);
      const failed = await cli('model', 'run', 'bot@1', '--var', 'name=""');
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody is there') });
      await expect.poll(() => serve.output.text).toMatch(/nobody is there\n.*bot\.ts:/);
      const mismatch = await models
        .model('bot@1')
        .predict({})
        .catch((error: unknown) => error);
      expect(mismatch).toMatchObject({ code: 'signature_mismatch' });

      await cli('model', 'move', 'bot@production', '1');
      await write('word.ts', "export const word = 'Howdy';");
      await serve.says('bot@2 is answered here, a new version');
      expect((await cli('model', 'run', 'bot@dev', 'Ada')).stdout).toBe('Howdy Ada\n');
      expect((await cli('model', 'run', 'bot@production', 'Ada')).stdout).toBe('Hello Ada\n');

      await write('word.ts', 'export const word = (');
      await serve.says('What was served before is still answered.');
      const stricter = schema
        .replace("name: { type: 'string' }", 'name: {}, tone: {}')
        .replace("['name']", "['name', 'tone']");
      // What can be read again comes last: between two writes nothing is half of each.
      await write(
        'bot.ts',
        `import { word } from './word.ts';\nexport const signature = ${stricter};\nexport default ({ name }: { name: string }) => word + name;\n`,
      );
      await write('word.ts', `export const word = 'Hi';`);
      await serve.says('Callers of `bot@dev`, which is at version 2, may fail with version');
      expect((await cli('model', 'run', 'bot@dev', 'Ada')).stdout).toBe('Howdy Ada\n');
    } finally {
      expect(await serve.stop()).toBe(0);
    }
    expect(await listed()).toEqual([]);
    const away = await cli('model', 'run', 'bot@dev', 'Ada');
    expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining('wheelhouse serve') });

    await write('word.ts', "export const word = 'Hello';");
    await write('bot.ts', bot);
    const again = startServe('./bot.ts', '--no-watch');
    await again.says('bot@1 is answered here, as it was published before');
    expect(await again.stop()).toBe(0);
  });

  it.skipIf(!hasPython)('makes a model of a Python function', async () => {
    await mkdir(at('py'));
    await write('py/helper.py', 'def double(n):\n    return n * 2\n');
    await write(
      'py/sums.py',
      [
        'import helper',
        'signature = {"input": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}',
        'def predict(given):',
        '    print("a line that is no answer")',
        '    if given["n"] < 0: raise ValueError("negative")',
        '    return {"double": helper.double(given["n"]), "text": "ü"}',
        'async def words(given, context):',
        '    for piece in ["n", " is ", str(given["n"]), context["parameters"].get("end", "")]: yield piece',
        '',
      ].join('\n'),
    );
    const serve = startServe('./py/sums.py');
    const words = startServe('./py/sums.py:words', '--name', 'words');
    try {
      await serve.says('sums@1 is answered here');
      await words.says('words@1 is answered here');
      const sums = models.model('sums@1');
      expect((await sums.predict({ n: 4 })).output).toEqual({ double: 8, text: 'ü' });
      expect(await sums.batch([{ n: 1 }, { n: -1 }, { n: '2' }])).toMatchObject([
        { output: { double: 2 } },
        { error: { code: 'code_failed', message: 'ValueError: negative' } },
        { error: { code: 'signature_mismatch' } },
      ]);
      const pieces: string[] = [];
      const stream = models.model('words@1').stream({ n: 3 }, { parameters: { end: '!' } });
      for await (const piece of stream) pieces.push(piece);
      expect(pieces.join('')).toBe('n is 3!');
      await write('py/helper.py', 'def double(n):\n    return n + n + 0\n');
      await serve.says('sums@2 is answered here, a new version');
    } finally {
      expect(await Promise.all([serve.stop(), words.stop()])).toEqual([0, 0]);
    }
    expect(await listed()).toEqual([]);
    expect(await readdir(at('py'))).not.toContain('__pycache__');
    await rm(at('py'), { recursive: true });
  });

  it('says what cannot be served', async () => {
    const answers = await Promise.all([
      cli('serve', './gone.ts'),
      cli('serve', '.'),
      cli('serve', './hello.md'),
      cli('serve', './bot.ts', '--port', 'x'),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  });
});
