import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../records/index.ts';
import { compareFields } from './field-behaviour.ts';

test('tells which places of structured answers are gone, new, of another type or another value', () => {
  const fields = compareFields([
    {
      before: [{ total: 3, items: [{ sku: 'a' }, { sku: 'b' }], note: null }],
      after: [{ total: '3', items: [{ sku: 'a' }, { sku: 'b' }], why: 'x' }],
    },
    { before: [{ total: 4, note: 'n' }], after: [{ total: '4', why: 'y' }, 'no JSON'] },
  ]);
  expect(fields.map(({ path, changed }) => [path, changed])).toEqual([
    ['note', 2],
    ['why', 2],
    ['total', 2],
    ['items[].sku', 0],
  ]);
  expect(fields[0]).toMatchObject({ before: { share: 1, types: ['null', 'string'] }, after: { share: 0, types: [] } });
  expect(fields[2]).toMatchObject({ before: { types: ['number'] }, after: { types: ['string'] } });
  expect(fields[3]).toMatchObject({ before: { share: 0.5 }, after: { share: 0.5 } });
});

test('one of several answers that is as before is enough, and texts have no places', () => {
  expect(compareFields([{ before: [{ a: 1 }, { a: 2 }], after: [{ a: 3 }, { a: 2 }] }])[0]?.changed).toBe(0);
  expect(compareFields([{ before: ['text'], after: [undefined] }])).toEqual([]);
});

test('nothing changes between a version and itself', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue() as fc.Arbitrary<Json>, { maxLength: 4 }), (answers) => {
      for (const { changed, before, after } of compareFields([{ before: answers, after: answers }])) {
        expect(changed).toBe(0);
        expect(before).toEqual(after);
      }
    }),
  );
});
