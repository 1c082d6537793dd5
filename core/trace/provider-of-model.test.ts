import { expect, it } from 'vitest';
import { providerOfModel } from './provider-of-model.ts';

it.each([
  ['gpt-4o-mini-2024-07-18', 'openai'],
  ['ft:gpt-4o-mini:acme', 'openai'],
  ['o3', 'openai'],
  ['Claude-sonnet-4-5', 'anthropic'],
  ['gemini-2.5-flash', 'gcp.gemini'],
  ['llama-3.3-70b', null],
  ['gpt4all-j', null],
  ['o30', null],
  ['', null],
  [null, null],
])('sells %s: %s', (model, provider) => {
  expect(providerOfModel(model)).toBe(provider);
});
