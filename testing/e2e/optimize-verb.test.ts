import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, spawnCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

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

let files = 0;
const sorting = `predict("question -> label: Literal['billing', 'shipping', 'sales', 'repairs']")`;

/** A definition in a folder of its own: questions whose topic an example shows, and nothing else does. */
async function programFile(parts: Record<string, string> = {}): Promise<string> {
  const cwd = join(folder.path, `optimize-${files++}`);
  await mkdir(cwd);
  const all = {
    ...{ name: `'sort'`, program: sorting, model: `'sim/student'`, data: '{ rows }', metric: `'exact'` },
    ...{ optimizer: 'labeledFewShot({ k: 8 })', budget: '{ calls: 300 }', ...parts },
  };
  const members = Object.entries(all).map(([name, value]) => `  ${name}: ${value},\n`);
  const text = `import { appendFileSync, existsSync } from 'node:fs';
import { compose, defineOptimization, labeledFewShot, predict, randomSearch } from '@wheelhouse/sdk/program';
const note = (text: string) => appendFileSync(${JSON.stringify(join(cwd, 'asked.txt'))}, text + '\\n');
let judged = 0;
/** From the 31st answer on, while there is a file \`hold\`, each takes until somebody stops all of it. */
const untilStopped = async () => {
  if (++judged > 30 && existsSync(${JSON.stringify(join(cwd, 'hold'))})) {
    const alive = setInterval(() => {}, 1_000);
    await new Promise((go) => process.once('SIGINT', go));
    clearInterval(alive);
  }
};
const topics = { parcel: 'shipping', invoice: 'billing' };
const rows = Array.from({ length: 60 }, (_, n) => {
  const word = n % 2 === 0 ? 'parcel' : 'invoice';
  return { input: \`Case \${n}: my \${word} is lost\`, expected: topics[word] };
});
export default defineOptimization({\n${members.join('')}});`;
  await writeFile(join(cwd, 'sort.program.ts'), text);
  return cwd;
}

const env = () => ({ WHEELHOUSE_URL: house.url });
const run = (cwd: string, ...args: string[]) => runCli(['optimize', 'sort.program.ts', ...args], { cwd, env: env() });

it('works in an empty directory, without a server, a key or an installation; going on from its state asks nothing', async () => {
  const empty = await makeFolder();
  try {
    expect(await runCli(['optimize', 'new'], { cwd: empty.path })).toMatchObject({ code: 0 });
    expect(await runCli(['optimize', 'new'], { cwd: empty.path })).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('triage.program.ts is there already') },
    });
    // Less than the file says: it is enough to be beyond doubt.
    const command = ['optimize', 'triage.program.ts', '--calls', '500'];
    const { code, stdout, stderr } = await runCli(command, { cwd: empty.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('best ') });
    expect(stdout).toContain('✓ B is better');
    expect(stdout).toContain('If asked about');
    // Another server, which has heard of none of it: whatever is asked would be counted.
    const calls = async () => {
      const { sources } = await house.client.call('getLedger', {});
      return sources.find(({ source }) => source === 'gateway')?.received;
    };
    const before = await calls();
    const again = [...command, '--resume', '--publish', 'triage', '--alias', 'staging', '--json'];
    const resumed = await runCli(again, { cwd: empty.path, env: env() });
    expect(resumed.code).toBe(0);
    const report = JSON.parse(resumed.stdout);
    expect(report).toMatchObject({ verdict: 'gain', published: { model: 'triage', version: 1, alias: 'staging' } });
    expect(report.comparison[0]).toMatchObject({ measure: 'score', verdict: 'better' });
    expect(await calls()).toBe(before);
  } finally {
    await empty.remove();
  }
});

