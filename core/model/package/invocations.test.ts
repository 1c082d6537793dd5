import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../records/index.ts';
import { readInvocations, writePredictions } from '../index.ts';

const row = {
  type: 'object',
  properties: { q: { type: 'string' }, n: { type: 'integer' }, tags: { type: 'array' } },
  required: ['q'],
};
const inputs = (body: JsonObject, schema: JsonObject = row) => readInvocations(body, schema).map(({ input }) => input);

describe('the scoring protocol', () => {
  const two: Json = [{ q: 'a', n: 1 }, { q: 'b' }];

  it.each<[string, JsonObject]>([
    [
      'dataframe_split',
      {
        dataframe_split: {
          columns: ['q', 'n'],
          index: [0, 1],
          data: [
            ['a', 1],
            ['b', null],
          ],
        },
      },
    ],
    [
      'dataframe_records',
      {
        dataframe_records: [
          { q: 'a', n: 1 },
          { q: 'b', n: null },
        ],
      },
    ],
    ['instances', { instances: two }],
    ['inputs as rows', { inputs: two }],
    ['inputs as columns', { inputs: { q: ['a', 'b'], n: [1, null] } }],
  ])('reads %s', (_, body) => {
    expect(inputs(body)).toEqual(two);
  });

  it('reads an object that is no table as one row', () => {
    expect(inputs({ inputs: { q: 'a', tags: ['x', 'y'] } })).toEqual([{ q: 'a', tags: ['x', 'y'] }]);
    expect(inputs({ inputs: 'a' })).toEqual(['a']);
  });

  it('takes the only column of a table for an input that is no object', () => {
    const text = { type: 'string' };
    expect(inputs({ dataframe_split: { columns: ['anything'], data: [['a'], ['b']] } }, text)).toEqual(['a', 'b']);
  });

  it('keeps a null that is asked for', () => {
    expect(inputs({ instances: [{ q: null, n: null }] })).toEqual([{ q: null }]);
  });

  it('takes a conversation beside the variables, unless the input has one itself', () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const ask = { instances: [{ q: 'a', messages }], params: { temperature: 1 } };
    expect(readInvocations(ask, row)).toEqual([{ input: { q: 'a' }, messages, parameters: { temperature: 1 } }]);
    const own = { ...row, properties: { ...row.properties, messages: { type: 'array' } } };
    expect(readInvocations(ask, own)).toEqual([
      { input: { q: 'a', messages }, messages: [], parameters: { temperature: 1 } },
    ]);
  });
});

test.each<[JsonObject, string]>([
  [{}, 'has no input'],
  [{ inputs: [], instances: [] }, '2 times'],
  [{ instances: 'a' }, 'takes a list'],
  [{ dataframe_split: { columns: ['q'] } }, '`columns` and `data`'],
  [{ dataframe_split: { columns: ['q'], data: [['a', 'b']] } }, 'Row 0'],
  [{ inputs: ['a'], params: 7 }, '`params`'],
])('%j is refused', (body, reason) => {
  expect(() => readInvocations(body, row)).toThrow(reason);
});

test('a prediction stands for each row', () => {
  expect(writePredictions(['a', { b: 1 }])).toEqual({ predictions: ['a', { b: 1 }] });
});
