import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { type Json, WheelhouseError } from '../records/index.ts';
import type { ScoringTarget, ScoringWorld } from './scorer-kind.ts';
import { createScorer, scorerNames } from './scorers.ts';
import { scorersMeant } from './scorers-of-task.ts';

const checker = { check: () => null, checkSchema: () => null };
const score = (label: string, target: Partial<ScoringTarget>, world: Partial<ScoringWorld> = {}) =>
  createScorer(label, { checker })(scoringTarget(target), fakeScoringWorld(world));

describe('readability', () => {
  const easy = 'The cat sat on the mat. It was warm, and the cat was glad of it.';
  const hard =
    'Notwithstanding the aforementioned provisions, the undersigned parties shall indemnify one another against liabilities arising from negligent misrepresentation.';

  test('is within bounds, or a share that is higher for what is easier', () => {
    expect(score('readability {"max":8}', { output: easy })).toMatchObject({ score: 1 });
    expect(score('readability {"max":8}', { output: hard })).toMatchObject({ score: 0 });
    expect(score('readability {"formula":"flesch_reading_ease","min":60}', { output: easy })).toMatchObject({
      score: 1,
    });
    for (const formula of ['flesch_reading_ease', 'gunning_fog', 'smog', 'ari', 'coleman_liau']) {
      const of = (output: string) => score(`readability {"formula":"${formula}"}`, { output });
      const [a, b] = [of(easy), of(hard)].map((one) => ('ok' in one && one.ok ? (one.score ?? 0) : 0));
      expect(a, formula).toBeGreaterThan(b ?? 1);
    }
  });

  test('of no words cannot be said', () => {
    expect(score('readability', { output: ' … ' })).toMatchObject({ ok: false, error: 'there are no words' });
  });
});

describe('language', () => {
  const german = 'Die Rechnung liegt auf dem Tisch, aber niemand hat sie bezahlt.';

  test('is a label, and a score where one is wanted', () => {
    expect(score('language', { output: german })).toMatchObject({ ok: true, score: null, label: 'de' });
    expect(score('language', { output: german, expected: 'de' })).toMatchObject({ score: 1 });
    expect(score('language {"is":"en"}', { output: german })).toMatchObject({ score: 0, reason: 'de and not en' });
    const input = 'Who has paid the bill that was on the table this morning?';
    expect(score('language {"is":"input"}', { input, output: german })).toMatchObject({ score: 0 });
    expect(score('language {"is":"input"}', { input: 'Wo ist die Rechnung?', output: german })).toMatchObject({
      score: 1,
    });
  });

  test('fails on what is no language', () => {
    expect(score('language', { output: '42' })).toMatchObject({ ok: false });
    expect(score('language', { output: german, expected: 'German' })).toMatchObject({ ok: false });
    expect(score('language {"is":"input"}', { input: '?', output: german })).toMatchObject({ ok: false });
    expect(() => score('language {"is":"german"}', {})).toThrow(/no language that is known/);
  });
});

describe('what should not be there', () => {
  test('personal data is told by kind, and never shown', () => {
    const said = score('pii', { output: 'Mail kim@example.com or lee@example.com from 203.0.113.7.' });
    expect(said).toMatchObject({ score: 0, label: 'found', reason: '2 × email, 1 × ip' });
    expect(JSON.stringify(said)).not.toContain('kim@');
    expect(score('pii {"kinds":["card"]}', { output: 'kim@example.com' })).toMatchObject({ score: 1, label: 'none' });
  });

  test('hurtful words take from the score by how bad they are', () => {
    expect(score('toxicity', { output: 'Have a nice day.' })).toMatchObject({ score: 1, label: 'none' });
    expect(score('toxicity', { output: 'Oh shit, it rains.' })).toMatchObject({ score: 0.6, label: 'profanity' });
    expect(score('toxicity', { output: 'Shit, I will kill you.' })).toMatchObject({ score: 0, label: 'threat' });
    expect(score('toxicity {"kinds":["threat"]}', { output: 'Oh shit.' })).toMatchObject({ score: 1 });
    expect(score('toxicity {"words":["drat"]}', { output: 'Drat!' })).toMatchObject({ label: 'profanity' });
  });

  test.each(['pii', 'toxicity', 'readability'])('%s does not look at a text that is too long', (name) => {
    expect(score(name, { output: 'a'.repeat(200_001) })).toMatchObject({ ok: false });
  });
});

