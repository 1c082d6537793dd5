import { describe, expect, it } from 'vitest';
import type { Model, ModelId, ModelVersion } from '../records/index.ts';
import { type RouteTable, resolveTarget } from './resolve-target.ts';
import { defaultSettings, type Route, targetOf } from './route.ts';

const model: Model = {
  id: 'md_1' as ModelId,
  name: 'support-bot',
  description: '',
  tags: [],
  owner: null,
  latest: 3,
  aliases: [{ alias: 'production', version: 1, before: null, movedAt: '2026-01-01T00:00:00Z' }],
  createdAt: '2026-01-01T00:00:00Z',
  changedAt: '2026-01-01T00:00:00Z',
};
const version = (number: number, baseModel: string): ModelVersion => ({
  modelId: model.id,
  number,
  hash: '',
  definition: { flavor: 'base', baseModel },
  signature: { input: {}, output: {} },
  example: null,
  author: '',
  madeFrom: [],
  message: '',
  createdAt: '',
});
const versions = new Map([
  [1, version(1, 'sim/echo')],
  [2, version(2, 'openai/gpt-4o-mini')],
  [3, version(3, 'fast')],
]);
const fast: Route = {
  name: 'fast',
  targets: [targetOf('openai', 'a'), targetOf('sim', 'echo')],
  settings: defaultSettings,
};
const table: RouteTable = {
  providers: new Set(['openai', 'sim']),
  providerOf: () => null,
  routes: new Map([['fast', fast]]),
  settings: defaultSettings,
  find: (name) => (name === 'support-bot' ? { model, versions } : null),
};
const withDefault: RouteTable = { ...table, providerOf: () => 'openai' };

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

  it('knows the routes of the configuration, and versions that stand on one', () => {
    expect(resolveTarget('fast', table)).toMatchObject({ route: fast, version: null, name: null });
    expect(resolveTarget('support-bot@3', table)).toMatchObject({ route: fast, version: { number: 3 } });
    expect(resolveTarget('fast', withDefault).route).toBe(fast);
    expect(resolveTarget('openai/gpt-4o-mini', table).route).toEqual({
      name: null,
      targets: [targetOf('openai', 'gpt-4o-mini')],
      settings: defaultSettings,
    });
  });

  it('gives names of no known provider to the default provider, slashes and all', () => {
    expect(resolveTarget('gpt-4o-mini', withDefault).vendorModel).toBe('gpt-4o-mini');
    expect(resolveTarget('Qwen/Qwen2-7B', withDefault).vendorModel).toBe('Qwen/Qwen2-7B');
  });

  it.each([
    ['support-bot@staging', 'no alias `staging`', 'support-bot@production'],
    ['support-bot@7', 'no version 7', 'newest version is 3'],
    ['other-bot@production', 'no model is registered', 'GET /v1/models'],
    ['gpt-4o-mini', 'no provider, route or registered model', 'openai, sim. Routes: fast'],
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
