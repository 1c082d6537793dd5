import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cleanEnvironment,
  type Finished,
  makeFolder,
  runCli,
  startWheelhouse,
  type Wheelhouse,
} from './start-wheelhouse.ts';

const bin = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'wheelhouse.mjs');
const key = 'a-key-for-tests-of-packaged-models';

const say = `---
flavor: prompt
baseModel: sim/echo
---

## system

Be kind.

## user

{{question}}, twice
`;
const bot = `---
flavor: chain
steps:
  - {id: said, do: prompt, model: say@production, input: {question: {$from: /input/question}}}
output: {answer: {$from: /steps/said}, from: bot}
example: {question: Why?}
signature:
  input:
    type: object
    properties: {question: {type: string}}
    required: [question]
    additionalProperties: false
  output:
    type: object
    properties: {answer: {type: string}, from: {type: string}}
    required: [answer, from]
---
`;

type Served = { url: string; stop(): Promise<Finished> };

/** `wheelhouse serve --model`, in a folder of its own and without anything from another server. */
async function serveFolder(folder: string, cwd: string, args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, 'serve', '--model', folder, '--port', '0', '--json', ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  const finished = new Promise<Finished>((resolve) =>
    child.on('close', (status) => resolve({ code: status, ...output })),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output.stdout += text;
      if (output.stdout.includes('\n')) resolve((JSON.parse(output.stdout) as { url: string }).url);
    });
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    url: url.replace('0.0.0.0', '127.0.0.1'),
    stop() {
      child.kill('SIGTERM');
      return finished;
    },
  } satisfies Served;
}

let home: Awaited<ReturnType<typeof makeFolder>>;
let away: Awaited<ReturnType<typeof makeFolder>>;
let wheelhouse: Wheelhouse;
let exported: string;
let served: Served;

const cli = (...args: string[]) => runCli(args, { cwd: home.path, env: { WHEELHOUSE_URL: wheelhouse.url } });
const post = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

beforeAll(async () => {
  home = await makeFolder();
  away = await makeFolder();
  wheelhouse = await startWheelhouse({ folder: home.path });
  await writeFile(join(home.path, 'say.md'), say);
  await writeFile(join(home.path, 'bot.md'), bot);
  for (const name of ['say', 'bot'])
    expect(await cli('model', 'new', name, `${name}.md`, '--move', 'production')).toMatchObject({
      code: 0,
      stderr: '',
    });
  exported = join(home.path, 'out');
  expect(await cli('model', 'export', 'bot@production', 'out')).toMatchObject({ code: 0 });
  served = await serveFolder(exported, away.path);
});
afterAll(async () => {
  expect(await served?.stop()).toMatchObject({ code: 0, stderr: '' });
  await wheelhouse?.stop();
  await home?.remove();
  await away?.remove();
});

