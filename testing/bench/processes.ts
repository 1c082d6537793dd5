import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a process may run: the core under test, another one, the rest of the machine, all of it, or as it is. */
export type Place = 'tested' | 'second' | 'rest' | 'all' | 'anywhere';

const ticksPerSecond = 100;
const others = cpus().length > 2 ? `1-${cpus().length - 1}` : '1';
const cores: Record<Exclude<Place, 'anywhere'>, string> = {
  tested: '0',
  second: '1',
  rest: others,
  all: `0-${cpus().length - 1}`,
};

/** Whether processes can be kept apart here: taskset, and a second core. */
export const canPin = cpus().length > 1 && existsSync('/usr/bin/taskset');

export function pin(pid: number, place: Exclude<Place, 'anywhere'>): void {
  if (canPin) execFileSync('taskset', ['-acp', cores[place], String(pid)], { stdio: 'ignore' });
}

/** By so much what measures comes before what is measured. */
const before = 5;

/**
 * What sends requests and answers them would be on other machines: where they share cores with databases, they go first, so
 * that their own waiting is not counted. False: not allowed here.
 */
function putFirst(pid: number): boolean {
  try {
    setPriority(pid, Math.max(-20, getPriority() - before));
    return true;
  } catch {
    return false;
  }
}

export type Helper = {
  pid: number;
  /** What it said when it was ready. */
  ready: { type: 'ready'; port: number; [key: string]: unknown };
  /** Sends a job and waits for its result. */
  run<Result>(job: object): Promise<Result>;
  stop(): Promise<void>;
};

type Message = { type: 'ready'; port: number } | { type: 'result'; result: unknown };

export type HelperOptions = { place: Place; args?: string[] /** {@link putFirst} */; goesFirst?: boolean };

/** Starts one of the scripts in `load`, which says when it is ready and ends when we do. */
export async function startHelper(script: string, options: HelperOptions): Promise<Helper> {
  const file = join(import.meta.dirname, 'load', script);
  const child = spawn(process.execPath, [file, ...(options.args ?? [])], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  watchOver(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} did not start.`);
  if (options.place !== 'anywhere') pin(pid, options.place);
  if (options.goesFirst) putFirst(pid);
  const next = <T extends Message['type']>(type: T) =>
    new Promise<Extract<Message, { type: T }>>((resolve, reject) => {
      const ended = () => reject(new Error(`${script} ended.`));
      child.once('exit', ended);
      child.once('message', (message: Message) => {
        child.off('exit', ended);
        if (message.type === type) resolve(message as Extract<Message, { type: T }>);
        else reject(new Error(`${script} said ${message.type}.`));
      });
    });
  return {
    pid,
    ready: await next('ready'),
    async run<Result>(job: object) {
      const result = next('result');
      child.send(job);
      return (await result).result as Result;
    },
    stop: () => stopProcess(child),
  };
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Sees to it that a process does not outlive the measurement, however that ends. */
export function watchOver(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Asks a process to end, and waits; after ten seconds it is killed. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killer);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export async function untilAnswering(url: string, { name, seconds }: { name: string; seconds: number }): Promise<void> {
  for (let left = seconds * 10; left > 0; left--) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`${name} did not start.`);
}

/** Milliseconds of CPU that a process took so far, all its threads together, user and system. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Milliseconds that all cores together were busy since the machine started. */
export function machineBusyMs(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return ((user + nice + system + irq + softirq + steal) * 1000) / ticksPerSecond;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

/** The child that runs a module; 0: there is none. */
export const childRunning = (pid: number, module: string): number =>
  childrenOf(pid).find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(module)) ?? 0;

export type Memory = { rssMb: number; pssMb: number; peakRssMb: number };

/** Resident memory; PSS shares out what several processes have in common, so that it can be added up. */
export function memoryOf(pid: number): Memory {
  const read = (file: string, name: string) => {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return Number(line?.[1] ?? Number.NaN) / 1024;
  };
  return { rssMb: read('status', 'VmRSS'), pssMb: read('smaps_rollup', 'Pss'), peakRssMb: read('status', 'VmHWM') };
}