describe('limits', () => {
  test('of time and money are kept or not, and unknown ones are no zero', () => {
    expect(score('latency_within {"max":2.5}', { latencyNs: 2_500_000_000n })).toMatchObject({ score: 1 });
    expect(score('latency_within {"max":2.5}', { latencyNs: 2_500_000_001n })).toMatchObject({ score: 0 });
    expect(score('cost_within {"max":0.01}', { costNanoUsd: 10_000_001n })).toMatchObject({ score: 0 });
    expect(score('cost_within {"max":0.01}', { costNanoUsd: 0n })).toMatchObject({ score: 1 });
    expect(score('latency_within {"max":1}', {})).toMatchObject({ ok: false });
    expect(score('cost_within {"max":1}', {})).toMatchObject({ ok: false });
  });
});

describe('embedding similarity', () => {
  const label = 'embedding_similarity {"model":"sim/embed"}';

  test('is the cosine to the nearest right answer, and says what it cost', async () => {
    const target = { output: 'the cat sat on the mat', expected: ['a dog ran', 'The cat sat on the mat'] };
    expect(await score(label, target)).toMatchObject({
      score: expect.closeTo(1, 9),
      calls: { traceIds: [expect.any(String)], costNanoUsd: '3' },
    });
    const far = await score(label, { ...target, expected: 'quantum law' });
    expect(far.ok && far.score).toBeLessThan(0.3);
  });

  test('fails without texts, and when nothing can be embedded', async () => {
    for (const target of [{ output: 'x' }, { output: ' ', expected: 'y' }, { output: 'x', expected: [] }])
      expect(await score(label, target)).toMatchObject({ ok: false });
    const embedder = { embed: async () => ({ ok: false as const, error: 'no key' }) };
    const said = await score(label, { output: 'x', expected: 'y' }, { embedder });
    expect(said).toMatchObject({ error: 'the texts could not be embedded: no key', calls: null });
  });
});

describe('code as a scorer', () => {
  const gives = (answer: Json | Error) => ({
    sandbox: {
      run: async () => {
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  });
  const label = 'code {"source":"export const main = () => 1"}';

  test('is given all there is to know', async () => {
    const given: unknown[] = [];
    const sandbox: ScoringWorld['sandbox'] = {
      run: async (...asked) => {
        given.push(asked[0], asked[1], asked[3]);
        return { score: true, reason: 'so' };
      },
    };
    const target = { input: 'i', output: 'o', expected: 'e', latencyNs: 1_500_000n, costNanoUsd: 2_000_000_000n };
    expect(await score(label, target, { sandbox })).toMatchObject({ score: 1, reason: 'so' });
    expect(given).toEqual([
      'export const main = () => 1',
      { input: 'i', output: 'o', expected: 'e', metadata: {}, latencyMs: 1.5, costUsd: 2 },
      { ms: 1_000, bytes: 32 * 1024 * 1024 },
    ]);
  });

  test('that throws or gives no verdict has failed on that answer', async () => {
    const thrown = new WheelhouseError('code_failed', 'The code failed: it took longer than 1 s.');
    expect(await score(label, {}, gives(thrown))).toMatchObject({ ok: false, error: thrown.message });
    for (const nothing of [null, 7, -1, {}, [], { score: 'x' }])
      expect(await score(label, {}, gives(nothing as Json)), JSON.stringify(nothing)).toMatchObject({ ok: false });
    expect(await score(label, {}, gives(new Error('boom')))).toMatchObject({ error: 'the scorer broke: boom' });
  });
});

test('the scorers of a task are scorers', () => {
  for (const task of ['text', 'question-answering', 'text-summarization', 'retriever'])
    for (const label of scorersMeant(`task:${task}`)) {
      expect(() => createScorer(label, { checker })).not.toThrow();
      expect(scorerNames).toContain(label.split(' ')[0]);
    }
  expect(scorersMeant('bleu {"tokenize":"char"}')).toEqual(['bleu {"tokenize":"char"}']);
  expect(() => scorersMeant('task:translation')).toThrow('no usual set of scorers');
});
