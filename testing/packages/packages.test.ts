import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@wheelhouse/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, untilReady } from '../e2e/start-wheelhouse.ts';
import { startCollector } from '../vendors/index.ts';
import { type Installed, installTogether, packWorkspaces, runProgram, type Tarball, userEnvironment } from './npm.ts';

const root = join(import.meta.dirname, '..', '..');
const workspaces = ['core', 'sdk', 'server', 'cli', 'web'];
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** What a tarball may hold: what runs, and its types. */
const belongs =
  /^(?:package\.json|LICENSE|bin\/(?:wheelhouse\.mjs|serve-worker\.py)|dist\/app\/[\w./-]+|dist\/postgres-template\.tar\.gz|dist\/[\w./-]+\.(?:js|d\.ts))$/;

type Manifest = { version: string; license: string; dependencies?: Record<string, string> };
const readJson = async <T>(path: string) => JSON.parse(await readFile(path, 'utf8')) as T;

describe('the packages', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let tarballs: Tarball[];
  let whole: Installed;
  let alone: Installed;
  const at = (...path: string[]) => join(folder.path, ...path);
  const packageFile = (name: string, path: string) => at('whole', 'node_modules', name, path);

  beforeAll(async () => {
    folder = await makeFolder();
    tarballs = await packWorkspaces(workspaces, at('tarballs'));
    whole = await installTogether(tarballs, at('whole'));
    const ofSdk = tarballs.filter(({ name }) => ['@wheelhouse/core', '@wheelhouse/sdk'].includes(name));
    alone = await installTogether(ofSdk, at('alone'));
    for (const { name, size } of tarballs) console.log(`${name}: ${megabytes(size)} packed`);
    console.log(`all installed: ${megabytes(whole.bytes)} in ${whole.packages.length} packages`);
    console.log(`the SDK alone: ${megabytes(alone.bytes)} in ${alone.packages.length} packages`);
    // Two installations, on a machine that has something else to do.
  }, 300_000);
  afterAll(() => folder?.remove());

  it('hold what runs and nothing else', async () => {
    expect(tarballs.map(({ name }) => name)).toEqual(workspaces.map((name) => `@wheelhouse/${name}`));
    const license = await readFile(join(root, 'LICENSE'), 'utf8');
    for (const { name, workspace, paths } of tarballs) {
      expect(paths.filter((path) => !belongs.test(path) || path.includes('.test.'))).toEqual([]);
      expect(await readFile(packageFile(name, 'LICENSE'), 'utf8')).toBe(license);
      const compiled = paths.filter((path) => /^dist\/(?!app\/|bundle\/).+\.(?:js|d\.ts)$/.test(path));
      const sourceOf = (path: string) => join(workspace, path.replace(/^dist\/(.+?)\.(?:js|d\.ts)$/, '$1.ts'));
      expect(compiled.filter((path) => !existsSync(sourceOf(path)))).toEqual([]);
    }
    const held = tarballs.flatMap(({ paths }) => paths);
    expect(held).toEqual(expect.arrayContaining(['dist/app/index.html', 'dist/postgres-template.tar.gz']));
    // A stack trace names the room that it goes through.
    expect(held).toEqual(expect.arrayContaining(['dist/bundle/gateway.js', 'dist/bundle/stores-postgres.js']));
  });

  it('carry one version and need exactly it of each other', async () => {
    const { version } = await readJson<Manifest>(join(root, 'package.json'));
    for (const { name } of tarballs) {
      const manifest = await readJson<Manifest>(packageFile(name, 'package.json'));
      expect(manifest).toMatchObject({ version, license: 'MIT' });
      const own = Object.entries(manifest.dependencies ?? {}).filter(([needed]) => needed.startsWith('@wheelhouse/'));
      expect(own).toEqual(own.map(([needed]) => [needed, version]));
    }
  });

  it('keep the SDK alone small and without a database', () => {
    expect(alone.packages).toEqual([
      '@noble/hashes',
      '@wheelhouse/core',
      '@wheelhouse/sdk',
      'pure-rand',
      'yaml',
      'zod',
    ]);
    expect(alone.bytes).toBeLessThan(15e6);
  });

  it('give the types of the SDK to a program that is checked strictly', async () => {
    const program = `
      import { createClient } from '@wheelhouse/sdk';
      import { startTracing } from '@wheelhouse/sdk/trace';
      const double = startTracing().traced({ name: 'double', kind: 'tool' }, async (n: number) => 2 * n);
      export const doubled: Promise<number> = double(1);
      // @ts-expect-error: the traced function takes what the function took
      double('1');
      const { data } = await createClient({ baseUrl: 'http://127.0.0.1:4400' }).call('listTraces', {});
      export const first: string | undefined = data[0]?.traceId;
      // @ts-expect-error: a number it is not
      export const wrong: number | undefined = data[0]?.traceId;`;
    await writeFile(at('alone', 'program.mts'), program);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--types', ''];
    await runProgram(process.execPath, [tsc, ...flags, '--module', 'nodenext', 'program.mts'], at('alone'));
  });

  it('trace where the SDK alone is installed, without OpenTelemetry', async () => {
    const collector = await startCollector();
    const program = `
      import { startTracing } from '@wheelhouse/sdk/trace';
      startTracing({ url: ${JSON.stringify(collector.url)} }).span('work', () => console.log('done'));`;
    expect(await runProgram(process.execPath, ['--input-type=module', '-e', program], at('alone'))).toBe('done\n');
    expect(collector.spans().map(({ name }) => name)).toEqual(['work']);
    await collector.close();
  });

  it('start where they are installed, serve API and UI, and end on a signal to their group', async () => {
    const version = await runProgram('npx', ['wheelhouse', '--version'], at('whole'));
    expect(version.trim()).toBe((await readJson<Manifest>(join(root, 'package.json'))).version);
    const child = spawn('npx', ['wheelhouse', 'start', '--port', '0'], {
      cwd: at('whole'),
      env: userEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const output = collect(child);
    const closed = once(child, 'close');
    try {
      const url = await untilReady(child, output);
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
      const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
      const script = /<script type="module"[^>]* src="([^"]+)"/.exec(page)?.[1] ?? '';
      expect((await fetch(url + script)).headers.get('content-type')).toContain('javascript');

      const traceId = await echo(url);
      const client = createClient({ baseUrl: url });
      await expect.poll(async () => (await client.call('listTraces', {})).data.length).toBe(1);
      const program = `
        import { createClient } from '@wheelhouse/sdk';
        const client = createClient({ baseUrl: ${JSON.stringify(url)} });
        const { spans } = await client.call('getTrace', { params: { traceId: ${JSON.stringify(traceId)} } });
        console.log(spans.map(({ name }) => name).join());`;
      // Some bundlers and monorepos ask packages for their sources by this condition.
      const args = ['--conditions=source', '--input-type=module', '-e', program];
      expect(await runProgram(process.execPath, args, at('alone'))).toBe('chat sim/echo\n');
    } finally {
      signalGroup(child, 'SIGTERM');
      await closed;
    }
    expect(output.stderr).toContain('stopped');
    expect(existsSync(at('whole', '.wheelhouse'))).toBe(true);
  });
});

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  return output;
}

/** As a terminal does on Ctrl-C: npx passes no signal on to what it runs. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}

async function echo(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello' } }] });
  return response.headers.get('x-wheelhouse-trace-id') ?? '';
}
