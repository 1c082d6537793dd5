import { describe, expect, it } from 'vitest';
import { defaultProjectId, type Json, type JsonObject, type SpanId, type TraceId } from '../records/index.ts';
import type { OtlpLogRecord } from './log-record.ts';
import { readLogs } from './read-logs.ts';

const record = (name: string, body: Json, more: Partial<OtlpLogRecord> = {}): OtlpLogRecord => ({
  traceId: 'a'.repeat(32) as TraceId,
  spanId: 'b'.repeat(16) as SpanId,
  timeNs: 1_795_225_672_711_000_000n,
  name,
  body,
  attributes: { 'event.name': name, 'gen_ai.system': 'openai' },
  resource: { 'service.name': 'shop' },
  scope: { name: 'instrumentation', version: '1' },
  ...more,
});
const details = (attributes: JsonObject) => record('gen_ai.client.inference.operation.details', null, { attributes });
const text = (content: string) => ({ type: 'text', content });

describe('readLogs', () => {
  it('makes one fragment of the messages of a call, with an event for each', () => {
    const { spans, scores, unread } = readLogs(
      [
        record('gen_ai.system.message', { content: 'Be brief' }),
        record('gen_ai.user.message', { content: [{ type: 'text', text: 'weather?' }] }),
        record('gen_ai.assistant.message', {
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
        }),
        record('gen_ai.tool.message', { id: 'c', content: '21' }),
        record('gen_ai.choice', { index: 0, finish_reason: 'stop', message: { content: 'Sunny' } }),
      ],
      defaultProjectId,
    );
    expect([scores, unread]).toEqual([[], []]);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      ...{ kind: 'span', name: '', endNs: null, service: 'shop', usage: null, attributes: {} },
      input: {
        type: 'messages',
        messages: [
          { role: 'system', parts: [text('Be brief')] },
          { role: 'user', parts: [text('weather?')] },
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'f', arguments: { x: 1 } }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: '21' }] },
        ],
      },
      output: { messages: [{ role: 'assistant', parts: [text('Sunny')], finishReason: 'stop' }] },
    });
    expect(spans[0]?.events.map(({ attributes }) => attributes['gen_ai.system'])).toEqual(Array(5).fill('openai'));
  });

  it('reads the details of a call, also when they come in two records', () => {
    const input = details({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.input.messages': [{ role: 'user', parts: [text('hi')] }],
    });
    const output = details({
      'gen_ai.output.messages': [{ role: 'assistant', parts: [text('ho')], finish_reason: 'stop' }],
    });
    const [both] = readLogs([input, output], defaultProjectId).spans;
    expect(both).toMatchObject({
      ...{ kind: 'generation', name: 'chat gpt-4o', provider: 'openai', requestModel: 'gpt-4o', attributes: {} },
      input: { messages: [{ role: 'user', parts: [text('hi')] }] },
      output: { messages: [{ role: 'assistant', parts: [text('ho')], finishReason: 'stop' }] },
    });
    // Content stands in its fields only.
    expect(Object.keys(both?.events[0]?.attributes ?? {})).not.toContain('gen_ai.input.messages');
    const [alone] = readLogs([output], defaultProjectId).spans;
    expect(alone).toMatchObject({ input: null, output: { messages: [{ parts: [text('ho')] }] } });
  });

  it('makes scores of evaluations, a label or a number, and none of a failed one', () => {
    const result = (more: JsonObject) =>
      record('gen_ai.evaluation.result', null, { attributes: { 'gen_ai.evaluation.name': 'tone', ...more } });
    const { scores, unread } = readLogs(
      [
        result({ 'gen_ai.evaluation.score.value': 0, 'gen_ai.evaluation.score.label': 'rude' }),
        result({ 'gen_ai.evaluation.score.label': 'kind', 'gen_ai.response.id': 'r' }),
        result({ 'error.type': 'timeout', 'gen_ai.evaluation.score.value': 0 }),
      ],
      defaultProjectId,
    );
    expect(scores).toMatchObject([
      { name: 'tone', value: 0, comment: 'rude', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
      { name: 'tone', value: 'kind', comment: null, metadata: { 'gen_ai.response.id': 'r' } },
    ]);
    expect(unread.map(({ reason }) => reason)).toEqual(['an evaluation that failed']);
  });
});
