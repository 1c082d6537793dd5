import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalProvider, openCatalogue } from '../prices/genai-prices.ts';
import { type ProviderSetup, providersSection, readProviderSetups } from './provider-setup.ts';
import { vendors } from './vendors/index.ts';

const read = (file: object = {}, env: Record<string, string> = {}) => {
  const setups = readProviderSetups(providersSection.parse(file), env);
  return (name: string): ProviderSetup => {
    const found = setups.find((setup) => setup.name === name);
    if (found) return found;
    throw new Error(`no ${name} among ${setups.map((setup) => setup.name).join(' ')}`);
  };
};
const names = (file: object, env: Record<string, string>) =>
  readProviderSetups(providersSection.parse(file), env).map(({ name }) => name);
const secrets = (setup: ProviderSetup) => setup.keys.map(({ secret }) => secret);

describe('what is known of providers', () => {
  it('is every vendor under its own name, with the keys of the environment', () => {
    const of = read({}, { GROQ_API_KEY: 'g1, g2,', ANTHROPIC_API_KEY: 'a' });
    expect(of('groq')).toMatchObject({
      baseUrl: 'https://api.groq.com/openai/v1',
      keys: [
        { id: 'groq#1', secret: 'g1' },
        { id: 'groq#2', secret: 'g2' },
      ],
      keyNeeded: true,
      chosen: true,
      trusted: true,
    });
    expect(secrets(of('anthropic'))).toEqual(['a']);
    expect(of('mistral')).toMatchObject({ keys: [], keyNeeded: true, chosen: false, keyVariable: 'MISTRAL_API_KEY' });
    expect(of('ollama')).toMatchObject({ keys: [], keyNeeded: false, baseUrl: 'http://127.0.0.1:11434/v1' });
  });

  it('takes the identity of the machine instead of a key, where the file says so and the vendor knows machines', () => {
    const env = { AWS_ROLE_ARN: 'r', OPENAI_API_KEY: 'k', GOOGLE_APPLICATION_CREDENTIALS: '/nowhere' };
    const file = { bedrock: { identity: 'machine' }, vertex: { identity: 'machine', settings: { project: 'p' } } };
    const of = read(file, env);
    expect(of('bedrock').identity).toMatchObject({ AWS_ROLE_ARN: 'r' });
    expect(Object.keys(of('bedrock').identity ?? {})).not.toContain('OPENAI_API_KEY');
    expect(of('bedrock').keys).toEqual([{ id: 'bedrock#machine', secret: 'machine' }]);
    expect(of('vertex').identity).toMatchObject({ GOOGLE_APPLICATION_CREDENTIALS: '/nowhere' });
    expect(of('openai').identity).toBeNull();
    expect(() => read({ groq: { identity: 'machine' } }, {})('groq')).toThrow('knows keys, and no machines');
    expect(() => read({ bedrock: { identity: 'machine', apiKey: 'k' } }, {})('bedrock')).toThrow(
      'there is one as well',
    );
  });

  it('leaves out those that need an address or a setting which nobody said', () => {
    expect(names({}, {})).not.toEqual(expect.arrayContaining(['vertex']));
    expect(names({}, {})).not.toEqual(expect.arrayContaining(['azure-openai']));
    const of = read(
      {},
      {
        GOOGLE_CLOUD_PROJECT: 'p1',
        GOOGLE_CLOUD_LOCATION: 'europe-west4',
        AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com/',
      },
    );
    expect(of('vertex').baseUrl).toBe(
      'https://europe-west4-aiplatform.googleapis.com/v1/projects/p1/locations/europe-west4',
    );
    expect(read({}, { GOOGLE_CLOUD_PROJECT: 'p1' })('vertex').baseUrl).toBe(
      'https://aiplatform.googleapis.com/v1/projects/p1/locations/global',
    );
    expect(of('azure-openai')).toMatchObject({ baseUrl: 'https://r.openai.azure.com/openai/v1', keyNeeded: true });
    expect(of('bedrock').baseUrl).toBe('https://bedrock-runtime.us-east-1.amazonaws.com');
  });

  it('knows the credentials of AWS and Google in the forms that their own tools leave', () => {
    const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' };
    expect(secrets(read({}, aws)('bedrock'))).toEqual(['AKIA:s']);
    expect(secrets(read({}, { ...aws, AWS_SESSION_TOKEN: 't' })('bedrock'))).toEqual(['AKIA:s:t']);
    expect(secrets(read({}, { ...aws, AWS_BEARER_TOKEN_BEDROCK: 'b' })('bedrock'))).toEqual(['b']);
    expect(secrets(read({}, { AWS_ACCESS_KEY_ID: 'AKIA' })('bedrock'))).toEqual([]);
    const dir = mkdtempSync(join(tmpdir(), 'wh-google-'));
    const path = join(dir, 'adc.json');
    writeFileSync(path, '{"type":"service_account","a":"1,2"}');
    const google = { GOOGLE_CLOUD_PROJECT: 'p' };
    expect(secrets(read({}, { ...google, GOOGLE_APPLICATION_CREDENTIALS: path })('vertex'))).toEqual([
      '{"type":"service_account","a":"1,2"}',
    ]);
    rmSync(dir, { recursive: true });
    expect(() => read({}, { ...google, GOOGLE_APPLICATION_CREDENTIALS: path })).toThrow('not there');
  });

  it('takes the file over the environment', () => {
    const of = read(
      {
        groq: { apiKey: ['x', 'y'] },
        anthropic: { baseUrl: 'http://10.0.0.9/v1/', headers: { 'X-Team': 'a' } },
        eu: { vendor: 'azure-openai', baseUrl: 'https://eu.openai.azure.com/openai/v1', apiKeyVariable: 'EU_KEY' },
        mine: { baseUrl: 'http://10.0.0.8:8000/v1' },
      },
      { GROQ_API_KEY: 'g', ANTHROPIC_API_KEY: 'a', EU_KEY: 'e', OPENAI_API_KEY: 'o' },
    );
    expect(secrets(of('groq'))).toEqual(['x', 'y']);
    expect(of('anthropic')).toMatchObject({
      baseUrl: 'http://10.0.0.9/v1',
      headers: { 'x-team': 'a' },
      keyNeeded: false,
    });
    expect(secrets(of('eu'))).toEqual(['e']);
    expect(of('mine')).toMatchObject({ vendor: { name: 'openai-compatible' }, keys: [], keyNeeded: false });
  });

  it('sends a vendor’s keys to no address that only has its form', () => {
    const env = { OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g' };
    const file = { other: { vendor: 'openai', baseUrl: 'https://elsewhere.example/v1' }, two: { vendor: 'groq' } };
    expect(secrets(read(file, env)('other'))).toEqual([]);
    expect(secrets(read(file, env)('two'))).toEqual(['g']);
  });

  it.each([
    [{ sim: { baseUrl: 'http://x/v1' } }, 'providers.sim'],
    [{ mine: {} }, 'baseUrl'],
    [{ vertex: {} }, 'settings.project'],
    [{ mine: { vendor: 'nope', baseUrl: 'http://x/v1' } }, 'nope'],
    [{ groq: { settings: { region: 'x' } } }, 'region'],
  ])('refuses %j with a sentence', (file, part) => {
    expect(() => read(file)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(part) }),
    );
  });

  it('lets no setting break out of its place in the address', () => {
    for (const region of ['evil.example/#', 'a@b', '../x', 'a b', 'x:1'])
      expect(() => read({ bedrock: { settings: { region } } })).toThrow('The setting `region`');
  });
});

