import { createScorer, scorerLabel } from '@wheelhouse/core/eval';
import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './start-gateway.ts';

const price = {
  ...{ id: 'p1', provider: 'openai', model: 'm', validFrom: null },
  perMillion: { inputUncached: 1_000_000n, outputText: 2_000_000n },
};
const checker = { check: () => null, checkSchema: () => null };
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ prices: { find: ({ models }) => (models.includes('m') ? price : null) } });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

const judge = (options: object, name = 'judge_rubric') => {
  const label = scorerLabel(`${name} ${JSON.stringify({ rubric: 'Is it right?', ...options })}`);
  const { runner, embedder } = gateway;
  const target = scoringTarget({ input: 'Capital of France?', output: 'Paris' });
  return createScorer(label, { checker })(target, fakeScoringWorld({ runner, embedder }));
};

it('a judge is asked through the gateway: held to a schema, traced and priced', async () => {
  gateway.upstream.on('m', { text: '{"reason":"It is.","grade":5,"feedback":""}' });
  const said = await judge({ model: 'openai/m' });
  expect(said).toMatchObject({ ok: true, score: 1, reason: 'It is.' });
  expect(gateway.upstream.calls[0]?.body).toMatchObject({
    temperature: 0,
    response_format: { type: 'json_schema', json_schema: { name: 'grade', strict: true } },
  });
  const [span] = await gateway.until((all) => all.length === 1);
  expect(said.calls).toEqual({ traceIds: [span?.traceId], costNanoUsd: String(span?.cost?.totalNanoUsd) });
});

it('a judge that is away has failed, and says so', async () => {
  const said = await judge({ model: 'nobody/x' });
  expect(said).toMatchObject({ ok: false, error: expect.stringMatching(/^the judge could not be asked: .*nobody\/x/) });
});

it('a panel may be of vendors that speak different dialects', async () => {
  gateway.upstream.on('m', { text: '{"reason":"","grade":5,"feedback":""}' });
  gateway.upstream.on('c', { text: '{"reason":"","grade":1,"feedback":""}' });
  const said = await judge({ models: ['openai/m', 'anthropic/c'] }, 'judge_panel');
  expect(said).toMatchObject({ ok: true, score: 0.5, metadata: { spread: 1, failed: 0 } });
});
