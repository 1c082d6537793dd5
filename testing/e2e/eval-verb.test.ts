import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answered, assertGates, defineEvaluation, evaluate, evaluationMatchers } from '@wheelhouse/sdk/eval';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, spawnCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilStored } from './until-stored.ts';

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
/** A file of an evaluation in a folder of its own, over rows `0` … `count - 1`, whose expected value is the row's number. */
async function evalFile(parts: { runs: string; scorers?: string; more?: string; rows?: number }): Promise<string> {
  const cwd = join(folder.path, `eval-${files++}`);
  await mkdir(cwd);
  const { runs, scorers = `'exact'`, more = '', rows = 12 } = parts;
  const text = `import { appendFileSync, existsSync } from 'node:fs';
import { answered, defineEvaluation } from '@wheelhouse/sdk/eval';
const note = (text: string) => appendFileSync(${JSON.stringify(join(cwd, 'calls.txt'))}, text + '\\n');
let asked = 0;
/** From the 21st call on, while there is a file \`hold\`, each takes until somebody stops all of it. */
const untilStopped = async () => {
  if (++asked > 20 && existsSync(${JSON.stringify(join(cwd, 'hold'))})) {
    const alive = setInterval(() => {}, 1_000);
    await new Promise((go) => process.once('SIGINT', go));
    clearInterval(alive);
  }
};
const rows = Array.from({ length: ${rows} }, (_, n) => ({ input: String(n), expected: String(n) }));
export default defineEvaluation({
  name: 'verbs-${files}', data: { rows }, runs: [${runs}], scorers: [${scorers}], ${more}
});`;
  await writeFile(join(cwd, 'a.eval.ts'), text);
  return cwd;
}

const right = `{ label: 'right', run: (input) => input }`;
const wrong = `{ label: 'wrong', run: () => 'no' }`;
const run = (cwd: string, ...args: string[]) => runCli(['eval', ...args], { cwd, env: { WHEELHOUSE_URL: house.url } });