it('vendors on the internet are in the catalogue of prices, under the name that a call would have', async () => {
  const priced = new Set((await openCatalogue().list()).map(({ provider }) => provider));
  const remote = vendors.filter(({ keyNeeded }) => keyNeeded).map(({ name }) => canonicalProvider(name));
  expect(remote.filter((name) => !priced.has(name))).toEqual([]);
});

describe.each(vendors.map((vendor) => [vendor.name, vendor] as const))('the vendor %s', (name, vendor) => {
  it('is described in full', () => {
    expect(name).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(vendors.filter((other) => other.name === name)).toHaveLength(1);
    expect(vendor.endpoints.length).toBeGreaterThan(0);
    const settings = Object.fromEntries(vendor.settings.map((setting) => [setting.name, setting.fallback ?? 'x']));
    const baseUrl = typeof vendor.baseUrl === 'function' ? vendor.baseUrl(settings) : vendor.baseUrl;
    if (baseUrl !== null) {
      const { protocol, hostname } = new URL(baseUrl);
      expect(protocol === 'https:' || hostname === '127.0.0.1').toBe(true);
      expect(baseUrl.endsWith('/')).toBe(false);
    }
    if (vendor.keyNeeded) expect(vendor.keyVariables.length).toBeGreaterThan(0);
    expect(Object.keys(vendor.headers)).toEqual(Object.keys(vendor.headers).map((header) => header.toLowerCase()));
  });

  it('names a model in its paths as nothing but a part', () => {
    const odd = '../a b/ü?x#y';
    for (const { path } of vendor.endpoints)
      for (const stream of [true, false]) {
        const url = new URL(path(odd, { stream }), 'https://h');
        expect(url.hash).toBe('');
        expect(path(odd, { stream }).startsWith('/')).toBe(true);
        expect(decodeURIComponent(url.pathname).includes(odd)).toBe(url.pathname.includes('%2F'));
        expect([...url.searchParams.keys()]).toEqual(
          name === 'gemini' || name === 'vertex' ? (stream ? ['alt'] : []) : [],
        );
      }
  });
});
