import { request } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'an-admin-key-of-enough-characters';
const chat = JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: 'hi' }] });

/** Status and error code of a request whose Host and Origin are given as they are. */
function send(url: string, options: { method?: string; headers?: Record<string, string>; body?: string }) {
  return new Promise<{ status: number; code: string | null; location: string | null }>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const call = request(url, { method, headers, setHost: !('host' in headers) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          code: text.startsWith('{') ? (JSON.parse(text).error?.code ?? null) : null,
          location: response.headers.location ?? null,
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

describe('on loopback, without a key', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  it.each(['application/json', 'text/plain'])('a page of another origin cannot call a model with %s', async (type) => {
    const headers = { origin: 'https://evil.example', 'content-type': type };
    expect(await send(`${house.url}/v1/chat/completions`, { method: 'POST', headers, body: chat })).toMatchObject({
      status: 403,
      code: 'forbidden_origin',
    });
  });

  it('a page whose name was pointed at this machine cannot read anything', async () => {
    for (const path of ['/api/v1/traces', '/v1/models', '/api/v1/live', '/']) {
      const answer = await send(`${house.url}${path}`, { headers: { host: 'evil.example' } });
      expect({ path, ...answer }).toMatchObject({ status: 403, code: 'forbidden_host' });
    }
  });

  it('our own page and clients without an Origin can', async () => {
    const port = new URL(house.url).port;
    expect(await send(`${house.url}/api/v1/traces`, {})).toMatchObject({ status: 200 });
    const headers = {
      host: `localhost:${port}`,
      origin: `http://localhost:${port}`,
      'content-type': 'application/json',
    };
    expect(await send(`${house.url}/v1/chat/completions`, { method: 'POST', headers, body: chat })).toMatchObject({
      status: 200,
    });
  });

  it('a second server on the same directory is refused, and the first goes on', async () => {
    const second = await runCli(['start', '--port', '0'], { cwd: folder.path });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/✕ .+\n {2}.*--dir/);
    expect(second.stderr).not.toMatch(/\n\s+at /);
    expect(await send(`${house.url}/readyz`, {})).toMatchObject({ status: 200 });
  });

  it('a second server on the same port is refused with a hint', async () => {
    const other = await makeFolder();
    const second = await runCli(['start', '--port', new URL(house.url).port], { cwd: other.path });
    await other.remove();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/✕ .+\n {2}.*--port/);
  });
});

describe('listening where others can reach it', () => {
  it('is refused without an admin key, and with a short one', async () => {
    const folder = await makeFolder();
    const open = await runCli(['start', '--port', '0', '--host', '0.0.0.0'], { cwd: folder.path });
    expect(open).toMatchObject({ code: 3, stdout: '' });
    expect(open.stderr).toMatch(/✕ .+\n {2}.*WHEELHOUSE_ADMIN_KEY/);
    const short = await runCli(['start', '--port', '0', '--host', '0.0.0.0'], {
      cwd: folder.path,
      env: { WHEELHOUSE_ADMIN_KEY: 'short' },
    });
    expect(short).toMatchObject({ code: 3, stdout: '' });
    await folder.remove();
  });

  describe('with an admin key', () => {
    let folder: Awaited<ReturnType<typeof makeFolder>>;
    let house: Wheelhouse;
    let browser: Browser;
    let url = '';

    beforeAll(async () => {
      folder = await makeFolder();
      const env = { WHEELHOUSE_ADMIN_KEY: adminKey };
      const args = ['--host', '0.0.0.0'];
      [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path, args, env }), launchChromium()]);
      url = house.url.replace('0.0.0.0', '127.0.0.1');
    });
    afterAll(async () => {
      await browser?.close();
      await house?.stop();
      await folder?.remove();
    });

    it('programs need it as Bearer', async () => {
      for (const path of ['/api/v1/traces', '/v1/models', '/api/v1/live']) {
        expect({ path, ...(await send(`${url}${path}`, {})) }).toMatchObject({ status: 401, code: 'unauthorized' });
      }
      const wrong = await send(`${url}/api/v1/traces`, { headers: { authorization: 'Bearer wrong' } });
      expect(wrong).toMatchObject({ status: 401, code: 'unauthorized' });
      expect(await send(`${url}/api/v1/traces`, { headers: { authorization: `Bearer ${adminKey}` } })).toMatchObject({
        status: 200,
      });
      const headers = { 'content-type': 'application/json' };
      expect(await send(`${url}/v1/chat/completions`, { method: 'POST', headers, body: chat })).toMatchObject({
        status: 401,
      });
    });

    it('health needs nothing and tells nothing', async () => {
      expect(await send(`${url}/healthz`, {})).toMatchObject({ status: 200 });
    });

    it('signing in leads no further than this server', async () => {
      const body = new URLSearchParams({ key: adminKey, next: '//evil.example/' }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(await send(`${url}/sign-in`, { method: 'POST', headers, body })).toMatchObject({
        status: 303,
        location: '/',
      });
    });

    it('a person signs in once and gets a cookie', async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${url}/models`);
      await page.waitForURL('**/sign-in?next=%2Fmodels');
      const form = page.locator('form').filter({ has: page.getByLabel('Admin key') });
      await page.getByText('Sign in with the admin key').click();
      await page.getByLabel('Admin key').fill('a wrong key');
      await form.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      expect(await context.cookies()).toEqual([]);
      await page.getByLabel('Admin key').fill(adminKey);
      await form.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL('**/models');
      await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
      expect(cookie?.value).not.toContain(adminKey);
      await context.close();
    });
  });
});
