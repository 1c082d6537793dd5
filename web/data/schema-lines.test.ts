import { expect, it } from 'vitest';
import { pathsOf, schemaLines } from './schema-lines.ts';

const schema = {
  type: 'object',
  properties: {
    question: { type: 'string' },
    plan: { type: ['null', 'string'] },
    turns: { type: 'array', items: { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] } },
    tags: { type: 'array', items: { type: 'string' } },
    other: {},
  },
  required: ['question', 'turns'],
};

it('a schema is a line for each value: where it is, what it is, whether it is always there', () => {
  expect(schemaLines(schema, 'input').map(({ path, type, always }) => `${path} ${type} ${always}`)).toEqual([
    'input object true',
    'input.question string true',
    'input.plan null or string false',
    'input.turns list of object true',
    'input.turns[].role string true',
    'input.tags list of string false',
    'input.other anything false',
  ]);
  expect(schemaLines({}, 'expected')).toEqual([{ path: 'expected', type: 'anything', always: true }]);
});

it('paths that name one value of a row leave out what is in lists', () => {
  expect(pathsOf([...schemaLines(schema, 'input'), ...schemaLines({ type: 'object' }, 'metadata')])).toEqual([
    'input',
    'input.question',
    'input.plan',
    'input.turns',
    'input.tags',
    'input.other',
  ]);
});
