import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pin, stopProcess, watchOver } from './processes.ts';
import { root } from './wheelhouse.ts';

export type GoProxy = { version: string; pid: number; port: number; stop(): Promise<void> };

/** Compiles the yardstick with the machine's Go; null and a sentence on stderr where there is none. */
function build(): { version: string; binary: string } | null {
  const version = /go(\d+\.\d+)/.exec(spawnSync('go', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
  const binary = join(root, '.cache', 'bench', 'reverse-proxy');
  mkdirSync(join(root, '.cache', 'bench'), { recursive: true });
  const source = join(import.meta.dirname, 'load', 'reverse-proxy.go');
  const built = version === undefined ? null : spawnSync('go', ['build', '-o', binary, source], { encoding: 'utf8' });
  if (version !== undefined && built?.status === 0) return { version, binary };
  const why = version === undefined ? 'there is no `go` here' : built?.stderr.trim().slice(-300);
  process.stderr.write(`  the reverse proxy in Go is left out: ${why}\n`);
  return null;
}

/** A reverse proxy of Go's standard library on one core, in front of the given vendor. */
export async function startGoProxy(origin: string): Promise<GoProxy | null> {
  const made = build();
  if (made === null) return null;
  const child = spawn(made.binary, [origin], { env: { GOMAXPROCS: '1' }, stdio: ['ignore', 'pipe', 'ignore'] });
  watchOver(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
    child.once('exit', () => reject(new Error('The reverse proxy in Go ended.')));
  });
  const pid = child.pid ?? 0;
  pin(pid, 'tested');
  return { version: made.version, pid, port, stop: () => stopProcess(child) };
}
