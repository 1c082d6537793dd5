import { describe, expect, it } from 'vitest';
import { problemOf } from './load-file.ts';

const optimizer = { name: 'x', options: {}, search: async () => undefined };
const whole = { name: 'x', program: 'a@production', data: 'd', metric: 'exact', optimizer, budget: {} };

describe('a file of an optimization', () => {
  it.each<[string | null, unknown]>([
    ['its default export is no optimization', 7],
    ['it has no `name`', { ...whole, name: '' }],
    ['it has no `program`', { ...whole, program: undefined }],
    ['it has no `data`', { ...whole, data: undefined }],
    ['it has no `metric`', { ...whole, metric: undefined }],
    ['it has no `optimizer`', { ...whole, optimizer: { name: 'x' } }],
    ['its default export is no optimization', { x: 1 }],
    [null, { ...whole, budget: undefined }],
    [null, whole],
  ])('is refused where it shows at once what is missing: %s', (problem, value) => {
    expect(problemOf(value)).toBe(problem);
  });
});
