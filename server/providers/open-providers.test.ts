import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OwnAccounts, Provider } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type ProviderKeyId } from '@wheelhouse/core/records';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenProviders, openProviders } from './open-providers.ts';
import { providersSection, readProviderSetups } from './provider-setup.ts';
import { createSim } from './sim/create-sim.ts';

const blue = 'blue' as ProjectId;
const red = 'red' as ProjectId;

let opened: OpenProviders[] = [];
afterEach(async () => {
  for (const providers of opened) await providers.close();
  opened = [];
});

const setupsOf = (file: object, env: Record<string, string> = {}) =>
  readProviderSetups(providersSection.parse(file), env);

function open(file: object = {}, env: Record<string, string> = { OPENAI_API_KEY: 'server-key-1234' }): OpenProviders {
  const sim = createSim({ defaults: {}, nowMs: () => 0, newId: () => 'x' });
  const providers = openProviders({ setups: setupsOf(file, env), builtIn: [sim], nowMs: () => 0 });
  opened.push(providers);
  return providers;
}

const stamp = { createdBy: 'ann', createdAt: '2026-01-01T00:00:00.000Z' };
const ownKey = (project: ProjectId, provider: string, secret: string | null): OwnAccounts['keys'][number] => ({
  id: `pk_${project}_${provider}` as ProviderKeyId,
  provider,
  label: 'mine',
  last4: '9876',
  project,
  secret,
  ...stamp,
});
const ownProvider = (project: ProjectId, name: string, more: object = {}): OwnAccounts['providers'][number] => ({
  name,
  vendor: 'openai-compatible',
  baseUrl: 'https://llm.example.com/v1',
  settings: {},
  project,
  ...stamp,
  ...more,
});
const secretsOf = (provider: Provider | null) => provider?.keys().map(({ secret }) => secret);

