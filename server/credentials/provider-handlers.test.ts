import { randomBytes } from 'node:crypto';
import type { HandlerRequest, RouteId } from '@wheelhouse/core/contract';
import { providerSchemas } from '@wheelhouse/core/contract';
import type { Provider, SecretBox } from '@wheelhouse/core/ports';
import { type Caller, msToNanos, type ProjectId } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeProviderStore } from '@wheelhouse/testing/fakes';
import { afterEach, describe, expect, it } from 'vitest';
import { openProviders } from '../providers/open-providers.ts';
import { readProviderSetups } from '../providers/provider-setup.ts';
import { createSecretBox } from '../secret-box.ts';
import { createCredentialReader } from './credential-reader.ts';
import { createProviderHandlers } from './provider-handlers.ts';

const secret = 'sk-live-very-secret-abcd';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const caller = (project: string): Caller => ({
  project: project as ProjectId,
  actor: 'ann',
  role: 'admin',
  key: null,
  person: null,
  team: null,
});
const newBox = (key = randomBytes(32)): SecretBox =>
  createSecretBox({ given: key.toString('base64'), dir: '/nowhere', shared: true });

function world(box = newBox(), audit = fakeAuditStore(), store = fakeProviderStore(audit)) {
  const warned: string[] = [];
  const providers = openProviders({
    setups: readProviderSetups({}, { OPENAI_API_KEY: 'sk-of-the-server-zzzz' }),
    builtIn: [],
    nowMs: () => 0,
  });
  closers.push(() => providers.close());
  const log = { warn: (_: object, text: string) => void warned.push(text) };
  const reader = createCredentialReader({ store, box, catalogue: providers, log });
  const handlers = createProviderHandlers({
    store,
    catalogue: providers,
    box,
    clock: { now: () => msToNanos(Date.now()) },
    random: { bytes: (length) => randomBytes(length) },
    changed: () => reader.refresh(),
  });
  const secretsOf = (project: string, name: string): string[] | undefined => {
    const found: Provider | null = providers.find(project as ProjectId, name);
    return found?.keys().map((key) => key.secret);
  };
  return { handlers, reader, providers, audit, store, warned, secretsOf };
}

const request = <Id extends RouteId>(project: string, rest: object): HandlerRequest<Id> =>
  ({ by: caller(project), params: {}, query: undefined, body: undefined, ...rest }) as unknown as HandlerRequest<Id>;
const addKey = (project: string, provider: string, body: object = { secret }) =>
  request<'addProviderKey'>(project, { params: { provider }, body: providerSchemas.newProviderKey.parse(body) });

