import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startUpstream, type Upstream } from '../upstream/index.ts';
import { cleanEnvironment, makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const bin = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'wheelhouse.mjs');
const secret = `gsk-${randomBytes(12).toString('hex')}`;

/** What of a folder holds the text, with everything below it. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}

describe('a key that is stored', () => {
  let upstream: Upstream;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  beforeAll(async () => {
    upstream = await startUpstream();
    folder = await makeFolder({
      providers: { groq: { baseUrl: `${upstream.url}/v1`, apiKeyVariable: 'GROQ_API_KEY' } },
    });
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await upstream?.close();
    await folder?.remove();
  });

  const call = async () => {
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'groq/llama', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    return { status: response.status, body: (await response.json()) as { error?: { code: string; hint: string } } };
  };
  const cli = (...args: string[]) => runCli(args, { env: { WHEELHOUSE_URL: house.url } });

  it('is asked for by name, given through stdin, and serves the next call', async () => {
    expect(await call()).toMatchObject({ status: 400, body: { error: { code: 'upstream_key_missing' } } });
    const printed = execFileSync(process.execPath, [bin, 'provider', 'key', 'add', 'groq', '--label', 'main'], {
      input: `${secret}\n`,
      env: cleanEnvironment({ WHEELHOUSE_URL: house.url }),
      encoding: 'utf8',
    });
    expect(printed).toMatch(new RegExp(`✓ pk_\\w+ …${secret.slice(-4)} main is stored, encrypted`));
    expect((await call()).status).toBe(200);
    expect(upstream.calls.map(({ key }) => key)).toEqual([secret]);
  });

  it('is shown by four characters, and to nobody in whole', async () => {
    const listed = await cli('provider', 'ls');
    expect(listed.stdout).toMatch(new RegExp(`groq +Groq .* pk_\\w+ …${secret.slice(-4)} main`));
    const answers = [
      await house.client.call('listProviders', {}),
      await house.client.call('listAudit', {}),
      await house.client.call('getServer', {}),
      listed,
      house.output,
    ];
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(JSON.stringify(answers[1])).toContain('provider.key.add');
  });

  it('is nowhere on the disk, there after a restart, and gone when it is removed', async () => {
    // A store that runs takes files away while they are looked at.
    await house.stop();
    expect(filesWith(folder.path, 'provider.key.add')).not.toEqual([]);
    expect(filesWith(folder.path, secret)).toEqual([]);
    expect(statSync(join(folder.path, '.wheelhouse', 'secret.key')).mode & 0o777).toBe(0o600);
    house = await startWheelhouse({ folder: folder.path });
    expect((await call()).status).toBe(200);
    const { data } = await house.client.call('listProviders', {});
    const id = data.find(({ name }) => name === 'groq')?.keys[0]?.id ?? '';
    expect((await cli('provider', 'key', 'rm', 'groq', id)).code).toBe(0);
    expect((await call()).status).toBe(400);
    expect(await cli('provider', 'key', 'rm', 'groq', id)).toMatchObject({ code: 2 });
  });

  it('cannot be sent into the operator’s network by a provider of a project', async () => {
    const { port } = new URL(upstream.url);
    for (const address of [
      `https://127.0.0.1:${port}/v1`,
      `https://2130706433:${port}`,
      'https://[::ffff:169.254.169.254]',
    ])
      expect(await cli('provider', 'add', 'inside', '--base-url', address)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('public internet'),
      });
    // This machine's own name passes the first look; no connection is made.
    expect((await cli('provider', 'add', 'inside', '--base-url', `https://${hostname()}:${port}/v1`)).code).toBe(0);
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'inside/x', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(response.ok).toBe(false);
    expect(upstream.calls.every(({ path }) => path.startsWith('/v1/'))).toBe(true);
    expect(upstream.calls.some(({ model }) => model === 'x')).toBe(false);
    expect((await cli('provider', 'rm', 'inside')).code).toBe(0);
  });
});
