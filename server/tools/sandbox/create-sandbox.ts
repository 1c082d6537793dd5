import { Worker } from 'node:worker_threads';
import type { CancelSignal, Sandbox } from '@wheelhouse/core/ports';
import { type Json, parseExactJson, WheelhouseError } from '@wheelhouse/core/records';
import type { CodeLimits } from './run-code.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export type SandboxOptions = {
  limits?: Partial<CodeLimits>;
  /** Runs at one time; more wait. */
  workers?: number;
};

const defaults: CodeLimits = { ms: 5_000, bytes: 64 * 1024 * 1024 };
/** Past its time a worker that does not answer is ended. */
const graceMs = 1_000;
const idleMs = 60_000;
/** Of the thread; the interpreter's own are below. */
const resourceLimits = { stackSizeMb: 8, maxOldGenerationSizeMb: 256 };

/** Node 20 cannot start TypeScript in a thread: run from sources, as the unit tests are, this takes the compiled one. */
const workerModule = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/bundle/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

type Task = ToWorker & { signal: CancelSignal; resolve(output: Json): void; reject(error: unknown): void };

const failed = (reason: string, cause?: unknown) =>
  new WheelhouseError('code_failed', `The code failed: ${reason}.`, cause === undefined ? {} : { cause });

/** One thread, which is started when it is first needed and ends when it has not been for a while. */
class Lane {
  #worker: Worker | null = null;
  #ready = false;
  #task: Task | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #onFree: () => void;
  readonly #onAbort = () => this.#end(this.#task?.signal.reason);

  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  get busy(): boolean {
    return this.#task !== null;
  }

  run(task: Task): void {
    this.#task = task;
    task.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#worker ??= this.#start();
    this.#worker.ref();
    if (this.#ready) this.#send(task);
  }

  #start(): Worker {
    // Nothing of the environment is needed, keys above all.
    const worker = new Worker(workerModule, { env: {}, execArgv: [], stdout: true, stderr: true, resourceLimits });
    const mine = (heard: () => void) => {
      if (this.#worker === worker) heard();
    };
    worker.on('message', (answer: FromWorker) => mine(() => this.#hear(answer)));
    worker.on('error', (cause) => mine(() => this.#end(failed('the interpreter broke', cause))));
    worker.on('exit', () => mine(() => this.#end(failed('the interpreter ended'))));
    return worker;
  }

  #send({ source, input, limits }: Task): void {
    const late = () => this.#end(failed(`it took longer than ${limits.ms / 1000} s`));
    this.#after(limits.ms + graceMs, late);
    this.#worker?.postMessage({ source, input, limits } satisfies ToWorker);
  }

  #after(ms: number, act: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  #hear(answer: FromWorker): void {
    if ('ready' in answer) {
      this.#ready = true;
      if (this.#task !== null) this.#send(this.#task);
      return;
    }
    const task = this.#settle();
    this.#worker?.unref();
    this.#after(idleMs, () => this.stop());
    this.#timer?.unref();
    if ('output' in answer) task?.resolve(parseExactJson(answer.output));
    else task?.reject(failed(answer.failure));
    this.#onFree();
  }

  /** Whatever the thread does now, it does no more. */
  #end(error: unknown): void {
    const task = this.#settle();
    this.stop();
    task?.reject(error);
    this.#onFree();
  }

  #settle(): Task | null {
    const task = this.#task;
    this.#task = null;
    task?.signal.removeEventListener('abort', this.#onAbort);
    return task;
  }

  stop(): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#ready = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Its promise only says that it has ended.
    void worker?.terminate();
  }
}

/** Runs the code of others in interpreters of their own (QuickJS in WebAssembly), on threads beside the one that serves. */
export function createSandbox(options: SandboxOptions = {}): Sandbox & { close(): void } {
  const limits = { ...defaults, ...options.limits };
  const waiting: Task[] = [];
  const lanes = Array.from({ length: options.workers ?? 2 }, () => new Lane(next));

  function next(): void {
    const lane = lanes.find(({ busy }) => !busy);
    const task = lane === undefined ? undefined : waiting.shift();
    if (lane === undefined || task === undefined) return;
    if (task.signal.aborted) {
      task.reject(task.signal.reason);
      next();
    } else lane.run(task);
  }

  return {
    run: (source, input, signal, own = limits) =>
      new Promise((resolve, reject) => {
        const least = { ms: Math.min(own.ms, limits.ms), bytes: Math.min(own.bytes, limits.bytes) };
        waiting.push({ source, input: JSON.stringify(input), limits: least, signal, resolve, reject });
        next();
      }),
    close() {
      for (const lane of lanes) lane.stop();
    },
  };
}
