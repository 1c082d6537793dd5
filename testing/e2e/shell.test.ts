import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { expectAccessible } from './look-at-page.ts';
import { type Seeded, seed } from './seed.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilStored } from './until-stored.ts';

const adminKey = 'an-admin-key-of-thirty-two-chars';

type Doctor = { ok: boolean; checks: { name: string; state: string; text: string; todo: string | null }[] };

const sendOtlp = (house: Wheelhouse, spans: object[]) =>
  fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });

/** A span with an answer of a model in it. */
const answerSpan = (traceId: string, spanId: string, content: string) => ({
  traceId,
  spanId,
  name: 'chat hostile',
  startTimeUnixNano: '1795166042000000000',
  endTimeUnixNano: '1795166043000000000',
  attributes: [
    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
    {
      key: 'gen_ai.output.messages',
      value: { stringValue: JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content }] }]) },
    },
  ],
});

describe('the shell', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  const doctor = async (env: Record<string, string> = {}) => {
    const { code, stdout } = await runCli(['doctor', '--json'], { env: { WHEELHOUSE_URL: house.url, ...env } });
    return { code, ...(JSON.parse(stdout) as Doctor) };
  };
  const search = (name: string) => new URL(page.url()).searchParams.get(name);

  beforeAll(async () => {
    folder = await makeFolder();
    [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
    context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await folder?.remove();
  });

  describe('without a trace', () => {
    it('says on the empty page what was refused, in the words of the doctor', async () => {
      await page.goto(`${house.url}/traces`);
      await sendOtlp(house, [{ traceId: '00', name: 'checkout' }]);
      await page.getByRole('button', { name: 'Check now' }).click();
      const found = page.getByRole('list', { name: 'What the doctor found' });
      await found.getByText('1 span through OTLP: 0 stored, 1 rejected').waitFor();
      await found.getByText('traceId takes 16 bytes, not all zero').waitFor();
      await expectAccessible(page);
    });

    it('changes by itself when the first trace lands, which may be that of wheelhouse doctor', async () => {
      const { code, ok, checks } = await doctor();
      expect(checks.filter(({ state }) => state === 'bad')).toEqual([]);
      expect({ code, ok }).toEqual({ code: 0, ok: true });
      await page.getByRole('row', { name: /wheelhouse doctor: one test call/ }).waitFor();
    });

    it.each([
      [
        'models',
        'No models yet',
        () => ['/api/v1/models', { name: 'first', version: { definition: { flavor: 'base', baseModel: 'sim/echo' } } }],
      ],
      ['datasets', 'No datasets yet', () => ['/api/v1/datasets', { name: 'first' }]],
    ] as const)('changes the empty page of %s when the first comes', async (name, empty, made) => {
      await page.goto(`${house.url}/${name}`);
      await page.getByText(empty).waitFor();
      const [path, body] = made();
      const headers = { 'content-type': 'application/json' };
      await fetch(`${house.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      await page.getByRole('link', { name: 'first' }).waitFor();
    });
  });

  describe('the doctor', () => {
    it('ends with 4 where nothing answers, and says how to start it', async () => {
      const { code, checks } = await doctor({ WHEELHOUSE_URL: 'http://127.0.0.1:9' });
      expect(code).toBe(4);
      expect(checks.at(-1)).toMatchObject({
        name: 'server',
        state: 'bad',
        todo: expect.stringContaining('wheelhouse start'),
      });
    });

    it('tells an app that points elsewhere from one that points here', async () => {
      const states = async (env: Record<string, string>) =>
        (await doctor(env)).checks
          .filter(({ name }) => ['calls', 'spans out'].includes(name))
          .map(({ state }) => state);
      const otlp = 'OTEL_EXPORTER_OTLP_ENDPOINT';
      expect(await states({ OPENAI_BASE_URL: `${house.url}/v1`, [otlp]: house.url })).toEqual(['good', 'good']);
      expect(await states({ OPENAI_BASE_URL: house.url, [otlp]: 'http://127.0.0.1:4318' })).toEqual(['warn', 'warn']);
    });

    it('knows whether the key is right', async () => {
      const other = await makeFolder();
      const closed = await startWheelhouse({ folder: other.path, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
      const key = async (given: Record<string, string>) => {
        const { code, checks } = await doctor({ WHEELHOUSE_URL: closed.url, ...given });
        return [code, checks.find(({ name }) => name === 'key')?.text];
      };
      expect(await key({})).toEqual([4, 'The server needs its admin key, and none was given.']);
      expect(await key({ WHEELHOUSE_ADMIN_KEY: adminKey.toUpperCase() })).toEqual([
        4,
        'WHEELHOUSE_ADMIN_KEY is not the key of this server.',
      ]);
      // The first call of a server that has just started is stored late on a busy machine, and the doctor waits for its own.
      const call = await fetch(`${closed.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
        body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: 'Are you there?' }] }),
      });
      await untilStored(closed.client, call.headers.get('x-wheelhouse-trace-id') ?? '');
      expect(await key({ WHEELHOUSE_ADMIN_KEY: adminKey })).toEqual([0, 'The admin key is right.']);
      await closed.stop();
      await other.remove();
    });
  });

  describe('a trace', () => {
    let seeded: Seeded;

    beforeAll(async () => {
      seeded = await seed(house.url, house.client);
    });

    it('is found through all that a log line may show of it', async () => {
      for (const id of [`${seeded.traceId}-${seeded.spanId}`, `00-${seeded.traceId}-${seeded.spanId}-01`]) {
        await page.goto(`${house.url}/x/${id}`);
        await page.waitForURL(`**/traces/${seeded.traceId}?span=${seeded.spanId}`);
      }
      const { evaluationId } = seeded;
      const { runs } = await house.client.call('getEvaluation', { params: { evaluationId } });
      await page.goto(`${house.url}/x/${runs[0]?.id}`);
      await page.waitForURL(`**/experiments/${evaluationId}`);
      await page.goto(`${house.url}/x/${seeded.spanId}`);
      await page.getByText('A span is found through its trace').waitFor();
    });

    it('is read by keys: find, zoom, next error, views, actions; and the link carries it all', async () => {
      await page.goto(`${house.url}/traces/${seeded.traceId}`);
      await page.getByText('execute_tool track_parcel').waitFor();
      await page.keyboard.press('f');
      await page.locator('[aria-label="Find in this trace"]:focus').waitFor();
      await page.keyboard.type('parcel');
      await expect.poll(() => search('find')).toBe('parcel');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('mark').count()).toBe(1);
      await expect.poll(() => page.getByRole('treeitem', { selected: true }).textContent()).toContain('track_parcel');
      // The z below is a letter while typing, and a zoom after that.
      await page.keyboard.type('z');
      await expect.poll(() => page.getByLabel('Find in this trace').inputValue()).toBe('parcelz');
      await page.keyboard.press('Escape');
      await page.keyboard.press('z');
      await expect.poll(() => search('zoom')).toMatch(/^0\.9\d+-1\.4\d+$/);
      await page.keyboard.press('y');
      await page.getByText('Link copied.').waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      await page.goto('about:blank');
      await page.goto(link);
      await page.getByTitle('Show the whole trace').waitFor();
      await expect.poll(() => page.getByRole('treeitem', { selected: true }).textContent()).toContain('track_parcel');
      await expectAccessible(page);

      await page.getByRole('slider', { name: 'Zoom to' }).focus();
      const before = search('zoom');
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => search('zoom')).not.toBe(before);
      await page.getByTitle('Show the whole trace').click();
      await expect.poll(() => search('zoom')).toBeNull();

      await page.keyboard.press('.');
      await page.getByRole('dialog', { name: 'Actions of this page' }).getByText('conversation').click();
      await expect.poll(() => search('view')).toBe('conversation');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('zoom to the span, and back').waitFor();
      // Under a dialog the keys of the page rest.
      await page.keyboard.press('1');
      expect(search('view')).toBe('conversation');
      await page.keyboard.press('Escape');
    });

    it('zooms by dragging across the strip, and by the wheel with Ctrl', async () => {
      await page.goto(`${house.url}/traces/${seeded.traceId}`);
      const strip = await page.getByTitle(/^Drag to zoom/).boundingBox();
      if (!strip) throw new Error('There is no strip.');
      const y = strip.y + strip.height / 2;
      await page.mouse.move(strip.x + strip.width * 0.25, y);
      await page.mouse.down();
      await page.mouse.move(strip.x + strip.width * 0.5, y, { steps: 5 });
      await page.mouse.up();
      await expect.poll(() => search('zoom')).toMatch(/^0\.5\d+-1\.1\d+$/);
      const width = () => {
        const [from = 0, to = 0] = (search('zoom') ?? '').split('-').map(Number);
        return to - from;
      };
      const dragged = width();
      await page.mouse.move(strip.x + strip.width / 2, y + 80);
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -200);
      await page.keyboard.up('Control');
      await expect.poll(width).toBeLessThan(dragged);
    });

    it('is not broken by anything that a model can say', async () => {
      const hostile = ['>', '[', '> - ', '![](', '<b>', '| a '].map((piece) => piece.repeat(100_000 / piece.length));
      const ids = hostile.map((_, i) => String(i + 1).padStart(16, '0'));
      const traceId = 'e'.repeat(32);
      const unicode = `\u202e${'Z\u0335\u0321\u0300\u0301'.repeat(50)}\ud800 <img src=x onerror=alert(1)> [x](javascript:alert(1))`;
      const spans = [...hostile, unicode].map((text, i) => answerSpan(traceId, ids[i] ?? 'f'.repeat(16), text));
      expect((await sendOtlp(house, spans)).status).toBe(200);
      for (const id of [...ids, 'f'.repeat(16)]) {
        await page.goto(`${house.url}/traces/${traceId}?span=${id}`);
        await page.getByRole('article', { name: 'output: assistant' }).waitFor();
        expect(await page.locator('article img, article a').count()).toBe(0);
      }
      await page.goto(`${house.url}/traces/${traceId}?view=conversation`);
      await page.getByText('assistant').first().waitFor();
      expect(problems).toEqual([]);
    });
  });

  it('lets single keys be switched off', async () => {
    await page.goto(`${house.url}/settings`);
    await page.getByRole('button', { name: 'Off', exact: true }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Jump to' }).waitFor();
    expect(page.url()).toBe(`${house.url}/settings`);
  });
});
