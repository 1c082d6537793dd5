import type { CallRecorder, Recording } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { callBytes, messageFrame, writeCall } from './call-frames.ts';
import type { Ledger } from './ledger.ts';

export type CallRecorderDeps = {
  ledger: Pick<Ledger, 'add'>;
  log: { error(details: object, message: string): void };
  /** What may be on its way at the same time. */
  mostBytes?: number;
};

/** How to reach the process that records; as long as that lives. */
export type Line = (bytes: Uint8Array) => void;

const chunkBytes = 64 * 1024;
/** Calls gather no longer than this, so that a server that is killed takes few with it. */
const gatherMs = 10;
const defaultBytes = 64 * 1024 * 1024;
/** A call that ended so many processes is not sent to another one. */
const mostLives = 5;
const pooled = 32;

/** Calls that are sent, kept and forgotten together. */
class Chunk {
  readonly number: number;
  readonly bytes: Buffer;
  used = 0;
  /** How many of each project. */
  readonly calls = new Map<ProjectId, number>();
  /** Processes that it was sent to. */
  lives = 0;

  constructor(number: number, bytes: Buffer) {
    this.number = number;
    this.bytes = bytes;
  }
}

/**
 * Hands the gateway's calls to the process that records them, many with one system call, and keeps them until that says
 * what became of them: to a process that comes after another everything unsettled is sent again.
 */
export class ChunkRecorder implements CallRecorder {
  readonly #deps: CallRecorderDeps;
  readonly #mostBytes: number;
  readonly #unsettled = new Map<number, Chunk>();
  #open: Chunk | null = null;
  #numbers = 0;
  /** Of the unsettled and the open. */
  #bytes = 0;
  #line: Line | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #idle: (() => void)[] = [];
  readonly #pool: Buffer[] = [];

  constructor(deps: CallRecorderDeps) {
    this.#deps = deps;
    this.#mostBytes = deps.mostBytes ?? defaultBytes;
  }

  record(recording: Recording): void {
    const most = callBytes(recording);
    if (this.#closed || (this.#bytes > 0 && this.#bytes + most > this.#mostBytes)) {
      this.#refuse(recording.project);
      return;
    }
    let chunk = this.#open;
    if (chunk !== null && chunk.used + most > chunk.bytes.length) {
      this.flush();
      chunk = null;
    }
    chunk ??= this.#begin(most);
    chunk.used = writeCall(chunk.bytes, chunk.used, recording);
    chunk.calls.set(recording.project, (chunk.calls.get(recording.project) ?? 0) + 1);
  }

  #refuse(project: ProjectId): void {
    const [reason, sample] = this.#closed
      ? ['stopping', 'The server is stopping.']
      : ['buffer_full', 'Too many calls are waiting to be recorded.'];
    this.#deps.ledger.add({ type: 'rejected', project, source: 'gateway', spans: 1, from: 'door', reason, sample });
  }

  #begin(most: number): Chunk {
    const bytes =
      (most <= chunkBytes ? this.#pool.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(chunkBytes, most));
    const chunk = new Chunk(this.#numbers++, bytes);
    this.#bytes += bytes.length;
    this.#open = chunk;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, gatherMs);
    return chunk;
  }

  /** Sends what has gathered, and counts it. */
  flush(): void {
    const chunk = this.#open;
    if (chunk === null) return;
    this.#open = null;
    this.#unsettled.set(chunk.number, chunk);
    for (const [project, spans] of chunk.calls)
      this.#deps.ledger.add({ type: 'received', project, source: 'gateway', spans });
    this.#send(chunk);
  }

  #send(chunk: Chunk): void {
    if (this.#line === null) return;
    chunk.lives += 1;
    this.#line(chunk.bytes.subarray(0, chunk.used));
    this.#line(messageFrame({ type: 'chunk', chunk: chunk.number }));
  }

  /** A process is there: it gets what the ones before did not settle. */
  connect(line: Line): void {
    this.#line = line;
    for (const chunk of [...this.#unsettled.values()])
      if (chunk.lives < mostLives) this.#send(chunk);
      else this.#giveUp(chunk);
  }

  disconnect(): void {
    this.#line = null;
  }

  #giveUp({ number, calls }: Chunk): void {
    const sample = `They were with the process that records when it ended, ${mostLives} times.`;
    const why = { reason: 'recording_failed', sample };
    for (const [project, spans] of calls)
      this.#deps.ledger.add({ type: 'rejected', project, source: 'gateway', spans, from: 'memory', ...why });
    const lost = [...calls.values()].reduce((sum, count) => sum + count, 0);
    this.#deps.log.error({ calls: lost }, 'calls end the process that records them, and are lost');
    this.settled(number);
  }

  /** What became of its calls stands in the ledger. */
  settled(number: number): void {
    const chunk = this.#unsettled.get(number);
    if (chunk === undefined) return;
    this.#unsettled.delete(number);
    this.#bytes -= chunk.bytes.length;
    if (chunk.bytes.length === chunkBytes && this.#pool.length < pooled) this.#pool.push(chunk.bytes);
    if (this.#unsettled.size === 0) for (const told of this.#idle.splice(0)) told();
  }

  /** Resolves when everything that was recorded so far is settled. */
  drained(): Promise<void> {
    this.flush();
    if (this.#unsettled.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more. */
  close(): void {
    this.#closed = true;
    this.flush();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