describe('a packaged model', () => {
  const question = { question: 'Why?' };
  const answer = { answer: 'Why?, twice', from: 'bot' };

  it('answers as it does at the server', async () => {
    const there = await post(`${wheelhouse.url}/api/v1/models/bot/predict`, { input: question });
    expect(there.body.output).toEqual(answer);
    const here = await post(`${served.url}/api/v1/models/bot/predict`, { version: 1, input: question });
    expect(here.body).toMatchObject({ output: answer, text: there.body.text, model: { name: 'bot', version: 1 } });
  });

  it('speaks the scoring protocol of MLflow', async () => {
    const example = JSON.parse(await readFile(join(exported, 'serving_input_example.json'), 'utf8'));
    expect(await post(`${served.url}/invocations`, example)).toEqual({ status: 200, body: { predictions: [answer] } });
    const many = Array.from({ length: 20 }, (_, i) => ({ question: `Q${i}` }));
    const { body } = await post(`${served.url}/invocations`, { dataframe_records: many });
    expect(body.predictions).toEqual(many.map((one) => ({ answer: `${one.question}, twice`, from: 'bot' })));
    const wrong = await post(`${served.url}/invocations`, { inputs: [{ question: 7 }] });
    expect(wrong).toMatchObject({
      status: 400,
      body: { error_code: 'BAD_REQUEST', error: { code: 'signature_mismatch' } },
    });
    for (const path of ['/ping', '/health', '/version']) expect((await fetch(`${served.url}${path}`)).status).toBe(200);
    expect((await fetch(`${served.url}/invocations`)).status).toBe(405);
    expect((await fetch(`${served.url}/%E0%A4%A`)).status).toBe(404);
    const broken = await fetch(`${served.url}/invocations`, { method: 'POST', body: '{' });
    expect([broken.status, ((await broken.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      'invalid_json',
    ]);
  });

  it('is called by the client of OpenAI, whole and streamed', async () => {
    const client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: 'none' });
    const request = { model: 'bot', messages: [{ role: 'user' as const, content: 'Why?' }] };
    const chat = await client.chat.completions.create(request);
    expect(JSON.parse(chat.choices[0]?.message.content ?? '')).toEqual(answer);
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    expect(JSON.parse(text)).toEqual(answer);
  });

  it('answers no other page and, beyond this machine, nobody without a key', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    expect(await post(`${served.url}/invocations`, { inputs: [question] }, headers)).toMatchObject({ status: 403 });
    await expect(serveFolder(exported, away.path, ['--host', '0.0.0.0'])).rejects.toThrow('admin key');
    const guarded = await serveFolder(exported, away.path, ['--host', '0.0.0.0'], { WHEELHOUSE_ADMIN_KEY: key });
    const url = `${guarded.url}/invocations`;
    expect(await post(url, { inputs: [question] })).toMatchObject({ status: 401 });
    expect(await post(url, { inputs: [question] }, { authorization: `Bearer ${key}` })).toMatchObject({ status: 200 });
    expect((await fetch(`${guarded.url}/ping`)).status).toBe(200);
    await guarded.stop();
    const open = await serveFolder(exported, away.path, ['--host', '0.0.0.0', '--open']);
    expect(await post(`${open.url}/invocations`, { inputs: [question] })).toMatchObject({ status: 200 });
    await open.stop();
  });

  it('is imported elsewhere with what it leads to, and is the same version where it is known', async () => {
    const known = await cli('model', 'import', 'out', '--json');
    expect(JSON.parse(known.stdout)).toEqual({ model: 'bot', version: 1, isNew: false, references: [] });
    await wheelhouse.client.call('createProject', { body: { id: 'elsewhere', name: 'Elsewhere' } });
    const options = { cwd: away.path, env: { WHEELHOUSE_URL: wheelhouse.url, WHEELHOUSE_PROJECT: 'elsewhere' } };
    const first = await runCli(['model', 'import', exported, '--name', 'helper', '--json'], options);
    expect(JSON.parse(first.stdout)).toEqual({
      ...{ model: 'helper', version: 1, isNew: true },
      references: [{ model: 'say', version: 1, isNew: true }],
    });
    const predict = `${wheelhouse.url}/api/v1/models/helper/predict`;
    const asked = { version: 1, input: question };
    const { body } = await post(predict, asked, { 'x-wheelhouse-project': 'elsewhere' });
    expect(body.output).toEqual(answer);
    await writeFile(join(away.path, 'say.md'), say.replace('kind', 'short'));
    await runCli(['model', 'new', 'say', 'say.md', '--move', 'production'], options);
    const refused = await runCli(['model', 'import', exported], options);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('`say@production` leads to another version here');
  });

  it('is refused where it was edited, and where code is not in it', async () => {
    const edited = join(home.path, 'edited');
    expect(await cli('model', 'export', 'bot', 'edited')).toMatchObject({ code: 0 });
    expect((await cli('model', 'export', 'bot', 'edited')).stderr).toContain('is not empty');
    const file = join(edited, 'references', 'say@1.md');
    await writeFile(file, (await readFile(file, 'utf8')).replace('kind', 'rude'));
    expect((await cli('serve', '--model', 'edited')).stderr).toContain('is not the version that was exported');
    await rm(file);
    expect((await cli('model', 'import', 'edited')).stderr).toContain('has no file references/say@1.md');
    expect((await cli('serve', '--model', 'nowhere')).stderr).toContain('is no exported model');
    const definition = { flavor: 'code', runtime: 'node', entry: './bot.ts', hash: 'a'.repeat(64), streams: false };
    await wheelhouse.client.call('createModel', { body: { name: 'own-code', version: { definition } } } as never);
    expect((await cli('model', 'export', 'own-code@1', 'code')).stderr).toContain('cannot be taken along');
  });
});