describe('the providers', () => {
  it('are the same for every project until one brings its own key, which serves nobody else', () => {
    const providers = open();
    expect(providers.find(blue, 'openai')).toBe(providers.find(red, 'openai'));
    providers.setOwn({ providers: [], keys: [ownKey(blue, 'openai', 'blue-key')] });
    expect(secretsOf(providers.find(blue, 'openai'))).toEqual(['blue-key']);
    expect(secretsOf(providers.find(red, 'openai'))).toEqual(['server-key-1234']);
    expect(providers.find(blue, 'openai')?.id).not.toBe(providers.find(red, 'openai')?.id);
    providers.setOwn({ providers: [], keys: [] });
    expect(secretsOf(providers.find(blue, 'openai'))).toEqual(['server-key-1234']);
  });

  it('are asked in the name of the machine by nobody who brings a key', async () => {
    const seen: (string | undefined)[] = [];
    const vendor = createServer((req, res) => {
      seen.push(req.headers.authorization);
      res.end('{}');
    });
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
    const env = { AWS_ACCESS_KEY_ID: 'AKIAMACHINE', AWS_SECRET_ACCESS_KEY: 's' };
    const providers = open({ bedrock: { identity: 'machine', baseUrl } }, env);
    providers.setOwn({ providers: [], keys: [ownKey(blue, 'bedrock', 'blue-key')] });
    for (const project of [red, blue]) {
      const provider = providers.find(project, 'bedrock');
      await new Promise<void>((resolve, reject) =>
        provider?.forward(
          {
            ...{ method: 'POST', path: '/model/m/converse', headers: {}, body: null, connectTimeoutMs: 5_000 },
            key: provider.keys()[0] ?? null,
          },
          { onHeaders() {}, onData: () => true, onEnd: resolve, onError: reject },
        ),
      );
    }
    expect(seen).toEqual([expect.stringContaining('Credential=AKIAMACHINE/'), 'Bearer blue-key']);
    expect(providers.describe(red).find(({ name }) => name === 'bedrock')?.keys).toMatchObject([
      { label: 'the identity of this machine', last4: '' },
    ]);
    vendor.closeAllConnections();
    await new Promise((resolve) => vendor.close(resolve));
  });

  it('do not fall back to the server’s key when a project’s own cannot be read', () => {
    const providers = open();
    providers.setOwn({ providers: [], keys: [ownKey(blue, 'openai', null)] });
    expect(secretsOf(providers.find(blue, 'openai'))).toEqual([]);
    expect(providers.find(blue, 'openai')?.keyHint).not.toBeNull();
    const [key] = providers.describe(blue).find(({ name }) => name === 'openai')?.keys ?? [];
    expect(key).toMatchObject({ state: 'unreadable', last4: '9876', from: 'project' });
  });

  it('of a project are there for it alone', () => {
    const providers = open();
    providers.setOwn({ providers: [ownProvider(blue, 'mine')], keys: [ownKey(blue, 'mine', 'k')] });
    expect(secretsOf(providers.find(blue, 'mine'))).toEqual(['k']);
    expect(providers.names(blue).has('mine')).toBe(true);
    expect(providers.find(red, 'mine')).toBeNull();
    expect(providers.names(red).has('mine')).toBe(false);
    expect(providers.names(red).has('sim')).toBe(true);
  });

  it('of a project lead to no address inside, whatever the store says', () => {
    const providers = open();
    providers.setOwn({ providers: [ownProvider(blue, 'mine', { baseUrl: 'https://10.0.0.1/v1' })], keys: [] });
    expect(providers.find(blue, 'mine')).toBeNull();
    expect(providers.describe(blue).some(({ name }) => name === 'mine')).toBe(false);
  });

  it.each([
    [{ name: 'groq' }, 'conflict', 'name'],
    [{ name: 'sim' }, 'conflict', 'name'],
    [{ vendor: 'nope' }, 'invalid_request', 'vendor'],
    [{ baseUrl: null }, 'invalid_request', 'baseUrl'],
    [{ baseUrl: 'https://[::1]/v1' }, 'invalid_request', 'baseUrl'],
    [{ vendor: 'vertex', baseUrl: null }, 'invalid_request', 'settings.project'],
    [{ vendor: 'bedrock', baseUrl: null, settings: { region: 'x.evil/#' } }, 'invalid_request', 'settings.region'],
    [{ settings: { region: 'x' } }, 'invalid_request', 'settings.region'],
    [{ vendor: 'ollama', baseUrl: null }, 'invalid_request', 'baseUrl'],
  ])('refuse a project’s %j', (more, code, param) => {
    expect(open().refusal(blue, ownProvider(blue, 'mine', more))).toMatchObject({ code, param });
  });

  it('are configured anew while they are in use', () => {
    const providers = open({ one: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'a' } });
    providers.setOwn({ providers: [ownProvider(blue, 'mine')], keys: [] });
    const before = providers.find(defaultProjectId, 'one');
    providers.configure(setupsOf({ two: { baseUrl: 'http://127.0.0.1:2/v1' } }));
    expect(providers.find(defaultProjectId, 'one')).toBeNull();
    expect(providers.find(defaultProjectId, 'two')).not.toBeNull();
    expect(providers.find(blue, 'mine')).not.toBeNull();
    expect(secretsOf(before)).toEqual(['a']);
  });

  it('are described without a secret', () => {
    const providers = open({
      mine: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'tiny', headers: { 'x-token': 'hidden' } },
    });
    providers.setOwn({ providers: [], keys: [ownKey(blue, 'groq', 'secret-of-blue')] });
    const text = JSON.stringify([providers.describe(blue), providers.describe(red), providers.vendors()]);
    for (const secret of ['server-key-1234', 'tiny', 'hidden', 'secret-of-blue']) expect(text).not.toContain(secret);
    const openai = providers.describe(red).find(({ name }) => name === 'openai');
    expect(openai?.keys).toMatchObject([{ id: 'openai#1', label: 'OPENAI_API_KEY', last4: '1234', from: 'server' }]);
    expect(providers.describe(blue).find(({ name }) => name === 'groq')).toMatchObject({
      chosen: true,
      from: 'server',
    });
  });
});
