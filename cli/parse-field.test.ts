import { expect, it } from 'vitest';
import { parseField } from './parse-field.ts';

it('reads fields in short', () => {
  expect(parseField('good:boolean')).toEqual({ name: 'good', required: true, kind: 'boolean' });
  expect(parseField('why?:text')).toEqual({ name: 'why', required: false, kind: 'text' });
  expect(parseField('tone:-1-2.5')).toEqual({ name: 'tone', required: true, kind: 'number', low: -1, high: 2.5 });
  expect(parseField('verdict:good=1|so so=0.5|a=b')).toMatchObject({
    kind: 'choice',
    options: [
      { value: 'good', points: 1 },
      { value: 'so so', points: 0.5 },
      { value: 'a=b', points: null },
    ],
  });
  for (const wrong of ['good', ':boolean', 'good:maybe', 'Good:boolean', 'good:1', ''])
    expect(() => parseField(wrong)).toThrow('is no field');
});
