import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export type TestRedis = { url: string; process: ChildProcess; close(): Promise<void> };

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A server of its own that keeps nothing. */
async function start(): Promise<TestRedis> {
  const port = await freePort();
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break;
  // Nobody reads on; a full pipe would stop it.
  child.stdout.resume();
  child.stderr.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    process: child,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** How to start a Redis server, or null on a machine that has none. */
export function findRedis(): (() => Promise<TestRedis>) | null {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return start;
  } catch {
    console.log('No redis-server was found: install `redis-server` to test what replicas share there.');
    return null;
  }
}
