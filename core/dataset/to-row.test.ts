import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example, ExampleId, Json } from '../records/index.ts';
import { lineFormats, shapeOf, splitOf, toRow } from './index.ts';

const rowOf = (record: Json) => {
  const found = toRow(record, null);
  return typeof found === 'string' ? found : found.row;
};
const row = (input: Json, expected: Json = null, rest: object = {}) => ({
  ...{ input, expected, metadata: {}, tags: [], split: null, weight: 1, ...rest },
});

describe('a record becomes a row by its shape', () => {
  test.each([
    [
      'our own',
      { input: 'a', expected: 'b', metadata: { k: 1 }, tags: ['y', 'x', 'x'], split: 'test', weight: 2 },
      row('a', 'b', { metadata: { k: 1 }, tags: ['x', 'y'], split: 'test', weight: 2 }),
    ],
    ['a table of questions', { question: 'a', answer: 'b', topic: 'c' }, row('a', 'b', { metadata: { topic: 'c' } })],
    [
      'OpenAI evals',
      { input: [{ role: 'user', content: 'a' }], ideal: ['b', 'c'] },
      row({ messages: [{ role: 'user', content: 'a' }] }, ['b', 'c']),
    ],
    ['an item of the Evals API', { item: { question: 'a', answer: 'b' } }, row('a', 'b')],
    [
      'a conversation for fine-tuning',
      {
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
      row(
        {
          messages: [
            { role: 'system', content: 's' },
            { role: 'user', content: 'a' },
          ],
        },
        'b',
      ),
    ],
    [
      'a conversation that ends with a tool call',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', tool_calls: [{ id: '1' }] },
        ],
        tools: [],
      },
      row(
        { messages: [{ role: 'user', content: 'a' }] },
        { role: 'assistant', tool_calls: [{ id: '1' }] },
        { metadata: { tools: [] } },
      ),
    ],
    [
      'a preference',
      { input: { messages: [] }, preferred_output: [{ role: 'assistant', content: 'b' }], non_preferred_output: [] },
      row({ messages: [] }, 'b', { metadata: { non_preferred_output: [] } }),
    ],
    [
      'LangSmith',
      { inputs: { q: 'a' }, outputs: { answer: 'b' }, metadata: { dataset_split: ['train'], k: 1 } },
      row({ q: 'a' }, 'b', { split: 'train', metadata: { k: 1 } }),
    ],
    ['text alone', 'a', row('a')],
  ])('%s', (_, record, expected) => expect(rowOf(record as Json)).toEqual(expected));

  test('Langfuse, with the span that it was made of', () => {
    const item = {
      id: 'i',
      datasetId: 'd',
      input: { q: 'a' },
      expectedOutput: 'b',
      metadata: null,
      sourceTraceId: 't',
      sourceObservationId: 's',
      status: 'ARCHIVED',
    };
    expect(toRow(item, null)).toEqual({
      row: row({ q: 'a' }, 'b', { tags: ['archived'] }),
      trace: { traceId: 't', spanId: 's' },
    });
  });

  test('or says why it is none', () => {
    expect(rowOf({ a: 1 })).toContain('there is none of input, question');
    expect(rowOf({ input: '' })).toBe('It has no input.');
    expect(rowOf(3)).toBe('It is no object.');
    expect(rowOf({ input: 'a', weight: 'much' })).toContain('weight');
  });
});

test('named fields make rows: one as it is, several as an object, * for the rest', () => {
  const mapping = { input: ['q', 'ctx.text'], expected: ['a'], metadata: ['*'], tags: 't', split: 's', weight: null };
  expect(toRow({ q: 'x', ctx: { text: 'y' }, a: 'z', t: 'one, two', s: 'test', k: 1 }, mapping)).toEqual({
    row: row({ q: 'x', 'ctx.text': 'y' }, 'z', {
      metadata: { ctx: { text: 'y' }, k: 1 },
      tags: ['one', 'two'],
      split: 'test',
    }),
    trace: null,
  });
  expect(toRow({ a: 1 }, mapping)).toBe('It has no field "q".');
});

test('what is exported in the form of another tool comes back as it was', () => {
  const example = (input: Json, expected: Json): Example => ({
    ...{ id: 'ex_1' as ExampleId, hash: '', input, expected, metadata: { k: 'v' }, tags: [], split: null, weight: 1 },
    ...{ source: null, erasedAt: null, place: 1 },
  });
  const messages = { messages: [{ role: 'user', content: 'a' }] };
  for (const format of lineFormats) {
    const back = rowOf(shapeOf(format, example(messages, 'b')) as Json);
    const metadata = format.startsWith('openai') ? {} : { k: 'v' };
    expect([format, back]).toEqual([format, row(messages, 'b', { metadata })]);
  }
  expect(shapeOf('openai-chat', example('a', null))).toBeNull();
});

test('a split hangs on the group alone, and shares are kept', () => {
  const rule = { parts: { train: 80, test: 20 }, by: 'metadata.who', seed: '' };
  const of = (input: Json, who: Json) => splitOf({ input, expected: null, metadata: { who } }, rule);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (a, b, who) => void expect(of(a, who)).toBe(of(b, who))),
  );
  const splits = Array.from({ length: 5_000 }, (_, n) => of('x', `person ${n}`));
  const share = splits.filter((split) => split === 'test').length / splits.length;
  expect(share).toBeGreaterThan(0.17);
  expect(share).toBeLessThan(0.23);
});
