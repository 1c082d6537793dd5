import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createClient } from '@wheelhouse/sdk';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../chromium/index.ts';
import { seed } from '../e2e/seed.ts';
import { figure } from './measure.ts';
import type { Report } from './report.ts';
import { makeFolder, root, startHouse } from './wheelhouse.ts';

type Sizes = { bytes: number; gzip: number; brotli: number };
type Page = { page: string; script: Sizes; style: Sizes; requests: number; domNodes: number };

const goalKb = 230;
const shownChunks = 12;
const kb = (bytes: number) => figure(Math.round(bytes / 102.4) / 10);

const sizesOf = (content: Buffer): Sizes => ({
  bytes: content.length,
  gzip: gzipSync(content).length,
  brotli: brotliCompressSync(content).length,
});
const total = (sizes: Sizes[]): Sizes =>
  sizes.reduce(
    (sum, one) => ({ bytes: sum.bytes + one.bytes, gzip: sum.gzip + one.gzip, brotli: sum.brotli + one.brotli }),
    {
      bytes: 0,
      gzip: 0,
      brotli: 0,
    },
  );

/** Opens a page in a browser that has seen nothing before, until it has nothing more to load. */
async function visit(browser: Browser, url: string, page: string): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  const loaded: Promise<{ kind: string; sizes: Sizes }>[] = [];
  tab.on('response', (response) => {
    const kind = response.request().resourceType();
    if (kind === 'script' || kind === 'stylesheet')
      loaded.push(response.body().then((body) => ({ kind, sizes: sizesOf(body) })));
  });
  await tab.goto(url);
  await tab.getByRole('heading').first().waitFor();
  // The live feed is a connection that never ends, so that "no more requests" never comes.
  await tab.waitForTimeout(700);
  const domNodes = await tab.evaluate(() => document.querySelectorAll('*').length);
  const files = await Promise.all(loaded);
  await context.close();
  const of = (kind: string) => total(files.filter((file) => file.kind === kind).map((file) => file.sizes));
  return { page, script: of('script'), style: of('stylesheet'), requests: files.length, domNodes };
}

function chunks(): { file: string; sizes: Sizes }[] {
  const folder = join(root, 'web', 'dist', 'app', 'assets');
  return readdirSync(folder)
    .filter((file) => /\.(?:js|css)$/.test(file))
    .map((file) => ({ file, sizes: sizesOf(readFileSync(join(folder, file))) }))
    .sort((a, b) => b.sizes.gzip - a.sizes.gzip);
}

/** What each page makes a browser load and hold. */
export async function measureWeb(): Promise<Report> {
  const folder = await makeFolder();
  const house = await startHouse({ folder: folder.path });
  const browser = await launchChromium();
  const pages: Page[] = [];
  try {
    pages.push(await visit(browser, `${house.url}/traces`, 'traces, empty'));
    const { traceId, evaluationId } = await seed(house.url, createClient({ baseUrl: house.url }));
    const paths = {
      traces: '/traces',
      trace: `/traces/${traceId}`,
      conversation: `/traces/${traceId}?view=conversation`,
      models: '/models',
      model: '/models/support-bot',
      datasets: '/datasets',
      dataset: '/datasets/support-golden',
      experiments: '/experiments',
      evaluation: `/experiments/${evaluationId}`,
      settings: '/settings',
    };
    for (const [page, path] of Object.entries(paths)) pages.push(await visit(browser, `${house.url}${path}`, page));
  } finally {
    await browser.close();
    await house.stop();
    await folder.remove();
  }
  return report(pages, chunks());
}

function report(pages: Page[], files: { file: string; sizes: Sizes }[]): Report {
  const heaviest = pages.reduce((most, page) => (page.script.gzip > most.script.gzip ? page : most));
  return {
    name: 'web',
    title: 'Web',
    method: [
      'Each page in a fresh Chromium, 1280 × 800, on a server with a small morning of traffic; all scripts and styles that it loads, as compressed at the default levels, and the elements of its document.',
    ],
    tables: [
      {
        title: 'First load',
        columns: ['page', 'files', 'JS gzip KB', 'JS brotli KB', 'CSS gzip KB', 'DOM nodes'],
        rows: pages.map((page) => [
          page.page,
          String(page.requests),
          kb(page.script.gzip),
          kb(page.script.brotli),
          kb(page.style.gzip),
          figure(page.domNodes),
        ]),
      },
      {
        title: 'Largest files of the build',
        columns: ['file', 'KB', 'gzip KB', 'brotli KB'],
        rows: files
          .slice(0, shownChunks)
          .map(({ file, sizes }) => [file, kb(sizes.bytes), kb(sizes.gzip), kb(sizes.brotli)]),
      },
    ],
    goals: [
      {
        goal: `first load of every page at most ${goalKb} KB of JS (gzip)`,
        measured: `${kb(heaviest.script.gzip)} KB (${heaviest.page})`,
        met: heaviest.script.gzip <= goalKb * 1024,
      },
    ],
    figures: { pages, files },
  };
}
