import { codecOf } from '@wheelhouse/core/dialect';
import type { ForwardHandle, ForwardSink, Provider, ProviderKey } from '@wheelhouse/core/ports';
import { type FailureKind, type Json, parseExactJson, WheelhouseError } from '@wheelhouse/core/records';
import { type AttemptFailure, type Attempt as Planned, readRetryAfter, type Timeouts } from '@wheelhouse/core/route';
import type { CopyRoom } from './answer-copy.ts';
import { ForwardedEach } from './forward-each.ts';
import type { Tap } from './tap.ts';
import type { Outgoing } from './task.ts';

/** A vendor's refusal as it came. */
export type Refusal = { status: number; headers: Record<string, string>; body: Buffer };

/** Whoever made the attempt; hears nothing more once it has let go of it. */
export type AttemptOwner = {
  /** The head of an answer that is no refusal, or of one. */
  answered(attempt: Attempt): void;
  /** Content is there, or all of the answer: from here on this attempt is the answer. False: another one is. */
  won(attempt: Attempt): boolean;
  /** Returns whether the caller keeps up. */
  write(chunk: Buffer): boolean;
  /** It ended well. */
  done(attempt: Attempt): void;
  /** Before content, or after it. */
  failed(attempt: Attempt, failure: AttemptFailure): void;
};

export type AttemptTimes = {
  waits: Timeouts;
  /** Of the whole call, in milliseconds since 1970. */
  deadlineMs: number;
  nowMs(): number;
};

/** What comes before the first content is held back up to here, so that another attempt can take its place. */
const mostHeld = 256 * 1024;
const mostRefused = 256 * 1024;

const kinds: Partial<Record<WheelhouseError['code'], FailureKind>> = {
  upstream_unreachable: 'unreachable',
  upstream_timeout: 'timeout',
  upstream_cut: 'cut',
  upstream_failed: 'server',
  upstream_credentials_exhausted: 'auth',
};

export const plainFailure = (kind: FailureKind, message: string): AttemptFailure => ({
  kind,
  message,
  code: null,
  status: null,
  retryAfterMs: null,
});

function failureOf(error: Error): AttemptFailure {
  const kind = error instanceof WheelhouseError ? kinds[error.code] : 'unreachable';
  return plainFailure(kind ?? 'invalid', error.message);
}

const asJson = (text: string): Json => {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
};

/** One request on its way to one vendor: its timers, what is held back of its answer, and how it ended. */
export class Attempt implements ForwardSink {
  readonly planned: Planned<ProviderKey>;
  readonly outgoing: Outgoing;
  readonly provider: string;
  readonly startMs: number;
  endMs = 0;
  status = 0;
  headers: Record<string, string> = {};
  refusal: Refusal | null = null;
  /** The first content has come. */
  begun = false;
  #owner: AttemptOwner | null;
  readonly #times: AttemptTimes;
  readonly #room: CopyRoom;
  #handle: ForwardHandle | null = null;
  #tap: Tap | null = null;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #hasWon = false;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer goes off. */
  #armedMs = 0;
  #lastMs: number;
  #paused = false;

  constructor(
    owner: AttemptOwner,
    given: {
      planned: Planned<ProviderKey>;
      outgoing: Outgoing;
      provider: string;
      times: AttemptTimes;
      room: CopyRoom;
    },
  ) {
    this.#owner = owner;
    this.planned = given.planned;
    this.outgoing = given.outgoing;
    this.provider = given.provider;
    this.#times = given.times;
    this.#room = given.room;
    this.startMs = given.times.nowMs();
    this.#lastMs = this.startMs;
  }

  /** @throws WheelhouseError when the provider cannot send it */
  send(provider: Provider): void {
    const { method, path, headers, body, bodies } = this.outgoing;
    const request = {
      method,
      path,
      headers,
      body,
      key: this.planned.key,
      connectTimeoutMs: this.#times.waits.connectMs,
    };
    this.#handle =
      bodies === undefined ? provider.forward(request, this) : new ForwardedEach({ provider, request, bodies }, this);
    this.#arm();
  }

  get tap(): Tap | null {
    return this.#tap;
  }

