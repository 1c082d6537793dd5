import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopback, loadConfig } from './config.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'wh-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));
const load = (env: Record<string, string> = {}, flags = {}) => loadConfig({ cwd, env, flags });
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

describe('the configuration', () => {
  it('has defaults that work on a laptop', async () => {
    expect(await load()).toMatchObject({
      host: '127.0.0.1',
      port: 4400,
      dir: join(cwd, '.wheelhouse'),
      adminKey: null,
      databaseUrl: null,
      file: null,
      defaultProvider: null,
    });
  });

  it('takes flags over environment over .env.local over .env over the file', async () => {
    write('wheelhouse.config.json', '{"server":{"port":1,"host":"localhost","dir":"data"}}');
    expect((await load()).port).toBe(1);
    write('.env', 'WHEELHOUSE_PORT=2\nOPENAI_API_KEY=from-env-file');
    expect(await load()).toMatchObject({ port: 2, dir: join(cwd, 'data'), host: 'localhost' });
    write('.env.local', 'WHEELHOUSE_PORT=3');
    expect((await load()).port).toBe(3);
    expect((await load({ WHEELHOUSE_PORT: '4' })).port).toBe(4);
    expect((await load({ WHEELHOUSE_PORT: '4' }, { port: 5 })).port).toBe(5);
    expect((await load()).providers[0]?.keys).toEqual([{ id: 'openai#1', secret: 'from-env-file' }]);
  });

  it('reads a typed wheelhouse.config.ts', async () => {
    write(
      'wheelhouse.config.ts',
      "type Port = number;\nconst port: Port = 4500;\nexport default { server: { port }, providers: { groq: { baseUrl: 'https://api.groq.com/openai/v1/', apiKeyVariable: 'GROQ_API_KEY' } } };\n",
    );
    const config = await load({ GROQ_API_KEY: 'g', OPENAI_API_KEY: 'o' });
    expect(config.port).toBe(4500);
    const chosen = config.providers.filter((p) => p.chosen);
    expect(chosen.map((p) => [p.name, p.baseUrl, p.keys[0]?.secret])).toEqual([
      ['openai', 'https://api.openai.com/v1', 'o'],
      ['groq', 'https://api.groq.com/openai/v1', 'g'],
    ]);
    expect(config.defaultProvider).toBe('openai');
  });

  it('needs no key where the base URL is not OpenAI’s own', async () => {
    const config = await load({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' });
    expect(config.providers[0]).toMatchObject({ keyNeeded: false, keys: [] });
    expect(config.defaultProvider).toBe('openai');
  });

  it.each([
    ['wheelhouse.config.json', '{"server":{"prot":1}}', 'server'],
    ['wheelhouse.config.json', '{', 'cannot be read'],
    ['wheelhouse.config.json', '{"providers":{"sim":{"baseUrl":"http://x/v1"}}}', 'providers.sim'],
    ['wheelhouse.config.json', '{"defaultProvider":"nope"}', 'nope'],
    ['wheelhouse.config.ts', 'throw new Error("boom")', 'boom'],
  ])('refuses a %s of %s with a sentence', async (name, text, part) => {
    write(name, text);
    await expect(load()).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining(part) });
  });

  it('listens beyond loopback only with an admin key that is long enough', async () => {
    await expect(load({}, { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'bind_refused' });
    await expect(load({ WHEELHOUSE_ADMIN_KEY: 'short' })).rejects.toMatchObject({ code: 'config_invalid' });
    expect(await load({ WHEELHOUSE_ADMIN_KEY: 'k'.repeat(24) }, { host: '0.0.0.0' })).toMatchObject({
      loopback: false,
    });
  });

  it('knows loopback from what only looks like it', () => {
    expect(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(['0.0.0.0', '::', '127.0.0.1.example.org', '10.0.0.1', 'localhost.example.org'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
