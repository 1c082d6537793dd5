import { codecOf, createStreamTranslation, type StreamTranslation, type StreamWatch } from '@wheelhouse/core/dialect';
import type { Dialect, VendorFailure } from '@wheelhouse/core/ports';
import { isJsonObject, type JsonObject, parseExactJson } from '@wheelhouse/core/records';
import { type Answer, AnswerCopy, type CopyRoom } from './answer-copy.ts';
import { lastEventEnd, splitEvents } from './sse-events.ts';

/** Looks at an answer on its way from vendor to caller, and changes it where it must. */
export type Tap = {
  /** Takes what the vendor sent, gives what the caller gets; null: nothing yet. */
  push(chunk: Buffer): Buffer | null;
  /** At the clean end: what is still to be passed on. */
  end(): Buffer | null;
  /** Whether content has passed, after which nothing may fall back. */
  begun(): boolean;
  /** At the end: whether the answer said that it was complete. */
  complete(): boolean;
  /** A failure inside of an answer that began well. */
  failure(): VendorFailure | null;
  /** What the vendor has sent so far. */
  answer(): Answer;
  /** It hears nothing more. */
  release(): void;
};

const nothing: Buffer = Buffer.alloc(0);
const joined = (a: Buffer, b: Buffer): Buffer => (a.length === 0 ? b : Buffer.concat([a, b]));
const malformed = (message: string): VendorFailure => ({ kind: 'malformed', message, code: null });

/** Where the blank line that ends the event before the last begins its end; 0 when there is one event. */
function startOfLast(bytes: Buffer, end: number): number {
  let at = end;
  while (at > 0 && (bytes[at - 1] === 10 || bytes[at - 1] === 13)) at -= 1;
  return lastEventEnd(bytes.subarray(0, at));
}

/** What the last events of a stretch say of how the stream ended; null: nothing. */
function readEnd(bytes: Buffer, watch: StreamWatch): { complete: boolean; failure: VendorFailure | null } | null {
  for (let end = bytes.length; end > 0; ) {
    const start = startOfLast(bytes, end);
    for (const { wire } of splitEvents(bytes.subarray(start, end))) {
      if (wire === null) continue;
      const failure = watch.failure(wire);
      if (failure !== null) return { complete: false, failure };
      if (watch.isComplete(wire)) return { complete: true, failure: null };
    }
    end = start;
  }
  return null;
}

