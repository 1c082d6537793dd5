import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createJiti } from 'jiti';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluationFile } from './evaluation-file.ts';
import { makePlan, type Plan, type PlanOptions, type Tool } from './make-plan.ts';
import { planText, problemsText } from './plan-text.ts';
import { findExports } from './read-files.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'testing', 'fixtures', 'import');
const none = { prefix: '', judge: 'sim/judge', ranges: new Map(), only: [] };

async function planOf(tool: Tool, what: string, options: Partial<PlanOptions> = {}, cwd = fixtures): Promise<Plan> {
  return makePlan(await findExports([what], cwd), { tool, ...none, ...options });
}

async function rowsOf(plan: Plan, dataset: string) {
  const rows = [];
  for await (const { row } of plan.readRows(dataset)) rows.push(row);
  return rows;
}

const saidOf = ({ remarks }: Plan) => remarks.map(({ of, said }) => `${of}: ${said}`).join('\n');
const cellsOf = ({ evaluations: [evaluation] }: Plan, run: number) => evaluation?.runs[run]?.cells ?? [];
const scoresOf = (plan: Plan, run: number, name: string) =>
  cellsOf(plan, run).map(({ scores: { [name]: score } }) => (score?.ok ? (score.score ?? score.label) : null));

const paint = (text: string) => text;
const style = { bold: paint, dim: paint, green: paint, red: paint, yellow: paint, cyan: paint };

describe('an export of OpenAI’s hosted evals', () => {
  it('is one dataset, its prompts and judges, and an evaluation of its runs', async () => {
    const plan = await planOf('openai-evals', 'openai-hosted');
    expect(plan.datasets).toEqual([
      {
        ...{ name: 'it-tickets', description: 'IT tickets', source: 'OpenAI Evals eval_tickets' },
        schema: {
          input: { type: 'object', properties: { ticket: { type: 'string' } }, required: ['ticket'] },
          expected: { type: 'string' },
        },
      },
    ]);
    expect(await rowsOf(plan, 'it-tickets')).toMatchObject([
      { input: { ticket: 'My monitor stays black.' }, expected: 'Hardware' },
      { input: { ticket: 'Word does not open.' }, expected: 'Software' },
      { input: { ticket: 'Where is the canteen?' }, expected: 'Other' },
      { input: { ticket: 'My keyboard has no E.' }, expected: 'Hardware' },
    ]);
    expect(plan.models.map(({ name, definition }) => [name, definition.baseModel])).toEqual([
      ['it-tickets', 'openai/gpt-4o-mini'],
      ['it-tickets', 'openai/gpt-4o'],
      ['it-tickets-polite', 'openai/gpt-4o-mini'],
      ['it-tickets-quality', 'openai/gpt-4o-mini'],
    ]);
    expect(plan.models[0]?.definition).toMatchObject({
      messages: [{ role: 'developer' }, { role: 'user', content: '{{ticket}}' }],
      parameters: { temperature: 0, max_completion_tokens: 20 },
    });
    expect(scoresOf(plan, 0, 'right label')).toEqual([1, 1, 0, null]);
    expect(scoresOf(plan, 1, 'quality')).toEqual([0.8, 0.8, 0.8, 0.8]);
    expect(cellsOf(plan, 0)[3]).toMatchObject({ output: null, error: 'Too many requests', latencyNs: 0n });
  });

  it('names what has no twin, and lists records that cannot be read with their lines', async () => {
    const plan = await planOf('openai-evals', 'openai-hosted');
    for (const name of ['gleu', 'short']) expect(saidOf(plan)).toContain(`IT tickets, ${name}: has no twin here`);
    expect(plan.problems).toMatchObject([{ file: 'openai-hosted/file-tickets.jsonl', at: 4 }]);
    expect(planText(plan, style)).toContain('▲ IT tickets, short: has no twin here: it is Python');
    expect(problemsText(plan, style)).toContain('openai-hosted/file-tickets.jsonl:4');
  });

  it('puts a prefix before every name', async () => {
    const plan = await planOf('openai-evals', 'openai-hosted', { prefix: 'old-' });
    const names = [...plan.datasets, ...plan.models, ...plan.files].map(({ name }) => name);
    expect(names.every((name) => name.startsWith('old-it-tickets'))).toBe(true);
    expect(plan.evaluations.map(({ dataset }) => dataset)).toEqual(['old-it-tickets']);
    const text = evaluationFile(plan.files[0] as Plan['files'][0], {
      model: 'sim/echo',
      refOf: ({ name }) => `${name}@7`,
    });
    expect(text).toContain("runs: ['old-it-tickets@7', 'old-it-tickets@7']");
    expect(text).toContain("model: 'old-it-tickets-polite@7'");
  });
});

