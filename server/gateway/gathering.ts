import type { WheelhouseError } from '@wheelhouse/core/records';
import type { EndedCall } from './ended-call.ts';
import type { Head, Outlet } from './outlet.ts';

export type Gathered = {
  status: number;
  /** Of this server. */
  headers: Record<string, string>;
  body: string;
};

/** Puts an answer together for somebody in this process, who waits for all of it. */
export class Gathering implements Outlet {
  readonly #errorBody: (error: WheelhouseError) => string;
  readonly #done: (answer: Gathered, call: EndedCall | null) => void;
  readonly #pieces: Buffer[] = [];
  #head: Pick<Head, 'status' | 'own'> = { status: 200, own: {} };
  #failed: Gathered | null = null;

  constructor(errorBody: (error: WheelhouseError) => string, done: (answer: Gathered, call: EndedCall | null) => void) {
    this.#errorBody = errorBody;
    this.#done = done;
  }

  start(head: Head): void {
    this.#head = head;
  }

  write(chunk: Buffer): boolean {
    this.#pieces.push(chunk);
    return true;
  }

  end(): void {}

  fail(error: WheelhouseError, headers: Record<string, string>): void {
    this.#failed = { status: error.status, headers, body: this.#errorBody(error) };
    // What was not admitted has no span.
    if (headers['x-wheelhouse-trace-id'] === undefined) this.#done(this.#failed, null);
  }

  over(call: EndedCall): void {
    const { status, own } = this.#head;
    const body = Buffer.concat(this.#pieces).toString('utf8');
    this.#done(this.#failed ?? { status, headers: own, body }, call);
  }
}
