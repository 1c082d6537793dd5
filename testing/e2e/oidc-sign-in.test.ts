import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IdentityProvider, startIdentityProvider } from '../access/identity-provider.ts';
import { launchChromium } from '../chromium/index.ts';
import { expectAccessible } from './look-at-page.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const client = { clientId: 'wheelhouse', clientSecret: 'a-secret-of-the-client' };

/** The provider is on another port and its pages send the browser on, as real ones do: cookies and redirects are the browser's. */
describe('signing in at a provider of identities, in a browser', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let identities: IdentityProvider;
  let house: Wheelhouse;
  let browser: Browser;

  beforeAll(async () => {
    [folder, identities] = await Promise.all([makeFolder(), startIdentityProvider()]);
    const env = {
      WHEELHOUSE_ADMIN_KEY: 'an-admin-key-of-thirty-two-chars',
      WHEELHOUSE_OIDC_ISSUER: identities.issuer,
      WHEELHOUSE_OIDC_CLIENT_ID: client.clientId,
      WHEELHOUSE_OIDC_CLIENT_SECRET: client.clientSecret,
    };
    [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path, env }), launchChromium()]);
    identities.serve({ ...client, redirectUri: `${house.url}/sign-in/oidc/callback` });
    await house.client.call('invitePerson', { body: { email: 'grace@example.com', role: 'editor' } });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await identities?.close();
    await folder?.remove();
  });

  async function arrive(path: string) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${house.url}${path}`);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/sign-in');
    await expectAccessible(page);
    await page.getByRole('link', { name: /^Sign in with / }).click();
    return { context, page };
  }

  it('lets in who was invited, to the page that was asked for, until they sign out', async () => {
    identities.as({ id: 'grace-1', email: 'grace@example.com', verified: true, name: 'Grace' });
    const { context, page } = await arrive('/settings/keys?show=all');
    await page.getByText('No keys yet').waitFor();
    expect(page.url()).toBe(`${house.url}/settings/keys?show=all`);
    await page.getByTitle(/^grace@example.com, editor/).waitFor();
    const session = (await context.cookies()).find(({ name }) => name === 'wheelhouse_session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate(() => document.cookie)).not.toContain('wheelhouse_session');

    await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: /^Sign in with / }).waitFor();
    await page.goto(`${house.url}/settings/keys`);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/sign-in');
    await context.close();
  });

  it('turns away who was not invited, and says so', async () => {
    identities.as({ id: 'mallory', email: 'mallory@example.com', verified: true, name: 'M' });
    const { context, page } = await arrive('/traces');
    await page.getByRole('alert').getByText('Nobody of this address was invited here.').waitFor();
    await expectAccessible(page);
    await page.goto(`${house.url}/traces`);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/sign-in');
    await context.close();
  });
});
