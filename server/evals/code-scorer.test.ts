import { createScorer } from '@wheelhouse/core/eval';
import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../tools/sandbox/create-sandbox.ts';
import { createSchemaChecker } from '../tools/schema-checker.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const checker = createSchemaChecker();
const score = (body: string, options: object = {}) => {
  const label = `code ${JSON.stringify({ source: `export function main(target) { ${body} }`, ...options })}`;
  const target = scoringTarget({ output: 'a b c', expected: { words: 3 }, metadata: { tenant: 'x' } });
  return createScorer(label, { checker })(target, fakeScoringWorld({ sandbox }));
};

describe('a scorer that is code', () => {
  it('says what it gives, in each form', async () => {
    expect(await score('return target.output.split(" ").length === target.expected.words')).toMatchObject({ score: 1 });
    expect(await score('return 1 / 4')).toMatchObject({ score: 0.25 });
    expect(await score('return target.metadata.tenant')).toMatchObject({ score: null, label: 'x' });
    const whole = 'return {score: 0, label: "bad", reason: "r", feedback: "f"}';
    expect(await score(whole)).toMatchObject({ score: 0, label: 'bad', reason: 'r', feedback: 'f' });
  });

  it('that throws, hangs, takes too much or gives no number has failed, with the reason', async () => {
    const failures: [string, RegExp, object?][] = [
      ['throw new Error("no such column")', /no such column/],
      ['for (;;);', /longer than 0.05 s/, { ms: 50 }],
      ['return new Promise(() => {})', /waits for something that never comes/],
      ['const all = []; for (;;) all.push(new Array(10000).fill(7));', /memory|longer/, { mb: 4 }],
      ['return NaN', /no verdict/],
      ['return 0 / 0 > 1 ? 1 : {score: Infinity}', /no verdict/],
      ['return undefined', /nothing that is JSON/],
      ['return 1.5', /not between 0 and 1/],
      ['return fetch("http://127.0.0.1")', /fetch/],
    ];
    for (const [body, reason, options] of failures)
      expect(await score(body, options), body).toMatchObject({ ok: false, error: expect.stringMatching(reason) });
  });
});
