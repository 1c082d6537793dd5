import { expect, it } from 'vitest';
import { openapiDocument } from './openapi.ts';

it('describes every route, forms that hold themselves among them', () => {
  const text = JSON.stringify(openapiDocument('1.2.3'));
  expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
});