it('works in an empty directory, without a server, a key or an installation', async () => {
  const empty = await makeFolder();
  try {
    expect(await runCli(['eval'], { cwd: empty.path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('wheelhouse eval new'),
    });
    expect(await runCli(['eval', 'new'], { cwd: empty.path })).toMatchObject({ code: 0 });
    expect(await runCli(['eval', 'new'], { cwd: empty.path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('support.eval.ts is there already'),
    });
    const { code, stdout, stderr } = await runCli(['eval', '--json'], { cwd: empty.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(' 100 %  80/80') });
    const evaluation = JSON.parse(stdout);
    expect(evaluation).toMatchObject({ status: 'completed', done: 80, url: null });
    expect(evaluation.results[0]).toMatchObject({ measure: 'exact', wins: 10, losses: 0, verdict: 'better' });
    expect(evaluation.gateResults).toMatchObject([{ text: 'exact ≥ baseline − 5 pp', state: 'held' }]);
  } finally {
    await empty.remove();
  }
});

describe('exit codes', () => {
  it('0 without gates, whatever failed', async () => {
    const cwd = await evalFile({ runs: `{ label: 'breaks', run: () => { throw new Error('out of order'); } }` });
    const { code, stdout } = await run(cwd);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('calls that failed: 12 of 12') });
  });

  it('1 where a function is waited for that never answers, which is said', async () => {
    const cwd = await evalFile({ runs: `{ label: 'silent', run: () => new Promise(() => {}) }` });
    const { code, stderr } = await run(cwd);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('neither answers nor fails') });
  });

  it('1 when a gate failed, with the reason; JUnit and Markdown say the same', async () => {
    const cwd = await evalFile({ runs: `${right}, ${wrong}`, more: `gates: ['exact >= baseline - 5pp'],` });
    const { code, stdout } = await run(cwd, '--junit', 'out.xml', '--md', 'out.md');
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(/baseline − 5 pp {3}failed/) });
    expect(await readFile(join(cwd, 'out.xml'), 'utf8')).toContain('tests="1" failures="1" errors="0" skipped="0"');
    expect(await readFile(join(cwd, 'out.md'), 'utf8')).toContain('| exact ≥ baseline − 5 pp | ✕ failed |');
  });

  it('6 when a gate is inconclusive, 1 with --strict', async () => {
    const cwd = await evalFile({ runs: `${right}, ${right.replace('right', 'same')}`, rows: 4 });
    const gate = ['--gate', 'exact > baseline'];
    expect((await run(cwd, ...gate)).code).toBe(6);
    expect((await run(cwd, ...gate, '--strict')).code).toBe(1);
  });

  it('2 for what was typed or written wrong', async () => {
    const cwd = await evalFile({ runs: right, scorers: `'rouge'` });
    expect(await run(cwd)).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no scorer `rouge`.') });
    expect(await run(cwd, 'questions')).toMatchObject({ code: 2, stderr: expect.stringContaining('--run') });
    expect(await run(cwd, '--gate', 'exact is fine')).toMatchObject({ code: 2 });
    await writeFile(join(cwd, 'a.eval.ts'), 'export default { name: "x" };');
    expect(await run(cwd)).toMatchObject({ code: 2, stderr: expect.stringContaining('it has no `data`') });
    await writeFile(join(cwd, 'a.eval.ts'), 'import "./nowhere.ts";');
    expect(await run(cwd)).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be loaded') });
  });

  it('3 for a configuration that cannot be used, 4 for a server that does not answer', async () => {
    const cwd = await evalFile({ runs: right });
    const away = await runCli(['eval'], { cwd, env: { WHEELHOUSE_URL: 'http://127.0.0.1:1' } });
    expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining('No answer from http://127.0.0.1:1') });
    await writeFile(join(cwd, 'wheelhouse.config.json'), '{"nonsense": true}');
    expect((await runCli(['eval'], { cwd })).code).toBe(3);
  });

  it('5 when the limit of its cost is reached; it goes on with another limit', async () => {
    const runs = `{ label: 'dear', run: (input) => answered(input, { costUsd: 1 }) }`;
    const cwd = await evalFile({ runs, more: 'concurrency: 1,' });
    const { code, stderr } = await run(cwd, '--cap', '5');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('5 of 12 answers are kept') });
    const id = /--resume (ev_\w+)/.exec(stderr)?.[1] ?? '';
    await house.client.call('resumeEvaluation', { params: { evaluationId: id }, body: { cap: null } });
    expect((await run(cwd, '--resume', id)).code).toBe(0);
  });

  it('130 when it was stopped: calls under way are kept, and none of them is made again', async () => {
    const slow = `{ label: 'slow', run: async (input) => { note(String(input)); await untilStopped(); return input; } }`;
    const cwd = await evalFile({ runs: slow, rows: 200, more: 'concurrency: 4,' });
    await writeFile(join(cwd, 'hold'), '');
    const env = { WHEELHOUSE_URL: house.url };
    const { child, finished } = spawnCli(['eval', '--jsonl'], { cwd, env });
    const calls = async () =>
      (await readFile(join(cwd, 'calls.txt'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
    await expect.poll(async () => (await calls()).length, { timeout: 60_000 }).toBe(24);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    expect(code).toBe(130);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const recorded = events.filter(({ type }) => type === 'cell').length;
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'stopped', done: recorded });
    expect((await calls()).length).toBe(recorded);
    const id = /--resume (ev_\w+)/.exec(stderr)?.[1] ?? '';
    await rm(join(cwd, 'hold'));
    expect(await run(cwd, '--resume', id)).toMatchObject({ code: 0, stdout: expect.stringContaining('100.0 %') });
    const all = await calls();
    expect([all.length, new Set(all).size]).toEqual([200, 200]);
  });
});

it('what a scorer of somebody’s own throws, and what is no score, is a failure of that answer and never a zero', async () => {
  const scorers = `'exact',
    { name: 'throws', score: ({ input }) => { if (input === '3') throw new Error('no idea'); return true; } },
    { name: 'nan', score: ({ input }) => (input === '4' ? Number.NaN : { score: 0.5, label: 'half', reason: 'so so' }) }`;
  const cwd = await evalFile({ runs: right, scorers });
  const { stdout } = await run(cwd, '--json');
  const { id, summaries } = JSON.parse(stdout);
  expect(summaries).toMatchObject([
    { measure: 'exact', mean: 1, failures: 0 },
    { measure: 'throws', mean: 1, failures: 1, examples: expect.any(Number) },
    { measure: 'nan', mean: 0.5, failures: 1, labels: { half: 11 } },
    { measure: 'latency' },
    { measure: 'cost' },
    { measure: 'errors', mean: 0 },
  ]);
  const { data } = await house.client.call('listEvaluationRows', { params: { evaluationId: id } });
  const failures = data.flatMap(({ cells }) =>
    Object.values(cells)
      .flat()
      .flatMap(({ scores }) => Object.values(scores).flatMap((score) => (score.ok ? [] : [score.error]))),
  );
  expect(failures.toSorted()).toEqual([
    'the scorer gave NaN; a score is a number from 0 to 1',
    'the scorer threw: no idea',
  ]);
});

