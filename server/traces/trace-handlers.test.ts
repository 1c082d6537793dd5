import { schemas } from '@wheelhouse/core/contract';
import {
  type Actor,
  defaultProjectId,
  type LiveEvent,
  type ProjectId,
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
  const events: LiveEvent[] = [];
  const handlers = createTraceHandlers({
    spans,
    scores,
    feed: { publish: (event) => events.push(event), subscribe: () => () => {} },
    clock: { now: () => 1_800_000_002_123_456_789n },
    random: { bytes: (count) => new Uint8Array(count).fill(7) },
  });
  return { handlers, events };
}
const at = (params: object = {}, query: object = {}, by: Actor = self) =>
  ({ by, params, query, body: undefined }) as never;
const posting = (body: object) => ({ by: self, params: {}, query: undefined, body }) as never;

describe('the trace routes', () => {
  it('list traces in their wire form, page by page', async () => {
    const { handlers } = await setUp();
    const page = await handlers.listTraces(at({}, { limit: 50, text: undefined }));
    expect(schemas.tracePage.parse(page)).toEqual(page);
    expect(page).toMatchObject({
      next: null,
      data: [
        {
          traceId,
          model: 'support-bot@2',
          startNs: '1800000000123456789',
          costNanoUsd: '9007199254740993',
          inputPreview: 'Hi',
          outputPreview: 'Hello',
        },
      ],
    });
    const none = await handlers.listTraces(at({}, { limit: 50, status: 'error' }));
    expect(none.data).toEqual([]);
  });

  it('show a trace with its spans and scores', async () => {
    const { handlers } = await setUp();
    await handlers.createScore(posting({ traceId, name: 'good', value: true, source: 'human' }));
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

  it('take a score, also one that comes before its trace, and tell that the trace has changed', async () => {
    const { handlers, events } = await setUp();
    const early = 'C'.repeat(32);
    const score = await handlers.createScore(
      posting({
        traceId: early,
        spanId: 'D'.repeat(16),
        name: 'helpful',
        value: 0.5,
        comment: 'so so',
        source: 'user',
      }),
    );
    expect(schemas.score.parse(score)).toEqual(score);
    expect(score).toMatchObject({
      traceId: early.toLowerCase(),
      spanId: 'd'.repeat(16),
      createdAt: '2027-01-15T08:00:02.123Z',
      source: 'user',
    });
    expect(score.id).toMatch(/^sc_/);
    expect(events).toEqual([{ type: 'scores', traceIds: [early.toLowerCase()] }]);
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
    expect((await handlers.listTraces(others)).data).toEqual([]);
    await expect(handlers.getTrace(others)).rejects.toMatchObject({ code: 'not_found' });
  });
});
