import { describe, expect, it } from 'vitest';
import type { Model, ModelId, ModelVersion } from '../records/index.ts';
import { type RouteTable, resolveTarget } from './resolve-target.ts';

const model: Model = {
  id: 'md_1' as ModelId,
  name: 'support-bot',
  description: '',
  latest: 2,
  aliases: [{ alias: 'production', version: 1, movedAt: '2026-01-01T00:00:00Z' }],
  createdAt: '2026-01-01T00:00:00Z',
};
const version = (number: number, baseModel: string): ModelVersion => ({
  modelId: model.id,
  number,
  hash: '',
  definition: { flavor: 'prompt', baseModel, messages: [], parameters: {} },
  signature: { input: {}, output: {} },
  message: '',
  createdAt: '',
});
const versions = new Map([
  [1, version(1, 'sim/echo')],
  [2, version(2, 'openai/gpt-4o-mini')],
]);
const table: RouteTable = {
  providers: new Set(['openai', 'sim']),
  defaultProvider: null,
  find: (name) => (name === 'support-bot' ? { model, versions } : null),
};
const withDefault: RouteTable = { ...table, defaultProvider: 'openai' };

describe('resolving the name of a model', () => {
  it.each([
    ['support-bot@production', 'sim', 'echo', 1, 'production'],
    ['support-bot', 'sim', 'echo', 1, 'production'],
    ['support-bot@2', 'openai', 'gpt-4o-mini', 2, null],
    ['sim/echo', 'sim', 'echo', null, null],
    ['openai/org/some-model@latest', 'openai', 'org/some-model@latest', null, null],
  ])('%s goes to %s as %s', (ref, provider, vendorModel, number, alias) => {
    const target = resolveTarget(ref, table);
    expect([target.provider, target.vendorModel, target.version?.number ?? null, target.alias]).toEqual([
      provider,
      vendorModel,
      number,
      alias,
    ]);
  });

  it('gives names of no known provider to the default provider, slashes and all', () => {
    expect(resolveTarget('gpt-4o-mini', withDefault).vendorModel).toBe('gpt-4o-mini');
    expect(resolveTarget('Qwen/Qwen2-7B', withDefault).vendorModel).toBe('Qwen/Qwen2-7B');
  });

  it.each([
    ['support-bot@staging', 'no alias `staging`', 'support-bot@production'],
    ['support-bot@7', 'no version 7', 'newest version is 2'],
    ['other-bot@production', 'no model is registered', 'GET /v1/models'],
    ['gpt-4o-mini', 'no provider or registered model', 'openai, sim'],
  ])('refuses %s, says why and what there is', (ref, reason, hint) => {
    expect(() => resolveTarget(ref, table)).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        message: expect.stringContaining(reason),
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