it('the same rows are the same version of the dataset, and others the next, with the examples that stayed', async () => {
  const { client } = house;
  const rows = [{ input: 'a', tags: ['x'] }, { input: 'b' }, { input: 'b' }, { input: 'c', split: 'test' }];
  const define = (given: typeof rows) =>
    defineEvaluation({
      name: 'Kept rows!',
      data: { rows: given },
      runs: [{ label: 'echo', run: (input) => input }],
      scorers: ['exact'],
    });
  const first = await evaluate(define(rows), { client });
  expect(first).toMatchObject({ dataset: 'kept-rows', datasetVersion: 1, total: 4 });
  expect((await evaluate(define(rows.toReversed()), { client })).datasetVersion).toBe(1);
  const before = await client.call('listExamples', { params: { name: 'kept-rows' } });
  const changed = await evaluate(define([...rows.slice(0, 3), { input: 'd' }]), { client });
  expect(changed).toMatchObject({ datasetVersion: 2, total: 4 });
  const after = await client.call('listExamples', { params: { name: 'kept-rows' } });
  const ids = new Set(before.data.map(({ id }) => id));
  expect(after.data.map(({ id, input }) => [input, ids.has(id)])).toEqual([
    ['a', true],
    ['b', true],
    ['b', true],
    ['d', false],
  ]);
});

it('functions and models answer the same rows; models through the server, traced; gates speak to any test runner', async () => {
  const { client } = house;
  const evaluation = await evaluate(
    {
      name: 'mixed',
      data: { rows: Array.from({ length: 8 }, (_, n) => ({ input: `say ${n}`, expected: `say ${n}` })) },
      runs: [
        'sim/echo',
        { label: 'here', run: async (input, { repetition }) => answered(input, { costUsd: repetition / 1000 }) },
      ],
      scorers: ['exact', 'levenshtein'],
      repetitions: 2,
      gates: ['exact >= baseline - 50pp (risk 20%)'],
    },
    { client },
  );
  expect(evaluation).toMatchObject({ status: 'completed', place: 'client', done: 32, failed: 0 });
  const { data } = await client.call('listEvaluationRows', {
    params: { evaluationId: evaluation.id },
    query: { limit: 1 },
  });
  const [model, own] = evaluation.runs.map(({ id }) => data[0]?.cells[id] ?? []);
  expect(own).toMatchObject([{ traceId: null, costNanoUsd: '0' }, { costNanoUsd: '1000000' }]);
  const { trace } = await untilStored(client, model?.[0]?.traceId ?? '');
  expect(trace).toMatchObject({ name: expect.stringContaining('sim/echo'), status: 'ok' });
  const { pass, message } = evaluationMatchers.toHoldGates(evaluation);
  expect({ pass, message: message() }).toMatchObject({ pass: true });
  assertGates(evaluation);
  expect(() => assertGates({ ...evaluation, status: 'stopped' })).toThrow(`Evaluation ${evaluation.id} is stopped`);
});

it('lists, shows, compares and decides again what is stored', async () => {
  const cwd = await evalFile({ runs: `${wrong}, ${right}` });
  const id: string = JSON.parse((await run(cwd, '--json')).stdout).id;
  const other: string = JSON.parse((await run(cwd, '--json')).stdout).id;
  const { runs } = await house.client.call('getEvaluation', { params: { evaluationId: id } });
  expect((await run(cwd, 'ls')).stdout).toMatch(new RegExp(`✓ ${id} +verbs-\\d+ +wrong · right +24/24 +100\\.0 %`));
  expect((await run(cwd, 'show', id)).stdout).toContain('12 rows better, 0 worse, 0 same');
  expect((await run(cwd, 'gate', id)).code).toBe(2);
  expect((await run(cwd, 'gate', id, '--gate', 'exact >= 0.5')).code).toBe(0);
  expect((await run(cwd, 'compare', runs[1]?.id ?? '', other, '--gate', 'exact >= baseline - 5pp')).code).toBe(1);
  expect((await run(cwd, 'rm', other)).code).toBe(0);
  expect(await run(cwd, 'show', other)).toMatchObject({ code: 2, stderr: expect.stringContaining(other) });
});