describe('exit codes', () => {
  it('0 where a gain was found; the version that is published answers as it was measured', async () => {
    const cwd = await programFile();
    const args = ['--publish', 'sort', '--alias', 'production', '--out', 'candidate.json', '--json'];
    const { code, stdout } = await run(cwd, ...args);
    const { candidate, published, verdict } = JSON.parse(stdout);
    expect({ code, verdict, published }).toEqual({
      ...{ code: 0, verdict: 'gain', published: { model: 'sort', version: 1, alias: 'production' } },
    });
    expect(JSON.parse(await readFile(join(cwd, 'candidate.json'), 'utf8'))).toEqual(candidate);
    const input = '{"question":"Where did my parcel go?"}';
    const asked = await runCli(['model', 'run', 'sort', '--input', input], { cwd, env: env() });
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('shipping') });
    // The same result is the same version.
    expect(JSON.parse((await run(cwd, '--resume', ...args)).stdout).published.version).toBe(1);
  });

  it('0 where no gain was found, in plain words, and nothing is published', async () => {
    const cwd = await programFile({ metric: '() => 0.5' });
    const { code, stdout, stderr } = await run(cwd, '--publish', 'nothing');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('No gain found') });
    expect(stderr).toContain('nothing is published');
    await expect(house.client.call('getModel', { params: { name: 'nothing' } })).rejects.toThrow('nothing');
  });

  it('1 where asking on was no use, with the reason', async () => {
    const cwd = await programFile({ metric: `() => { throw new Error('out of order'); }` });
    const { code, stdout } = await run(cwd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('out of order') });
  });

  it('2 for what was typed or written wrong', async () => {
    const code = `compose({ one: ${sorting} }, (input: { question: string }, { one }) => one(input))`;
    const rows = `{ rows: [{ input: { question: 'Why?' } }] }`;
    const wrongs: [Record<string, string>, string[], string][] = [
      [{}, ['--resume'], 'There is no sort.state.jsonl'],
      [{ program: code, data: rows }, ['--publish', 'x'], 'holds code'],
      [{ budget: '{}' }, [], 'The budget has no limit'],
      [{ program: `'nobody@production'` }, [], 'nobody'],
    ];
    const runs = wrongs.map(
      async ([parts, args, said]) => [await run(await programFile(parts), ...args), said] as const,
    );
    for (const [done, said] of await Promise.all(runs))
      expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
    const cwd = await programFile();
    expect(await runCli(['optimize', 'none.program.ts'], { cwd })).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('wheelhouse optimize new') },
    });
  });

  it('3 for a configuration that cannot be used, 4 for a server that does not answer', async () => {
    const cwd = await programFile();
    const word = ['optimize', 'sort.program.ts'];
    expect((await runCli(word, { cwd, env: { WHEELHOUSE_URL: 'http://127.0.0.1:1' } })).code).toBe(4);
    await writeFile(join(cwd, 'wheelhouse.config.json'), '{"nonsense": true}');
    expect((await runCli(word, { cwd })).code).toBe(3);
  });

  it('5 where the budget was spent before anything could be said; it goes on with a larger one', async () => {
    const cwd = await programFile();
    const { code, stdout } = await run(cwd, '--calls', '0');
    expect({ code, stdout }).toEqual({ code: 5, stdout: expect.stringContaining('The budget is spent.') });
    expect((await run(cwd, '--resume')).code).toBe(0);
  });

  it('130 when it was stopped: what was asked is kept, and it ends as if it had not been', async () => {
    const metric = `async ({ input, output, expected }) => {
      note(input.question as string);
      await untilStopped();
      return output.label === expected;
    }`;
    const parts = { metric, optimizer: 'randomSearch({ candidates: 2 })', concurrency: '4', budget: '{ calls: 500 }' };
    const [cwd, whole] = [await programFile(parts), await programFile(parts)];
    const asked = async (of: string) =>
      (await readFile(join(of, 'asked.txt'), 'utf8').catch(() => '')).split('\n').length - 1;
    await writeFile(join(cwd, 'hold'), '');
    const { child, finished } = spawnCli(['optimize', 'sort.program.ts', '--jsonl'], { cwd, env: env() });
    await expect.poll(() => asked(cwd), { timeout: 60_000 }).toBeGreaterThan(30);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('kept in sort.state.jsonl') });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'began', heldOut: 18 });
    expect(events.at(-1)).toMatchObject({
      type: 'report',
      verdict: expect.not.stringMatching('^gain$'),
      stopped: { reason: 'called_off' },
    });
    await rm(join(cwd, 'hold'));
    const [resumed, uninterrupted] = await Promise.all([run(cwd, '--resume', '--json'), run(whole, '--json')]);
    expect(resumed.code).toBe(0);
    const said = (text: string) => {
      const { verdict, candidates, comparison, candidate } = JSON.parse(text);
      // Answers come of a seed, times do not.
      const shown = JSON.stringify(candidate, (key, value) => (key === 'traceId' ? undefined : value));
      return { verdict, candidates: candidates.length, score: comparison[0], shown };
    };
    expect(said(resumed.stdout)).toEqual(said(uninterrupted.stdout));
    // At most what was under way is asked twice.
    expect(await asked(cwd)).toBeLessThanOrEqual((await asked(whole)) + 4);
  });
});

it('optimizes a registered prompt: its next version is a prompt, made from it and from the dataset', async () => {
  const { client } = house;
  const version = {
    definition: {
      flavor: 'prompt',
      baseModel: 'sim/student',
      messages: [{ role: 'user', content: 'Sort: {{question}}' }],
    },
  } as const;
  await client.call('createModel', { body: { name: 'sorter', version: version as never } });
  await client.call('moveAlias', { params: { name: 'sorter', alias: 'production' }, body: { version: 1 } });
  await client.call('createDataset', { body: { name: 'cases' } });
  const examples = Array.from({ length: 60 }, (_, n) => ({
    ...{ input: `Case ${n}: my ${n % 2 ? 'invoice' : 'parcel'} is lost`, expected: n % 2 ? 'billing' : 'shipping' },
    split: n < 24 ? 'train' : 'test',
  }));
  await client.call('addExamples', { params: { name: 'cases' }, body: { examples } as never });
  const cwd = await programFile({ program: `'sorter@production'`, model: 'undefined', data: `'cases'` });
  const dry = JSON.parse((await run(cwd, '--dry-run', '--json')).stdout);
  expect(dry).toMatchObject({ one: { calls: 1, error: null }, runs: 300 });
  const { code, stdout } = await run(cwd, '--publish', 'sorter', '--alias', 'staging', '--json');
  expect({ code, published: JSON.parse(stdout).published }).toMatchObject({ code: 0, published: { version: 2 } });
  const { versions } = await client.call('getModel', { params: { name: 'sorter' } });
  const made = versions.find(({ number }) => number === 2);
  expect(made?.madeFrom).toEqual(['version:sorter@1', 'dataset:cases@1']);
  expect(made?.definition).toMatchObject({
    ...{ flavor: 'prompt', baseModel: 'sim/student' },
    messages: [{ user: 'Sort: {{question}}', examples: expect.any(Array) }, { content: 'Sort: {{question}}' }],
  });
  const asked = await runCli(['model', 'run', 'sorter@staging', '--var', 'question=a parcel'], { cwd, env: env() });
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('shipping') });
});
