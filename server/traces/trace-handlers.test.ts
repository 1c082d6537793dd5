import { schemas } from '@wheelhouse/core/contract';
import {
  type Actor,
  defaultProjectId,
  type ProjectId,
  type Score,
  type ScoreId,
  type Span,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { bareSpan } from '../../testing/conformance/sample-spans.ts';
import { fakeScoreStore, fakeSpanStore } from '../../testing/fakes/index.ts';
import { createTraceHandlers } from './trace-handlers.ts';

const self: Actor = { project: defaultProjectId, actor: 'test' };
const traceId = 'a'.repeat(32) as TraceId;
const spanId = 'b'.repeat(16) as SpanId;

const call: Span = bareSpan(traceId, spanId, {
  kind: 'generation',
  name: 'chat support-bot@2',
  startNs: 1_800_000_000_123_456_789n,
  endNs: 1_800_000_001_123_456_789n,
  firstTokenNs: 1_800_000_000_500_000_001n,
  status: 'ok',
  provider: 'openai',
  requestModel: 'gpt-4o-mini',
  model: { name: 'support-bot', version: 2, alias: 'production' },
  input: { type: 'messages', messages: [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }] },
  output: {
    type: 'messages',
    messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finishReason: 'stop' }],
  },
  usage: { counts: { inputUncached: 3, outputText: 2, requests: 1 }, source: 'provider' },
  cost: { totalNanoUsd: 9_007_199_254_740_993n, byBucket: { inputUncached: 9_007_199_254_740_993n }, priceId: 'row' },
  emitterCostNanoUsd: 5n,
  events: [{ name: 'e', timeNs: 7n, attributes: {} }],
});

async function setUp() {
  const scores = fakeScoreStore();
  const spans = fakeSpanStore(scores);
  await spans.append([call], 'token');
  return { handlers: createTraceHandlers({ spans, scores }), scores };
}
const at = (params: object = {}, query: object = {}, by: Actor = self) =>
  ({ by, params, query, body: undefined }) as never;
const judgement: Score = {
  id: 'sc_1' as ScoreId,
  traceId: null,
  spanId: null,
  sessionId: null,
  name: 'good',
  value: true,
  comment: null,
  metadata: {},
  source: 'human',
  createdAt: '2027-01-15T08:00:02.123Z',
};

describe('the trace routes', () => {
  it('show a trace with its spans and scores', async () => {
    const { handlers, scores } = await setUp();
    await scores.put(defaultProjectId, [{ ...judgement, traceId }]);
    const trace = await handlers.getTrace(at({ traceId: traceId.toUpperCase() }));
    expect(schemas.traceDetail.parse(trace)).toEqual(trace);
    expect(trace.spans).toMatchObject([{ spanId, model: 'support-bot@2', firstTokenNs: '1800000000500000001' }]);
    expect(trace.scores).toMatchObject([{ name: 'good', value: true }]);
  });

  it('show a span whole, with 64-bit numbers as text', async () => {
    const { handlers } = await setUp();
    const span = await handlers.getSpan(at({ traceId, spanId }));
    expect(schemas.spanDetail.parse(span)).toEqual(span);
    expect(JSON.parse(JSON.stringify(span))).toEqual(span);
    expect(span).toMatchObject({
      model: 'support-bot@2',
      alias: 'production',
      costNanoUsd: '9007199254740993',
      cost: { totalNanoUsd: '9007199254740993', byBucket: { inputUncached: '9007199254740993' }, priceId: 'row' },
      emitterCostNanoUsd: '5',
      events: [{ name: 'e', timeNs: '7', attributes: {} }],
    });
    expect(span).not.toHaveProperty('projectId');
  });

  it('say clearly what is not there or no id', async () => {
    const { handlers } = await setUp();
    const other = 'e'.repeat(32);
    await expect(handlers.getTrace(at({ traceId: other }))).rejects.toMatchObject({ code: 'not_found' });
    await expect(handlers.getSpan(at({ traceId, spanId: 'e'.repeat(16) }))).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(handlers.getTrace(at({ traceId: 'latest' }))).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'traceId',
    });
    await expect(handlers.getSpan(at({ traceId, spanId: '0'.repeat(16) }))).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'spanId',
    });
  });

  it('keep projects apart', async () => {
    const { handlers } = await setUp();
    const others = at({ traceId }, { limit: 50 }, { project: 'other' as ProjectId, actor: 'x' });
    await expect(handlers.getTrace(others)).rejects.toMatchObject({ code: 'not_found' });
  });
});
