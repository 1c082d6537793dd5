import type { EvaluationBody } from '@wheelhouse/sdk';
import { describe, expect, test } from 'vitest';
import { evaluationLine, messageWith, provenance } from './provenance.ts';

const at = { model: 'bot', version: 2 };
const run = (id: string, version: number) => ({ id, label: `bot@${version}`, model: 'bot', version });
const evaluation = {
  ...{ dataset: 'asked', datasetVersion: 3, scorers: ['exact'], runs: [run('a', 1), run('b', 2)] },
  summaries: [
    { runId: 'a', measure: 'exact', mean: 0.5 },
    { runId: 'b', measure: 'latency', mean: 2 },
    { runId: 'b', measure: 'exact', mean: 0.75 },
  ],
  results: [
    { runId: 'b', measure: 'latency', verdict: 'worse', meanA: 1 },
    { runId: 'b', measure: 'exact', verdict: 'better', meanA: 0.5 },
  ],
  gateResults: [
    { runId: 'b', state: 'held' },
    { runId: 'b', state: 'inconclusive' },
  ],
} as unknown as EvaluationBody;

describe('an evaluation in a line', () => {
  test('has the score, the verdict against the baseline, and the gates that held', () => {
    expect(evaluationLine(evaluation, at)).toBe(
      'asked@3: exact 75.0 %, better against bot@1 (50.0 %); 1 of 2 gates held',
    );
  });

  test('has no verdict of the baseline itself', () => {
    expect(evaluationLine(evaluation, { ...at, version: 1 })).toBe('asked@3: exact 50.0 %');
  });
});

describe('a message', () => {
  const origin = provenance(
    { server: 'http://a', ...at, hash: 'f'.repeat(64) },
    { id: 'ev_1', line: 'asked@3: exact 75.0 %', url: 'http://a/x/ev_1' },
  );

  test('says why a version was made, and then where it is from', () => {
    expect(messageWith('Kinder', origin)).toBe(
      'Kinder\n\nFrom http://a: bot@2, ffffffffffff.\nEvaluated there on asked@3: exact 75.0 %. http://a/x/ev_1',
    );
    expect(messageWith('', origin)).toBe(origin);
  });

  test('keeps the origin whole where the server takes no more', () => {
    const message = messageWith('😀'.repeat(600), origin);
    expect(message.length).toBeLessThanOrEqual(1000);
    expect(message.endsWith(`😀…\n\n${origin}`)).toBe(true);
  });
});
