import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, pin, stopProcess, untilAnswering, watchOver } from './processes.ts';
import { root } from './wheelhouse.ts';

export const portkeyVersion = '1.15.2';

/** Its streams break with newer versions of these two (Portkey-AI/gateway issue 1389). */
const packages = {
  private: true,
  dependencies: { '@portkey-ai/gateway': portkeyVersion },
  overrides: { '@hono/node-server': '1.13.5', hono: '4.9.7' },
};

/** Installs Portkey's gateway outside the workspaces, once; null and a sentence on stderr when that fails. */
function install(): string | null {
  const folder = join(root, '.cache', 'bench', `portkey-${portkeyVersion}`);
  const main = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
  const manifest = JSON.stringify(packages);
  const file = join(folder, 'package.json');
  if (existsSync(main) && readFileSync(file, 'utf8') === manifest) return main;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  process.stderr.write(`  installing @portkey-ai/gateway ${portkeyVersion} into ${folder}\n`);
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  if (status === 0 && existsSync(main)) return main;
  process.stderr.write(
    `  @portkey-ai/gateway cannot be installed, so it is left out: ${(stderr ?? '').trim().slice(-300)}\n`,
  );
  return null;
}

export type Portkey = { pid: number; port: number; headers: Record<string, string>; stop(): Promise<void> };

/** Portkey's gateway as its documentation starts it, in front of the given vendor; null when it cannot be had. */
export async function startPortkey(upstreamPort: number): Promise<Portkey | null> {
  const main = install();
  if (main === null) return null;
  const port = await freePort();
  const child = spawn(process.execPath, [main, '--headless', `--port=${port}`], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  watchOver(child);
  const pid = child.pid ?? 0;
  await untilAnswering(`http://127.0.0.1:${port}/`, { name: '@portkey-ai/gateway', seconds: 10 });
  pin(pid, 'tested');
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1` };
  return { pid, port, headers, stop: () => stopProcess(child) };
}