const usageKey = Buffer.from('"usage"');
const someUsage = /"usage"\s*:\s*\{/;

function isUsageOnly(data: string): boolean {
  if (!someUsage.test(data)) return false;
  try {
    const chunk: unknown = JSON.parse(data);
    return isJsonObject(chunk) && Array.isArray(chunk.choices) && chunk.choices.length === 0;
  } catch {
    return false;
  }
}

/**
 * Passes a stream of the caller's own dialect on event by event, unread once content has begun; the usage chunk that the
 * caller did not ask for is left out.
 */
export class PassingStream implements Tap {
  readonly #dialect: Dialect;
  readonly #watch: StreamWatch;
  readonly #dropUsage: boolean;
  readonly #copy: AnswerCopy;
  #pending: Buffer = nothing;
  #begun = false;
  #failure: VendorFailure | null = null;
  #complete: boolean | null = null;
  #asSent = true;

  constructor(dialect: Dialect, options: { dropUsage: boolean; room: CopyRoom | null }) {
    this.#copy = new AnswerCopy(options.room);
    this.#dialect = dialect;
    this.#watch = codecOf(dialect).watch;
    this.#dropUsage = options.dropUsage;
  }

  push(chunk: Buffer): Buffer | null {
    const bytes = joined(this.#pending, chunk);
    const end = lastEventEnd(bytes);
    this.#pending = end === bytes.length ? nothing : bytes.subarray(end);
    return end === 0 ? null : this.#pass(end === bytes.length ? bytes : bytes.subarray(0, end));
  }

  /** Whole events. */
  #pass(bytes: Buffer): Buffer | null {
    this.#copy.add(bytes);
    const drop = this.#dropUsage && bytes.includes(usageKey);
    if (this.#begun && !drop) return bytes;
    const events = splitEvents(bytes);
    if (!this.#begun)
      for (const { wire } of events) {
        if (wire === null) continue;
        this.#failure ??= this.#watch.failure(wire);
        if (this.#watch.hasContent(wire)) {
          this.#begun = true;
          break;
        }
      }
    if (!drop) return bytes;
    const kept = events.filter(({ wire }) => wire === null || !isUsageOnly(wire.data));
    if (kept.length === events.length) return bytes;
    this.#asSent = false;
    return kept.length === 0 ? null : Buffer.concat(kept.map((event) => event.bytes));
  }

  end(): Buffer | null {
    const rest = this.#pending;
    if (rest.length === 0) return null;
    this.#pending = nothing;
    this.#asSent = false;
    // Vendors leave the last blank line out.
    return this.#pass(Buffer.concat([rest, Buffer.from('\n\n')])) === null ? null : rest;
  }

  begun(): boolean {
    return this.#begun;
  }

  complete(): boolean {
    this.#complete ??= this.#readEnd();
    return this.#complete;
  }

  #readEnd(): boolean {
    const last = this.#copy.last;
    if (last === null) return false;
    const end = readEnd(last, this.#watch) ?? readEnd(this.answer().bytes, this.#watch);
    this.#failure ??= end?.failure ?? null;
    return end?.complete ?? false;
  }

  failure(): VendorFailure | null {
    return this.#failure;
  }

  answer(): Answer {
    return this.#copy.read({ dialect: this.#dialect, streamed: true, asSent: this.#asSent });
  }

  release(): void {
    this.#copy.release();
  }
}

/** A stream of the vendor's dialect as one of the caller's. */
export class TranslatedStream implements Tap {
  readonly #dialect: Dialect;
  readonly #translation: StreamTranslation;
  readonly #copy: AnswerCopy;

  constructor(translation: Parameters<typeof createStreamTranslation>[0], room: CopyRoom | null) {
    this.#copy = new AnswerCopy(room);
    this.#dialect = translation.from;
    this.#translation = createStreamTranslation(translation);
  }

  push(chunk: Buffer): Buffer | null {
    this.#copy.add(chunk);
    const text = this.#translation.push(chunk);
    return text === '' ? null : Buffer.from(text);
  }

  end(): Buffer | null {
    const text = this.#translation.end();
    return text === '' ? null : Buffer.from(text);
  }

  begun = (): boolean => this.#translation.begun();
  complete = (): boolean => this.#translation.complete();
  failure = (): VendorFailure | null => this.#translation.failure();
  answer = (): Answer => this.#copy.read({ dialect: this.#dialect, streamed: true, asSent: false });
  release = (): void => this.#copy.release();
}

const blank = new Set([9, 10, 13, 32]);

/** Whether it can be a JSON object or list; pages of proxies are not. */
function looksLikeJson(bytes: Buffer): boolean {
  let at = 0;
  while (blank.has(bytes[at] ?? 0)) at += 1;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

/** Some vendors answer 200 with an error, or with why they blocked the prompt, and nothing else. */
const bareError = /^\s*\{\s*(?:"error"\s*:\s*(?!null)|"promptFeedback"\s*:\s*\{\s*"blockReason")/;

export type WholeOptions = {
  dialect: Dialect | null;
  /** What the caller gets; null: the same bytes. Throws where the answer cannot be read. */
  translate: ((body: JsonObject) => JsonObject) | null;
  /** Whether the trace reads what the caller got, in this dialect, and not what the vendor sent. */
  recordsMade?: Dialect;
};

/** Holds a whole answer until its end, so that a cut connection can still become another attempt or a proper error. */
export class WholeAnswer implements Tap {
  readonly #options: WholeOptions;
  readonly #pieces: Buffer[] = [];
  #copy: AnswerCopy | null = null;
  #made = false;
  #failure: VendorFailure | null = null;

  constructor(options: WholeOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): null {
    this.#pieces.push(chunk);
    return null;
  }

  end(): Buffer | null {
    const [only] = this.#pieces;
    const bytes = this.#pieces.length === 1 && only ? only : Buffer.concat(this.#pieces);
    this.#copy = new AnswerCopy();
    this.#copy.add(bytes);
    const { dialect, translate } = this.#options;
    if (!looksLikeJson(bytes)) {
      this.#failure = malformed('The answer is not JSON.');
      return null;
    }
    if (dialect !== null && bareError.test(bytes.toString('latin1', 0, 64))) {
      this.#failure = codecOf(dialect).readFailure(200, parsed(bytes));
      return null;
    }
    return translate === null ? bytes : this.#translated(bytes, translate);
  }

  #translated(bytes: Buffer, translate: (body: JsonObject) => JsonObject): Buffer | null {
    const body = parsed(bytes);
    try {
      if (isJsonObject(body)) return this.#given(Buffer.from(JSON.stringify(translate(body))));
      this.#failure = malformed('The answer is not a JSON object.');
    } catch (error) {
      this.#failure = malformed(error instanceof Error ? error.message : 'The answer cannot be read.');
    }
    return null;
  }

  #given(made: Buffer): Buffer {
    if (this.#options.recordsMade === undefined) return made;
    this.#made = true;
    this.#copy = new AnswerCopy();
    this.#copy.add(made);
    return made;
  }

  begun = (): boolean => false;
  complete = (): boolean => this.#failure === null;
  failure = (): VendorFailure | null => this.#failure;

  answer(): Answer {
    const copy = this.#copy ?? new AnswerCopy();
    if (this.#copy === null) for (const piece of this.#pieces) copy.add(piece);
    const { dialect, recordsMade = dialect } = this.#options;
    const asSent = this.#made || this.#options.translate === null;
    return copy.read({ dialect: this.#made ? recordsMade : dialect, streamed: false, asSent });
  }

  release(): void {}
}

function parsed(bytes: Buffer) {
  try {
    return parseExactJson(bytes.toString('utf8'));
  } catch {
    return bytes.toString('utf8', 0, 2_000);
  }
}

/** Bytes that nobody here reads: they pass as they come, from the first. */
export class RawPass implements Tap {
  #begun = false;

  push(chunk: Buffer): Buffer {
    this.#begun = true;
    return chunk;
  }

  end = (): null => null;
  begun = (): boolean => this.#begun;
  complete = (): boolean => true;
  failure = (): null => null;
  answer = (): Answer => ({ dialect: null, bytes: nothing, streamed: false, cut: false, asSent: false });
  release = (): void => {};
}