  /** Ends it without a word; nothing is heard of it any more. */
  leave(): void {
    if (this.#owner === null) return;
    this.#close();
    this.#handle?.abort();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastMs = this.#times.nowMs();
    this.#handle?.resume();
  }

  /** What was held back; from now on pieces are passed on as they come. */
  takeHeld(): Buffer[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  onHeaders(status: number, headers: Record<string, string>): void {
    const owner = this.#owner;
    if (owner === null) return;
    this.status = status;
    this.headers = headers;
    this.#lastMs = this.#times.nowMs();
    if (status >= 400) this.refusal = { status, headers, body: Buffer.alloc(0) };
    else this.#tap = this.outgoing.tap((headers['content-type'] ?? '').includes('event-stream'), this.#room);
    owner.answered(this);
    if (!this.outgoing.streamed) this.#sooner();
  }

  onData(chunk: Uint8Array): boolean {
    const owner = this.#owner;
    if (owner === null) return true;
    this.#lastMs = this.#times.nowMs();
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.refusal !== null) {
      if (this.refusal.body.length < mostRefused) this.refusal.body = Buffer.concat([this.refusal.body, bytes]);
      return true;
    }
    const tap = this.#tap;
    if (tap === null) return true;
    const piece = tap.push(bytes);
    if (this.#hasWon) {
      if (!this.begun) this.#notice(tap);
      if (piece === null || owner.write(piece)) return true;
      this.#paused = true;
      return false;
    }
    this.#hold(tap, piece);
    return true;
  }

  /** Before the first content. */
  #hold(tap: Tap, piece: Buffer | null): void {
    if (piece !== null) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
    }
    const failure = tap.failure();
    if (failure !== null && !tap.begun()) {
      this.#fail({ ...failure, status: null, retryAfterMs: null });
      return;
    }
    this.#notice(tap);
    if (this.begun || this.#heldBytes > mostHeld) this.#win();
  }

  #notice(tap: Tap): void {
    this.begun = tap.begun();
    if (this.begun) this.#sooner();
  }

  #win(): void {
    this.#hasWon = this.#owner?.won(this) ?? false;
  }

  onEnd(): void {
    const owner = this.#owner;
    if (owner === null) return;
    if (this.refusal !== null) {
      this.#fail(this.#readRefusal(this.refusal));
      return;
    }
    const tap = this.#tap;
    if (tap === null) {
      this.#fail(plainFailure('malformed', `${this.provider} sent no answer.`));
      return;
    }
    const rest = tap.end();
    const complete = tap.complete();
    const failure = tap.failure();
    if (!complete || failure !== null) {
      if (this.#hasWon && rest !== null) owner.write(rest);
      this.#fail(
        failure === null
          ? plainFailure('cut', `${this.provider} ended its answer before it was complete.`)
          : { ...failure, status: null, retryAfterMs: null },
      );
      return;
    }
    if (this.#hasWon) {
      if (rest !== null) owner.write(rest);
    } else {
      if (rest !== null) this.#held.push(rest);
      this.#win();
      if (!this.#hasWon) return;
    }
    this.#close();
    owner.done(this);
  }

  onError(error: Error): void {
    if (this.#owner !== null) this.#fail(failureOf(error));
  }

  #readRefusal({ status, headers, body }: Refusal): AttemptFailure {
    const { dialect } = this.outgoing;
    const codec = codecOf(dialect ?? 'openai-chat');
    const read = codec.readFailure(status, asJson(body.toString('utf8')));
    const message = read.message === '' ? `${this.provider} answered with status ${status}.` : read.message;
    return { ...read, message, status, retryAfterMs: readRetryAfter(headers, this.#times.nowMs()) };
  }

  #fail(failure: AttemptFailure): void {
    const owner = this.#owner;
    this.#close();
    this.#handle?.abort();
    owner?.failed(this, failure);
  }

  #close(): void {
    this.#owner = null;
    this.#tap?.release();
    this.endMs = this.#times.nowMs();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** No content has come, of a whole answer no head. */
  get #silent(): boolean {
    return this.#tap === null || (this.outgoing.streamed && !this.begun);
  }

  /** Until then it may be silent. */
  #silentUntilMs(): number {
    const { firstTokenMs, idleMs } = this.#times.waits;
    return this.#silent ? this.startMs + firstTokenMs : this.#lastMs + idleMs;
  }

  /** When it is too late: for its silence, while its caller takes what comes, or for the whole call. */
  #dueMs(): number {
    const { deadlineMs } = this.#times;
    return this.#paused ? deadlineMs : Math.min(deadlineMs, this.#silentUntilMs());
  }

  /** One timer an attempt, set anew when it goes off and seldom else: most attempts end long before. */
  #arm(): void {
    if (this.#owner === null) return;
    this.#armedMs = this.#dueMs();
    this.#timer = setTimeout(() => this.#late(), Math.max(1, this.#armedMs - this.#times.nowMs()));
  }

  /** Another wait counts from now on, which may end before the one that the timer was set for. */
  #sooner(): void {
    if (this.#timer === null || this.#dueMs() >= this.#armedMs) return;
    clearTimeout(this.#timer);
    this.#arm();
  }

  #late(): void {
    const { waits, deadlineMs, nowMs } = this.#times;
    const dueMs = this.#dueMs();
    if (nowMs() < dueMs) {
      this.#arm();
      return;
    }
    if (this.#paused || dueMs < this.#silentUntilMs()) this.#tooLate('was not done', deadlineMs - this.startMs);
    else if (this.#silent) this.#tooLate('began no answer', waits.firstTokenMs);
    else this.#tooLate('said nothing more', waits.idleMs);
  }

  #tooLate(what: string, waitMs: number): void {
    const seconds = Math.round(waitMs / 100) / 10;
    this.#fail(plainFailure('timeout', `${this.provider} ${what} within ${seconds} s.`));
  }
}