describe('a registry of openai/evals', () => {
  it('is a dataset of its samples, a file for each eval, and what its log says', async () => {
    const plan = await planOf('openai-evals', 'openai-registry');
    expect(await rowsOf(plan, 'capitals')).toMatchObject([
      { input: { messages: [{ role: 'system' }, { role: 'user' }] }, expected: ['Paris', 'paris'] },
      ...[{ expected: 'Oslo' }, { expected: 'Tokyo' }, { expected: 'Lima' }],
    ]);
    expect(plan.files.map(({ name, scorers }) => [name, scorers.map((one) => one.name)])).toEqual([
      ['capitals', ['match']],
      ['capitals-fuzzy', ['fuzzy_match']],
      ['capitals-judged', ['judge_model', 'judge_model']],
      ['own-code', []],
    ]);
    // The log has its samples in another order than the file.
    expect(cellsOf(plan, 0).map(({ row, output }) => ['key' in row && row.key, output])).toEqual([
      ['capitals/samples.jsonl#2', 'Tokyo'],
      ['capitals/samples.jsonl#0', 'Paris.'],
      ['capitals/samples.jsonl#1', 'It is Oslo'],
      ['capitals/samples.jsonl#3', 'Lima'],
    ]);
    expect(saidOf(plan)).toMatch(/own-code, .*has no twin here[\s\S]*elsewhere: is left out/);
    expect(plan.problems).toMatchObject([{ at: 1, error: expect.stringContaining('git lfs pull') }]);
  });

  it('takes only the evals that were named', async () => {
    const plan = await planOf('openai-evals', 'openai-registry', { only: ['capitals-fuzzy', 'nothing'] });
    expect(plan.files.map(({ name }) => name)).toEqual(['capitals-fuzzy']);
    expect(saidOf(plan)).toBe('nothing: is no eval of this registry');
    expect(plan.problemCount).toBe(0);
  });

  it('scores by its functions what it scored by its classes', async () => {
    type Said = { output: string; expected: unknown };
    const plan = await planOf('openai-evals', 'openai-registry');
    const functionOf = (code: string) =>
      createJiti(import.meta.url).evalModule(`export const score = ${code};`, { filename: import.meta.filename }) as {
        score(said: Said): boolean | { score: number };
      };
    const codeOf = (file: string) => {
      const [scorer] = plan.files.find(({ name }) => name === file)?.scorers ?? [];
      return scorer && 'code' in scorer ? scorer.code : '';
    };
    const { score: match } = functionOf(codeOf('capitals'));
    const rows = await rowsOf(plan, 'capitals');
    const byKey = new Map(rows.map(({ expected }, i) => [`capitals/samples.jsonl#${i}`, expected]));
    const again = cellsOf(plan, 0).map(({ row, output }) =>
      match({ output: output ?? '', expected: byKey.get('key' in row ? row.key : '') }) ? 1 : 0,
    );
    expect(again).toEqual(scoresOf(plan, 0, 'match'));
    const { score: fuzzy } = functionOf(codeOf('capitals-fuzzy'));
    const said = (output: string, expected: unknown) => fuzzy({ output, expected });
    expect([said('It is the OSLO!', 'Oslo'), said('an', ['x', 'the']), said('Rome', 'Oslo')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('an export of Langfuse', () => {
  it('is datasets, runs with answers and scores out of traces, prompts, and what its clients would have sent', async () => {
    const plan = await planOf('langfuse', 'langfuse');
    expect(await rowsOf(plan, 'support-questions')).toMatchObject([
      { input: { question: 'Where is my order?' }, expected: 'delivery', metadata: { team: 'a' } },
      ...[{ expected: 'refund' }, { expected: 'invoice' }],
    ]);
    expect(plan.evaluations[0]?.runs.map(({ label }) => label)).toEqual(['baseline', 'shorter']);
    expect(scoresOf(plan, 0, 'correct')).toEqual([1, 1, 0]);
    expect(scoresOf(plan, 0, 'helpful')).toEqual([0.5, 0.75, 1]);
    expect(scoresOf(plan, 0, 'tone')).toEqual(['cold', 'warm', 'cold']);
    expect(scoresOf(plan, 0, 'points')).toEqual(['41', '42', '43']);
    expect(cellsOf(plan, 0)[1]).toMatchObject({
      ...{ output: 'refund', latencyNs: 1_000_000_000n, costNanoUsd: 200_000n, traceId: `${'a'.repeat(31)}2` },
    });
    expect(cellsOf(plan, 1)[2]).toMatchObject({ output: expect.stringContaining('the export has no trace') });
    expect(plan.prompts).toHaveLength(1);
    const types = new Set(plan.events.map(({ type }) => type));
    expect([...types]).toEqual(['trace-create', 'generation-create', 'score-create']);
    expect(plan.problems).toMatchObject([{ file: 'langfuse/items.json', error: 'It has no input.' }]);
  });

  it('lays scores on a range that was said', async () => {
    const plan = await planOf('langfuse', 'langfuse', { ranges: new Map([['points', { min: 0, max: 100 }]]) });
    expect(scoresOf(plan, 0, 'points')).toEqual([0.41, 0.42, 0.43]);
    expect(saidOf(plan)).not.toContain('score points');
  });
});

describe('an export of LangSmith', () => {
  it('is datasets and experiments; answers to one example are repetitions of it', async () => {
    const plan = await planOf('langsmith', 'langsmith');
    expect(await rowsOf(plan, 'trips')).toMatchObject([
      { input: { city: 'Oslo' }, expected: 'boat', split: 'test' },
      ...[{ expected: 'tram' }, { expected: 'train' }],
    ]);
    expect(plan.evaluations[0]?.runs.map(({ label, cells }) => [label, cells.length])).toEqual([
      ['trips-base', 6],
      ['trips-new', 6],
    ]);
    expect(scoresOf(plan, 1, 'correct')).toEqual([1, 1, 1, 1, 1, 1]);
    expect(cellsOf(plan, 0)[4]).toMatchObject({ output: null, error: "ValueError('no train')" });
    expect(cellsOf(plan, 0)[0]).toMatchObject({ output: 'bus', latencyNs: 1_500_000_000n, costNanoUsd: 250_000n });
    expect(saidOf(plan)).toMatch(/feedback stars: its scores are not from 0 to 1/);
  });
});

describe('files of exports', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-import-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are tables, packed, and lines of JSON that are called .json, and are read again row by row', async () => {
    const items = Array.from({ length: 3000 }, (_, n) => ({ inputs: { n }, outputs: { out: String(n % 7) } }));
    await writeFile(join(folder, 'many.jsonl.gz'), gzipSync(items.map((one) => JSON.stringify(one)).join('\n')));
    await writeFile(join(folder, 'lines.json'), `${JSON.stringify(items[0])}\n${JSON.stringify(items[1])}\n`);
    await writeFile(join(folder, 'table.csv'), 'id,inputs,outputs\n1,"{""q"": ""a""}","{""a"": ""b""}"\n2,{,\n');
    await writeFile(join(folder, 'notes.txt'), 'not of it');
    const plan = await planOf('langsmith', '.', {}, folder);
    expect([...plan.rows]).toEqual([
      ['lines', 2],
      ['many', 3000],
      ['table', 1],
    ]);
    expect(await rowsOf(plan, 'many')).toHaveLength(3000);
    expect(plan.problems).toMatchObject([{ file: 'table.csv', at: 3 }]);
    expect(plan.datasets.map(({ source }) => source)).toEqual([
      'LangSmith export lines',
      'LangSmith export many',
      'LangSmith export table',
    ]);
  });

  it('that are not there, or hold nothing, are told', async () => {
    await expect(findExports(['gone'], folder)).rejects.toThrow('There is no gone.');
    await expect(findExports(['notes.txt'], folder)).rejects.toThrow('not clear from its name');
    await writeFile(join(folder, 'other.json'), '{"hello": {"world": 1}}');
    const plan = await planOf('langfuse', 'other.json', {}, folder);
    expect(plan.problems).toEqual([{ file: 'other.json', at: 1, error: 'It is nothing that is known: hello' }]);
    expect(planText(plan, style)).toContain('There is nothing to bring over.');
  });
});
