import type { ServerResponse } from 'node:http';
import { codecOf } from '@wheelhouse/core/dialect';
import type { Dialect } from '@wheelhouse/core/ports';
import type { WheelhouseError } from '@wheelhouse/core/records';
import type { Head, Outlet } from './outlet.ts';

/** Response headers that belong to one connection, that speak of our own account, or that we set ourselves. */
const notPassedBack = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'content-length',
  'date',
  'server',
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
]);

/**
 * Names and values in turn, the form that Node writes without another look. Read from where they stand: an object that is
 * put together of others anew for each call is one of the dearest things that V8 makes.
 */
function headersOf({ headers: given, own, limits, missed, pure }: Head): string[] {
  const headers = ['x-content-type-options', 'nosniff'];
  for (const name in own) headers.push(name, own[name] ?? '');
  for (const name in limits) headers.push(name, limits[name] ?? '');
  if (missed) headers.push('x-wheelhouse-cache', 'miss');
  for (const name in given) {
    const value = given[name];
    if (value === undefined || notPassedBack.has(name) || own[name] !== undefined || limits[name] !== undefined)
      continue;
    if (name === 'x-content-type-options' || name.startsWith('x-wheelhouse-')) continue;
    // Bytes that were read here were asked for as they are.
    if (name === 'content-encoding' && pure) continue;
    headers.push(name, value);
  }
  return headers;
}

/** When to come back, where that helps. */
function retryAfter({ retryable, retryAfterMs }: WheelhouseError): Record<string, string> {
  if (retryAfterMs !== null) return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };
  return retryable ? { 'retry-after': '1' } : {};
}

/** An error as the clients of a dialect read it. */
export function sendError(
  res: ServerResponse,
  error: WheelhouseError,
  given: { dialect: Dialect; headers: Record<string, string>; requestId: string },
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const text = JSON.stringify(codecOf(given.dialect).writeError(error, given.requestId));
  res.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...retryAfter(error),
    ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
    ...given.headers,
  });
  res.end(text);
}

/**
 * Gathers what comes within one turn of the event loop into one write: a burst of events costs one system call instead
 * of one each, and an answer that is complete by then goes out with its length.
 */
export class HttpOutlet implements Outlet {
  readonly #res: ServerResponse;
  readonly #dialect: Dialect;
  #status = 200;
  #headers: string[] = [];
  #streamed = false;
  #requestId = '';
  #started = false;
  #held: Buffer[] = [];
  #onDrain: (() => void) | null = null;

  constructor(res: ServerResponse, dialect: Dialect) {
    this.#res = res;
    this.#dialect = dialect;
  }

  /** What to do when the caller can take more. */
  whenDrained(resume: () => void): void {
    this.#onDrain = resume;
  }

  start(head: Head): void {
    this.#started = true;
    this.#status = head.status;
    this.#headers = headersOf(head);
    this.#streamed = head.streamed;
    this.#requestId = head.own['x-wheelhouse-trace-id'] ?? '';
  }

  write(chunk: Buffer): boolean {
    if (chunk.length > 0 && this.#held.push(chunk) === 1) process.nextTick(flush, this);
    return !this.#res.writableNeedDrain;
  }

  #take(): Buffer {
    const [only] = this.#held;
    const bytes = this.#held.length === 1 && only ? only : Buffer.concat(this.#held);
    this.#held = [];
    return bytes;
  }

  flush(): void {
    const res = this.#res;
    if (this.#held.length === 0 || res.destroyed) return;
    if (!res.headersSent) res.writeHead(this.#status, this.#headers);
    if (!res.write(this.#take()) && this.#onDrain !== null) res.once('drain', this.#onDrain);
  }

  end(): void {
    const res = this.#res;
    const rest = this.#take();
    if (res.destroyed) return;
    if (!res.headersSent) {
      if (this.#status !== 204 && this.#status !== 304) this.#headers.push('content-length', String(rest.length));
      res.writeHead(this.#status, this.#headers);
    }
    res.end(rest);
  }

  fail(error: WheelhouseError, headers: Record<string, string>): void {
    const res = this.#res;
    if (!this.#started) {
      const requestId = headers['x-wheelhouse-trace-id'] ?? '';
      sendError(res, error, { dialect: this.#dialect, headers, requestId });
      return;
    }
    this.flush();
    if (!this.#streamed || !res.headersSent) res.destroy();
    else res.end(codecOf(this.#dialect).writeErrorEvent(error, this.#requestId));
  }

  over(): void {}
}

const flush = (outlet: HttpOutlet): void => outlet.flush();
