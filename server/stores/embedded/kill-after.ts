import { Worker } from 'node:worker_threads';

/**
 * Ends this process by SIGKILL after so long, whatever it does then: also where its main thread hangs in native code, or where
 * that waits, in what it does at an exit, for a query that nobody can interrupt.
 */
export function killAfter(ms: number): void {
  new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms})`, { eval: true }).unref();
}
