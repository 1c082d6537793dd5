import { defaultProjectId, type LiveEvent, type WheelhouseError } from '@wheelhouse/core/records';
import { fakeModelStore } from '@wheelhouse/testing/fakes';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createClock, systemRandom } from '../world.ts';
import { createDeploymentReader, type LiveDeployments } from './deployment-reader.ts';
import { createRegistryHandlers } from './registry.ts';

const by = { project: defaultProjectId, actor: 'local' };
let reader: LiveDeployments;
let api: ReturnType<typeof createRegistryHandlers>;
let events: LiveEvent[];

beforeEach(() => {
  const models = fakeModelStore();
  events = [];
  reader = createDeploymentReader(models, () => [defaultProjectId]);
  api = createRegistryHandlers({
    models,
    feed: { publish: (event) => events.push(event), subscribe: () => () => {} },
    checker: createSchemaChecker(),
    clock: createClock(),
    random: systemRandom,
    changed: () => reader.refresh(),
  });
});

const version = (content: string, more = {}) => ({
  flavor: 'prompt' as const,
  baseModel: 'sim/echo',
  messages: [{ role: 'system' as const, content }],
  parameters: {},
  message: '',
  ...more,
});
const create = (content = 'Be {{tone}}.') =>
  api.createModel({
    by,
    params: {},
    query: undefined,
    body: { name: 'bot', description: '', version: version(content) },
  });
const publish = (content: string, more = {}) =>
  api.createVersion({ by, params: { name: 'bot' }, query: undefined, body: version(content, more) });
const move = (alias: string, to: number) =>
  api.moveAlias({ by, params: { name: 'bot', alias }, query: undefined, body: { version: to } });
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: WheelhouseError) => error.code,
  );

describe('the registry', () => {
  it('publishes versions with an inferred signature and a content hash', async () => {
    const { model, versions } = await create();
    expect(model).toMatchObject({ name: 'bot', latest: 1, aliases: [] });
    expect(versions[0]).toMatchObject({
      number: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      signature: { input: { properties: { tone: { type: 'string' } }, required: ['tone'] } },
    });
    expect(await publish('Be {{tone}}.')).toMatchObject({ number: 1 });
    expect(await publish('Be very {{tone}}.')).toMatchObject({ number: 2 });
  });

  it('has the gateway see a moved alias before the answer is sent, and tells the live feed', async () => {
    await create();
    await publish('Other.');
    expect((await move('production', 1)).model.aliases).toMatchObject([{ alias: 'production', version: 1 }]);
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(1);
    await move('production', 2);
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(2);
    expect([...(reader.of(defaultProjectId).model('bot')?.versions.keys() ?? [])].sort()).toEqual([1, 2]);
    expect(events.at(-1)).toEqual({ project: defaultProjectId, type: 'models', name: 'bot' });
    await api.removeAlias({ by, params: { name: 'bot', alias: 'production' }, query: undefined, body: undefined });
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases).toEqual([]);
  });

  it('refuses what cannot be called, with its field', async () => {
    await create();
    expect(await code(publish('{{#open}}'))).toBe('invalid_request');
    expect(await code(publish('x', { parameters: { model: 'other' } }))).toBe('invalid_request');
    expect(await code(publish('x', { signature: { input: { type: 'nonsense' } } }))).toBe('invalid_request');
    expect(await code(publish('{{a}}', { signature: { input: { type: 'object', properties: {} } } }))).toBe(
      'invalid_request',
    );
    expect(await code(move('2', 1))).toBe('invalid_request');
    expect(await code(move('production', 9))).toMatch(/not_found/);
    expect(await code(create())).toBe('conflict');
    expect(await code(api.getModel({ by, params: { name: 'none' }, query: undefined, body: undefined }))).toBe(
      'not_found',
    );
  });
});