describe('a version that is promoted', () => {
  let target: Wheelhouse;
  const promote = (...args: string[]) =>
    runCli(['model', 'promote', ...args], {
      cwd: home.path,
      env: { WHEELHOUSE_URL: wheelhouse.url, WHEELHOUSE_TO_API_KEY: key },
    });
  const there = async () => (await target.client.call('getModel', { params: { name: 'bot' } })).model;

  beforeAll(async () => {
    target = await startWheelhouse({ folder: away.path, env: { WHEELHOUSE_ADMIN_KEY: key } });
  });
  afterAll(async () => {
    await target?.stop();
  });

  it('goes nowhere without a key, an answer or a place, and code stays where it lives', async () => {
    const definition = { flavor: 'code', runtime: 'node', entry: './at.ts', hash: 'b'.repeat(64), streams: false };
    await wheelhouse.client.call('createModel', { body: { name: 'lives-here', version: { definition } } } as never);
    const said = await Promise.all([
      cli('model', 'promote', 'bot', '--to', target.url),
      promote('bot', '--to', 'http://127.0.0.1:9'),
      promote('lives-here@1', '--to', target.url),
      promote('bot'),
      promote('bot', '--to', target.url, '--alias', 'production', '--canary', '10'),
    ]);
    expect(said.map(({ code }) => code)).toEqual([3, 4, 2, 2, 2]);
    expect(said[0]?.stderr).toContain('WHEELHOUSE_TO_API_KEY');
    expect(said[2]?.stderr).toContain('cannot be taken along');
    expect(said[4]?.stderr).toContain('There is no `bot@production`');
    expect((await target.client.call('listModels', {})).data).toEqual([]);
  });

  it('is at the other server with what it leads to and where it is from, once', async () => {
    const asked = ['bot@production', '--to', target.url, '--alias', 'production'];
    const told = await promote(...asked, '--dry-run');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/say@1 +is new there, and say@production leads to it\n +bot@1 +is new there\n/);
    expect((await target.client.call('listModels', {})).data).toEqual([]);

    const done = await promote(...asked);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain(
      '  ✓ say@1 is published\n  ✓ bot@1 is published\n  ✓ bot@production is at version 1\n',
    );
    const input = { question: 'Why?' };
    const body = { version: 'production', input };
    const answered = await post(`${target.url}/api/v1/models/bot/predict`, body, { authorization: `Bearer ${key}` });
    expect(answered.body.output).toEqual({ answer: 'Why?, twice', from: 'bot' });
    const { versions } = await target.client.call('getModel', { params: { name: 'bot' } });
    expect(versions[0]?.message).toBe(`From ${wheelhouse.url}: bot@1, ${versions[0]?.hash.slice(0, 12)}.`);

    const again = await promote(...asked);
    expect(again.stdout).toMatch(/bot@production +is at version 1 already\n\n {2}Nothing is to be done\.\n$/);
    expect((await there()).latest).toBe(1);
  });

  it('is refused where callers there may fail, and starts as a canary where they are ready', async () => {
    await writeFile(
      join(home.path, 'next.md'),
      bot
        .replace('properties: {question', 'properties: {lang: {type: string}, question')
        .replace('[question]', '[question, lang]')
        .replace('example: {question: Why?}\n', ''),
    );
    expect(await cli('model', 'new', 'bot', 'next.md', '--move', 'staging')).toMatchObject({ code: 0 });
    const asked = ['bot@staging', '--to', target.url, '--alias', 'production', '--canary', '10'];
    const refused = await promote(...asked);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--breaking') });
    expect(refused.stdout).toContain('▲ ');
    expect((await there()).latest).toBe(1);

    expect(await promote(...asked, '--breaking')).toMatchObject({ code: 0 });
    expect((await there()).aliases[0]).toMatchObject({ version: 1, release: { candidate: 2, share: 0.1 } });
    expect((await promote(...asked, '--breaking')).stdout).toMatch(/Nothing is to be done\.\n$/);
  });

  it('is asked for where the alias is protected, and copied nowhere at the same server', async () => {
    await target.client.call('setAliasRule', { params: { alias: 'production' }, body: { review: true } });
    const asked = ['bot@staging', '--to', target.url, '--alias', 'production', '--breaking', '--json'];
    const first = JSON.parse((await promote(...asked)).stdout);
    expect(first).toMatchObject({ to: { version: 2, isNew: false }, led: { state: 'asked', isNew: true } });
    const { data } = await target.client.call('listAliasRequests', {});
    expect(data).toMatchObject([{ id: first.led.request, to: 2, message: expect.stringContaining(wheelhouse.url) }]);
    expect(JSON.parse((await promote(...asked)).stdout).led).toEqual({ ...first.led, isNew: false });

    const here = await promote('bot@staging', '--alias', 'production', '--breaking', '--to', `${wheelhouse.url}/`);
    expect(here.stdout).toContain('bot@2            is at this server: nothing is copied\n');
    expect(here.stdout).toContain('  ✓ bot@production is at version 2\n');
    const { model } = await wheelhouse.client.call('getModel', { params: { name: 'bot' } });
    expect(model).toMatchObject({ latest: 2 });
  });
});
