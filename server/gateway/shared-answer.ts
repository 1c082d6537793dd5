import type { WheelhouseError } from '@wheelhouse/core/records';
import type { EndedCall } from './ended-call.ts';
import type { Head, Outlet, Running } from './outlet.ts';

/** Whoever joins later gets all of it, up to here; a longer answer takes no one more. */
const mostKept = 1024 * 1024;

type Reader = { outlet: Outlet; at: number; slow: boolean };

/**
 * One answer for any number of callers who ask the same at the same time: each gets all of it at its own pace. The call
 * to the vendor belongs to none of them: it goes on until the last has left.
 */
export class SharedAnswer implements Outlet {
  readonly #readers = new Set<Reader>();
  /** All who joined: each has a span of its own in the end. */
  readonly #joined: Outlet[] = [];
  readonly #pieces: Buffer[] = [];
  readonly #closed: () => void;
  #bytes = 0;
  #head: Head | null = null;
  #over = false;
  #failure: { error: WheelhouseError; headers: Record<string, string> } | null = null;
  #source: Running | null = null;

  /** @param closed is called once, when nobody may join any more */
  constructor(closed: () => void) {
    this.#closed = closed;
  }

  from(source: Running): void {
    this.#source = source;
  }

  /** Each caller's own answer and a way to leave. */
  join(outlet: Outlet): Running {
    const reader: Reader = { outlet, at: 0, slow: false };
    this.#readers.add(reader);
    this.#joined.push(outlet);
    if (this.#head !== null) outlet.start(this.#head);
    this.#feed(reader);
    return {
      abort: (reason) => this.#leave(reader, reason),
      resume: () => {
        reader.slow = false;
        this.#feed(reader);
      },
    };
  }

  #leave(reader: Reader, reason: string): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#over) return;
    this.#over = true;
    this.#closed();
    this.#source?.abort(reason);
  }

  #feed(reader: Reader): void {
    while (!reader.slow && reader.at < this.#pieces.length) {
      const piece = this.#pieces[reader.at];
      reader.at += 1;
      if (piece !== undefined && !reader.outlet.write(piece)) reader.slow = true;
    }
    if (!this.#over || reader.at < this.#pieces.length) {
      if (!this.#isHeldUp()) this.#source?.resume();
      return;
    }
    if (!this.#readers.delete(reader)) return;
    if (this.#failure === null) reader.outlet.end();
    else reader.outlet.fail(this.#failure.error, this.#failure.headers);
  }

  /** The vendor waits only while nobody can take more. */
  #isHeldUp(): boolean {
    for (const { slow } of this.#readers) if (!slow) return false;
    return this.#readers.size > 0;
  }

  start(head: Head): void {
    this.#head = head;
    for (const { outlet } of this.#readers) outlet.start(head);
  }

  write(chunk: Buffer): boolean {
    if (this.#bytes <= mostKept && this.#bytes + chunk.length > mostKept) this.#closed();
    this.#bytes += chunk.length;
    this.#pieces.push(chunk);
    for (const reader of this.#readers) this.#feed(reader);
    return !this.#isHeldUp();
  }

  end(): void {
    this.#finish(null);
  }

  fail(error: WheelhouseError, headers: Record<string, string>): void {
    this.#finish({ error, headers });
  }

  #finish(failure: { error: WheelhouseError; headers: Record<string, string> } | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#closed();
    for (const reader of this.#readers) this.#feed(reader);
  }

  over(call: EndedCall): void {
    for (const outlet of this.#joined) outlet.over(call);
  }
}
