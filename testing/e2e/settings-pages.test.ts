import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, expectGoodNow, expectGoodPage, takePicture, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { gatewayConfig, seedGateway } from './seed-gateway.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'an-admin-key-of-thirty-two-chars';
const password = 'a password of some length';

const pages = [
  { name: 'settings-signed-in', path: '/settings', settled: 'Single-key shortcuts' },
  { name: 'people', path: '/settings/people', settled: 'grace@example.com' },
  { name: 'invite', path: '/settings/people?open=invite', settled: 'Make the link' },
  { name: 'keys', path: '/settings/keys', settled: 'support-bot' },
  { name: 'key-new', path: '/settings/keys?open=new', settled: 'Make the key' },
  { name: 'gateway', path: '/settings/gateway', settled: 'near its end' },
  { name: 'budget-new', path: '/settings/gateway?open=budget', settled: 'Set the budget' },
  { name: 'provider-key-new', path: '/settings/gateway?open=key&provider=groq', settled: 'Store it' },
  { name: 'audit', path: '/settings/audit', settled: 'budget.set' },
];

describe('a server for several people', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  /** Of the admin key, of an admin and of a viewer: what a browser keeps. */
  const kept: Record<string, { cookies: []; origins: [] }> = {};

  const wide = { viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'] };
  const open = (path: string, who?: string) =>
    visit(browser, `${house.url}${path}`, { ...wide, ...(who && kept[who] && { storageState: kept[who] }) });
  const keep = async (who: string, page: Page) => {
    kept[who] = (await page.context().storageState()) as (typeof kept)[string];
  };

  beforeAll(async () => {
    opened = await openHouse({ config: gatewayConfig, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
    ({ house, browser } = opened);
  });
  afterAll(() => opened?.close());

  it('asks who somebody is on one accessible page that fits 320 pixels, and says what was wrong', async () => {
    const { page, close } = await open('/settings/keys');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/sign-in');
    await expectGoodNow(page, 'sign-in');
    await page.getByText('Sign in with the admin key').click();
    await page.getByLabel('Admin key').fill('not the key');
    await page.getByLabel('Admin key').press('Enter');
    await page.getByText('This is not the admin key.').waitFor();
    await expectGoodNow(page, 'sign-in-refused');
    await close();
  });

  it('lets the admin key in, back to the page that was asked for', async () => {
    const { page, close } = await open('/settings/keys?show=all');
    await page.getByText('Sign in with the admin key').click();
    await page.getByLabel('Admin key').fill(adminKey);
    await page.getByLabel('Admin key').press('Enter');
    await page.getByText('No keys yet').waitFor();
    expect(page.url()).toBe(`${house.url}/settings/keys?show=all`);
    await keep('owner', page);
    await close();
  });

  it.each([
    ['ada', 'admin'],
    ['vera', 'viewer'],
  ])('invites %s as %s by a link that is shown once, and they join', async (who, role) => {
    const { page, close } = await open('/settings/people', 'owner');
    await page.getByRole('button', { name: 'Invite' }).waitFor();
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill(`${who}@example.com`);
    await dialog.getByLabel('Role').selectOption(role);
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.getByRole('region', { name: 'The link of the invitation' }).textContent();
    if (who === 'ada') await takePicture(page, 'invited');
    await expectAccessible(page);
    await close();

    const joining = await visit(browser, link ?? '', wide);
    if (who === 'ada') await takePicture(joining.page, 'join');
    await expectAccessible(joining.page);
    await joining.page.getByLabel('Your name').fill(who === 'ada' ? 'Ada' : 'Vera');
    await joining.page.getByLabel(/^A password/).fill(password);
    await joining.page.getByRole('button', { name: 'Join' }).click();
    await joining.page.getByRole('navigation', { name: 'Main' }).waitFor();
    await keep(who, joining.page);
    await joining.close();
  });

  it('signs out, and in again by address and password', async () => {
    const { page, close } = await open('/settings', 'ada');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Address').fill('ada@example.com');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByTitle(/^ada@example.com, admin/).waitFor();
    await keep('ada', page);
    await close();
  });

  it('makes a key that is shown once and works, and revokes it', async () => {
    const { page, close } = await open('/settings/keys', 'ada');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?open=new');
    await page.getByLabel('Name').fill('for-an-hour');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('button', { name: 'Copy: The key' }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toMatch(/^wh_\w{40,}$/);
    const secret = await copied();
    await takePicture(page, 'key-made');
    await expectAccessible(page);
    const call = () =>
      fetch(`${house.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } }).then(({ status }) => status);
    expect(await call()).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText(`wh_…${secret.slice(-4)}`).waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Revoke for-an-hour' }).click();
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByText('Show 1 that ended, too').click();
    await page.getByText(/^revoked /).waitFor();
    expect(await call()).toBe(401);
    await close();
  });

  describe('with content', () => {
    beforeAll(async () => {
      await seedGateway(house.url, house.client);
      await house.client.call('invitePerson', { body: { email: 'grace@example.com', role: 'editor' } });
    });

    it.each(pages)('$name is accessible, small, narrow where it must be, and without errors', async (target) => {
      const state = kept.ada;
      await expectGoodPage({ browser, house, ...(state && { state }) }, target);
    });

    it('streams an answer to a request that is tried, and says where it went', async () => {
      const { page, problems, close } = await open('/settings/gateway?model=fast', 'ada');
      await page.getByRole('heading', { name: 'Try a request' }).waitFor();
      await page.keyboard.press('v');
      await page.keyboard.type('Hello there');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('link', { name: 'open its trace' }).waitFor();
      await expect.poll(() => page.getByText(/^sim\/(echo|rules)$/).count()).toBeGreaterThan(0);
      await page.getByRole('heading', { name: 'Try a request' }).scrollIntoViewIfNeeded();
      await takePicture(page, 'gateway-try');
      await page.getByRole('combobox', { name: 'Model' }).fill('nobody/knows');
      await page.getByRole('button', { name: /^Send/ }).click();
      await page.getByText(/There is no model `nobody\/knows`/).waitFor();
      expect(problems.filter((text) => !text.includes('404'))).toEqual([]);
      await close();
    });

    it('sets and removes a budget, and stores and removes a vendor’s key that it never shows', async () => {
      const { page, close } = await open('/settings/gateway', 'ada');
      await page.getByRole('button', { name: 'Set a budget' }).click();
      await page.getByLabel('For', { exact: true }).selectOption('team');
      await page.getByLabel('Which', { exact: true }).selectOption('Support');
      await page.getByLabel('Dollars').fill('12.50');
      await page.getByRole('button', { name: 'Set the budget' }).click();
      await page.getByText('team Support').waitFor();
      await page.getByRole('button', { name: 'Remove the budget for team Support' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await expect.poll(() => page.getByText('team Support').count()).toBe(0);

      const secret = 'gsk-not-a-real-key-5e2b';
      await page.getByRole('button', { name: 'Add a key', exact: true }).click();
      await page.getByLabel('Provider', { exact: true }).selectOption('groq');
      await page.getByLabel('Key', { exact: true }).fill(secret);
      await page.getByRole('button', { name: 'Store it' }).click();
      await page.getByRole('button', { name: 'Remove the key …5e2b of groq' }).click();
      expect(await page.content()).not.toContain(secret);
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await expect.poll(() => page.getByText('…5e2b').count()).toBeLessThanOrEqual(1);
      await expect
        .poll(async () => (await house.client.call('listProviders', {})).data.find(({ name }) => name === 'groq')?.keys)
        .toEqual([]);
      await close();
    });

    it.each([
      ['/models', 'No models yet'],
      ['/datasets', 'No datasets yet'],
      ['/experiments', 'No evaluations yet'],
      ['/prices?model=echo', 'sim/echo'],
      ['/settings', 'An admin of the project may change it.'],
    ])('%s offers a viewer nothing that they may not do, by mouse or by key', async (path, settled) => {
      const { page, problems, close } = await open(path, 'vera');
      await page.getByText(settled).filter({ visible: true }).first().waitFor();
      await page.keyboard.press('n');
      expect(await page.getByRole('dialog').count()).toBe(0);
      const buttons = await page.locator('main').getByRole('button').allTextContents();
      expect(buttons.filter((text) => /^(New|Set|End|Save|Rename|Open another)/.test(text))).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    });

    it('offers a viewer nothing that they may not do, and says why where they come by address', async () => {
      for (const [path, said] of [
        ['/settings/people?open=invite', 'Inviting people and changing roles takes the role admin'],
        ['/settings/keys?open=new', 'Making keys takes the role editor'],
        ['/settings/gateway?open=budget', 'Setting budgets takes the role admin'],
        ['/settings?open=project', 'opening another one takes the role owner'],
      ] as const) {
        const { page, problems, close } = await open(path, 'vera');
        await page.getByText(said).waitFor();
        expect(await page.getByRole('dialog').count()).toBe(0);
        const buttons = await page.locator('main').getByRole('button').allTextContents();
        expect(
          buttons.filter((text) => /^(Invite|Make|Add|Set|Remove|Revoke|Send|Rename|Open|Save)/.test(text)),
        ).toEqual([]);
        expect(problems).toEqual([]);
        if (path.includes('gateway')) await takePicture(page, 'gateway-viewer');
        await close();
      }
    });
  });

  it('keeps projects apart: one is opened, switched to, and named in links', async () => {
    const { page, close } = await open('/settings', 'owner');
    await page.getByRole('button', { name: 'Open another project' }).click();
    await page.getByLabel('Id', { exact: true }).fill('research');
    await page.getByRole('button', { name: 'Open it' }).click();
    const switcher = page.getByLabel('Project', { exact: true });
    await expect.poll(() => switcher.inputValue()).toBe('research');
    await page.goto(`${house.url}/settings/keys`);
    await page.getByText('No keys yet').waitFor();
    await takePicture(page, 'projects');
    await expectAccessible(page);
    await page.keyboard.press('y');
    await page.getByText('Link copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`${house.url}/settings/keys?project=research`);
    await switcher.selectOption('default');
    await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/(?:overview|traces)$/);
    await page.goto(`${house.url}/settings/keys`);
    await page.getByText('support-bot').waitFor();
    await page.goto(link);
    await page.getByText('No keys yet').waitFor();
    expect(page.url()).toBe(`${house.url}/settings/keys`);
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await close();
  });

  it('says what a project has before it is removed', async () => {
    const { page, close } = await open('/settings?open=remove&project=research', 'owner');
    await page.getByText('It has, and loses for good:').or(page.getByText('It has nothing.')).waitFor();
    await expectGoodNow(page, 'project-remove');
    await close();
  });

  it('removes a project once its name is typed, and goes to the default one, which cannot be removed', async () => {
    const { page, close } = await open('/settings?project=research', 'owner');
    await page.getByRole('button', { name: 'Remove this project' }).click();
    const remove = page.getByRole('button', { name: 'Remove it for good' });
    await page.getByLabel('Type its name, research').fill('researc');
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel('Type its name, research').fill('research');
    await remove.click();
    await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/(?:overview|traces)$/);
    await page.goto(`${house.url}/settings/audit`);
    await page.getByText('project.close').waitFor();
    await page.goto(`${house.url}/settings`);
    await page.getByRole('button', { name: 'Open another project' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove this project' }).count()).toBe(0);
    await close();
  });
});
