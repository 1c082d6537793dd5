import { expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { redactSpan } from './redact.ts';

const key = 'sk-proj-abcdefghij0123456789';
const span = (more: object) => bareSpan(freshTraceId(), spanIdOf(1), more);

it('takes credentials out of headers, by name', () => {
  const { attributes } = redactSpan(
    span({
      attributes: {
        'http.request.header.authorization': ['Bearer abc'],
        'ai.request.headers.x-api-key': 'abc',
        nested: { headers: { 'Proxy-Authorization': 'x', 'api-key': 'y', apiKey: 'z', accept: 'json' } },
        'gen_ai.usage.input_tokens': 7,
        'authorization.mode': 'oauth',
      },
    }),
  );
  expect(attributes).toEqual({
    'http.request.header.authorization': '[redacted]',
    'ai.request.headers.x-api-key': '[redacted]',
    nested: {
      headers: { 'Proxy-Authorization': '[redacted]', 'api-key': '[redacted]', apiKey: '[redacted]', accept: 'json' },
    },
    'gen_ai.usage.input_tokens': 7,
    'authorization.mode': 'oauth',
  });
});

it('takes keys out of every text, wherever it stands', () => {
  const text = `Incorrect API key provided: ${key}.`;
  const clean = 'Incorrect API key provided: [redacted].';
  const messages = (content: string) => ({
    type: 'messages',
    messages: [{ role: 'user', parts: [{ type: 'text', content }] }],
  });
  expect(
    redactSpan(
      span({
        statusMessage: text,
        input: messages(text),
        output: { type: 'json', value: { deep: [text] } },
        params: { extra: text },
        metadata: { note: text },
        toolCall: { id: null, name: 'f', arguments: { x: text }, result: null },
        events: [{ name: 'exception', timeNs: 1n, attributes: { 'exception.message': text } }],
      }),
    ),
  ).toMatchObject({
    statusMessage: clean,
    input: messages(clean),
    output: { type: 'json', value: { deep: [clean] } },
    params: { extra: clean },
    metadata: { note: clean },
    toolCall: { arguments: { x: clean } },
    events: [{ name: 'exception', timeNs: 1n, attributes: { 'exception.message': clean } }],
  });
});

it('leaves words alone that only look alike', () => {
  const words = { a: 'sk-estimator-doc-link-with-error', b: 'task-12345678901234567890', c: 'sk-1', d: null };
  expect(redactSpan(span({ attributes: words })).attributes).toBe(words);
});

it('cuts what is nested too deep to be written', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 50_000; i++) deep = [deep];
  expect(() => JSON.stringify(redactSpan(span({ params: { deep } })).params)).not.toThrow();
});