describe('the keys that projects store', () => {
  it('serve their project at once, are never given out, and are gone when removed', async () => {
    const { handlers, secretsOf, store, audit } = world();
    const added = await handlers.addProviderKey(addKey('blue', 'openai', { secret: ` ${secret}\n`, label: 'main' }));
    expect(added).toMatchObject({
      name: 'openai',
      keys: [{ label: 'main', last4: 'abcd', from: 'project', state: 'ready' }],
    });
    expect(secretsOf('blue', 'openai')).toEqual([secret]);
    expect(secretsOf('red', 'openai')).toEqual(['sk-of-the-server-zzzz']);
    const listed = await handlers.listProviders(request('blue', {}));
    const entries = await audit.list('blue' as ProjectId, { limit: 10 });
    expect(JSON.stringify([added, listed, entries])).not.toContain('very-secret');
    expect(Buffer.from((await store.snapshot()).keys[0]?.sealed ?? []).includes('very-secret')).toBe(false);
    expect(providerSchemas.providerList.parse(listed)).toEqual(listed);
    const keyId = added.keys[0]?.id ?? '';
    const remove = (project: string) =>
      handlers.removeProviderKey(request(project, { params: { provider: 'openai', keyId } }));
    expect(await remove('red')).toEqual({ removed: false });
    expect(await remove('blue')).toEqual({ removed: true });
    expect(secretsOf('blue', 'openai')).toEqual(['sk-of-the-server-zzzz']);
  });

  it('cannot be used in another place than they were stored for', async () => {
    const { handlers, store, reader, secretsOf, warned } = world();
    await handlers.addProviderKey(addKey('blue', 'openai'));
    const { keys } = await store.snapshot();
    const stolen = keys.map((key) => ({ ...key, project: 'red' as ProjectId }));
    store.snapshot = async () => ({ providers: [], keys: stolen });
    await reader.refresh();
    await reader.refresh();
    expect(secretsOf('red', 'openai')).toEqual([]);
    expect(warned).toHaveLength(1);
  });

  it('are kept, and said to be unreadable, under another master key', async () => {
    const before = world();
    await before.handlers.addProviderKey(addKey('blue', 'groq'));
    const after = world(newBox(), before.audit, before.store);
    await after.reader.refresh();
    const { data } = await after.handlers.listProviders(request('blue', {}));
    expect(data.find(({ name }) => name === 'groq')?.keys).toMatchObject([{ state: 'unreadable', last4: 'abcd' }]);
  });

  it('are refused for a provider that is not there, and beyond a hundred', async () => {
    const { handlers } = world();
    await expect(handlers.addProviderKey(addKey('blue', 'nope'))).rejects.toMatchObject({ code: 'not_found' });
    for (let count = 0; count < 100; count++) await handlers.addProviderKey(addKey('blue', 'groq'));
    await expect(handlers.addProviderKey(addKey('blue', 'groq'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(handlers.addProviderKey(addKey('blue', 'groq', { secret: '  ' }))).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(handlers.addProviderKey(addKey('blue', 'openai', { secret: '  ' }))).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'secret',
    });
  });
});

describe('the providers that projects set up', () => {
  const create = (project: string, body: object) =>
    request<'createProvider'>(project, { body: providerSchemas.newProvider.parse(body) });

  it('can be called by them alone, and go with their keys', async () => {
    const { handlers, providers, store } = world();
    const made = await handlers.createProvider(create('blue', { name: 'mine', baseUrl: 'https://llm.example.com/v1' }));
    expect(providerSchemas.provider.parse(made)).toMatchObject({
      name: 'mine',
      from: 'project',
      vendor: 'openai-compatible',
    });
    await handlers.addProviderKey(addKey('blue', 'mine'));
    expect(providers.find('red' as ProjectId, 'mine')).toBeNull();
    await expect(
      handlers.createProvider(create('blue', { name: 'mine', baseUrl: 'https://x.example/v1' })),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await handlers.removeProvider(request('red', { params: { provider: 'mine' } }))).toEqual({ removed: false });
    expect(await handlers.removeProvider(request('blue', { params: { provider: 'mine' } }))).toEqual({ removed: true });
    expect(providers.find('blue' as ProjectId, 'mine')).toBeNull();
    expect((await store.snapshot()).keys).toEqual([]);
  });

  it('may not lead into the operator’s network', async () => {
    const { handlers, store } = world();
    for (const baseUrl of ['https://169.254.169.254/v1', 'http://llm.example.com/v1', 'https://[::ffff:10.0.0.1]/v1'])
      await expect(handlers.createProvider(create('blue', { name: 'mine', baseUrl }))).rejects.toMatchObject({
        param: 'baseUrl',
      });
    expect((await store.snapshot()).providers).toEqual([]);
  });

  it('can have the form of every vendor that the list names', async () => {
    const { handlers } = world();
    const { data } = await handlers.listVendors(request('blue', {}));
    expect(providerSchemas.vendorList.parse({ data })).toEqual({ data });
    for (const { name, settings } of data) {
      const said = Object.fromEntries(settings.map((setting) => [setting.name, 'x1']));
      const body = { name: `my-${name}`, vendor: name, baseUrl: 'https://llm.example.com/v1', settings: said };
      expect(await handlers.createProvider(create('blue', body))).toMatchObject({ vendor: name });
    }
  });
});
