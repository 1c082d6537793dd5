import type { EvaluationBody, EvaluationRowBody, PairedResultBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { plainStyle } from '../output/style.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { evaluationReport } from './report.ts';

const lines = (text: string) => text.split('\n');

const result = (change: Partial<PairedResultBody> = {}): PairedResultBody => ({
  runId: 'run_b',
  measure: 'exact',
  meanA: 0.864,
  meanB: 0.902,
  difference: 0.038,
  low: 0.011,
  high: 0.064,
  confidence: 0.95,
  method: 'paired bootstrap',
  wins: 27,
  losses: 9,
  ties: 364,
  failuresA: 0,
  failuresB: 0,
  pairs: 400,
  pValue: null,
  rowsToSettle: null,
  flaky: null,
  noiseShare: null,
  deciding: [],
  toOverturn: null,
  verdict: 'better',
  sentence: 'B is better.',
  ...change,
});
const runOf = (id: string, ref: string, version: number) => ({ id, label: ref, ref, model: 'support-bot', version });
const evaluation: EvaluationBody = {
  id: 'ev_1',
  name: '',
  dataset: 'support',
  datasetVersion: 12,
  rows: { split: null, tag: null, first: null },
  runs: [runOf('run_a', 'support-bot@production', 1), runOf('run_b', 'support-bot@2', 2)],
  scorers: ['exact'],
  gates: [],
  repetitions: 1,
  concurrency: 8,
  rollout: null,
  place: 'server',
  metadata: {},
  status: 'completed',
  error: null,
  done: 800,
  total: 800,
  failed: 0,
  cached: 0,
  erased: 0,
  costNanoUsd: null,
  estimateNanoUsd: null,
  capNanoUsd: null,
  summaries: [],
  gateResults: [],
  results: [
    result(),
    result({ measure: 'latency', meanA: 2.31, meanB: 2.02, difference: -0.29, low: -0.41, high: -0.12 }),
  ],
  createdAt: '',
  startedAt: '',
  finishedAt: '',
};

const summary = (change: Partial<EvaluationBody['summaries'][number]> = {}): EvaluationBody['summaries'][number] => ({
  ...{ runId: 'run_a', measure: 'exact', examples: 400, failures: 0, mean: 0.864, low: 0.82, high: 0.9 },
  ...{ p50: 1, p95: 1, labels: {} },
  ...change,
});
const answer = (score: number) => ({
  ...{ repetition: 0, output: 'x', error: null, latencyNs: '1500000000', costNanoUsd: null, judgeNanoUsd: '0' },
  ...{ traceId: null, cached: false, answerKey: '' },
  scores: { exact: { ok: true as const, score, label: null, reason: null, feedback: null, metadata: {}, calls: null } },
});
const row: EvaluationRowBody = {
  exampleId: 'ex_1',
  input: 'Do you ship\u001b[2J to Norway, and if so, how much is it?',
  ...{ expected: null, metadata: {}, erasedAt: null, change: -2 / 3 },
  cells: { run_a: [answer(1)], run_b: [answer(1 / 3)] },
};
const worse = { rows: [row, row], count: 9 };
const gateResult: EvaluationBody['gateResults'][number] = {
  gate: { measure: 'exact', statistic: 'mean', than: 'baseline', direction: 'at_least', limit: -0.01, risk: 0.05 },
  ...{ text: 'exact ≥ baseline − 1 pp', runId: 'run_b', state: 'held', value: 0.038, low: 0.015, high: 0.06 },
  sentence: 'Held: +3.8 pp on 400 examples.',
};
const url = 'http://127.0.0.1:4400';
const again = 'wheelhouse eval support --run support-bot@production --run support-bot@2';

describe('the report of an evaluation', () => {
  it('shows table, counts, worst rows, gates, link and next step', () => {
    const gated = { ...evaluation, gateResults: [gateResult] };
    const text = evaluationReport({ evaluation: gated, worse, url, again }, plainStyle);
    expect(lines(text)).toEqual([
      '            A support-bot@production   B support-bot@2    change   95 % interval',
      '  exact                       86.4 %            90.2 %   +3.8 pp   +1.1 … +6.4     better',
      '  latency                     2.31 s            2.02 s   −0.29 s   −0.41 … −0.12   better',
      '',
      '  exact: 27 rows better, 9 worse, 364 same',
      '  B is better.',
      '',
      '  worse  ex_1  Do you ship[2J to Norway, and…  1.00 → 0.33',
      '  worse  ex_1  Do you ship[2J to Norway, and…  1.00 → 0.33',
      '         … 7 more: wheelhouse eval show ev_1 --worse',
      '',
      '  gate  exact ≥ baseline − 1 pp   held',
      '        Held: +3.8 pp on 400 examples.',
      '',
      '  → http://127.0.0.1:4400/x/ev_1',
      '  next  wheelhouse model move support-bot@production 2',
      '',
    ]);
  });

  it('names failures, and asks for more evidence when nothing is clear', () => {
    const unclear = {
      ...evaluation,
      ...{ results: [result({ verdict: 'no_clear_difference' })], failed: 2, cached: 5, erased: 1 },
      summaries: [summary({ runId: 'run_b', failures: 2 })],
    };
    const text = evaluationReport({ evaluation: unclear, worse: { rows: [], count: 0 }, url, again }, plainStyle);
    expect(text).toContain('  without a score: B 2\n  calls that failed: 2 of 800\n');
    expect(text).toContain('  answers taken from earlier: 5 of 800\n  left out: 1 whose content was erased');
    expect(text).toContain(`  next  ${again} --repeat 3\n`);
  });

  it('shows a dash, not a number, where there is none, and no line for what nobody measured', () => {
    const empty = result({ meanA: null, difference: null, low: null, high: null, verdict: 'not_enough_data' });
    const costs = result({ ...empty, measure: 'cost', meanB: null });
    const text = evaluationReport(
      { evaluation: { ...evaluation, results: [empty, costs] }, worse: { rows: [], count: 0 }, url: null, again },
      plainStyle,
    );
    expect(lines(text)[1]).toMatch(/^ {2}exact +– +90\.2 % +– +– +not enough data$/);
    expect(text).not.toContain('cost');
    expect(text).not.toContain('http');
  });

  it('shows one run on its own, with its labels', () => {
    const [run] = evaluation.runs;
    const single = {
      ...evaluation,
      ...{ runs: run ? [run] : [], results: [] },
      summaries: [summary(), summary({ measure: 'tone', mean: null, labels: { kind: 3, rude: 1 } })],
    };
    const text = evaluationReport({ evaluation: single, worse: { rows: [], count: 0 }, url, again }, plainStyle);
    expect(lines(text).slice(0, 3)).toEqual([
      '          A support-bot@production   95 % interval',
      '  exact                     86.4 %   82.0 % … 90.0 %',
      '  tone              kind 3, rude 1   82.0 % … 90.0 %',
    ]);
  });
});

describe('JUnit', () => {
  it('has a case a gate and a call that failed, and nothing that XML cannot say', () => {
    const states = ['held', 'failed', 'inconclusive'] as const;
    const gateResults = states.map((state) => ({ ...gateResult, state, sentence: 'a < b & "c"' }));
    const broken = { ...answer(0), output: null, error: 'cut\u0000 <off>', scores: {} };
    const failedRows = [{ ...row, cells: { run_a: [answer(1)], run_b: [broken] } }];
    expect(junit([{ evaluation: { ...evaluation, name: 'A&B', gateResults }, failedRows }])).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites>',
        '  <testsuite name="A&amp;B" tests="4" failures="1" errors="1" skipped="1">',
        '    <testcase classname="gate support-bot@2" name="exact ≥ baseline − 1 pp" time="0.000"></testcase>',
        '    <testcase classname="gate support-bot@2" name="exact ≥ baseline − 1 pp" time="0.000"><failure message="a &lt; b &amp; &quot;c&quot;"/></testcase>',
        '    <testcase classname="gate support-bot@2" name="exact ≥ baseline − 1 pp" time="0.000"><skipped message="a &lt; b &amp; &quot;c&quot;"/></testcase>',
        '    <testcase classname="support-bot@2" name="ex_1 #1" time="1.500"><error message="cut &lt;off&gt;"/></testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });
});

describe('Markdown', () => {
  it('shows verdicts, gates and rows, and nothing of what others wrote is markup', () => {
    const input = '![x](http://evil.example) | @everyone <img src=x>';
    const named = { ...evaluation, name: '*bold*', gateResults: [gateResult] };
    const text = markdown({ evaluation: named, worse: { rows: [{ ...row, input }], count: 1 }, url, again });
    expect(lines(text)[0]).toBe('### \\*bold\\*');
    expect(text).toContain('| exact | 86.4 % | 90.2 % | +3.8 pp | +1.1 … +6.4 | better |');
    expect(text).toContain('| exact ≥ baseline − 1 pp | ✓ held | Held: +3.8 pp on 400 examples. |');
    expect(text).toContain('\\!\\[x\\](http://evil.example) \\| \\@everyone \\<img src=x\\>');
    expect(text).toContain('[ev_1](http://127.0.0.1:4400/x/ev_1)');
  });
});
