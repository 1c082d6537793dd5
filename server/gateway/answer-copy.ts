import type { Dialect } from '@wheelhouse/core/ports';

/** Larger answers pass through whole but are not kept whole for the trace. */
const keptBytes = 4 * 1024 * 1024;
/** Every running answer may keep so much, whatever the others keep. */
const ownBytes = 32 * 1024;
const roomBytes = 32 * 1024 * 1024;

/** What a vendor answered, to be read when there is time: reading costs more than all else that a call does here. */
export type Answer = {
  /** Whose words they are; null: nobody's that is known here. */
  dialect: Dialect | null;
  bytes: Buffer;
  streamed: boolean;
  /** Whether pieces in the middle are missing. */
  cut: boolean;
  /** Whether the caller got these very bytes. */
  asSent: boolean;
};

/** Memory that running answers share, so that many large ones at a time cannot take all there is. */
export class CopyRoom {
  #left: number;

  constructor(bytes = roomBytes) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** The pieces of an answer as they pass: its beginning, and its end, which says what it took. */
export class AnswerCopy {
  readonly #room: CopyRoom | null;
  readonly #pieces: Buffer[] = [];
  #size = 0;
  #taken = 0;
  #last: Buffer | null = null;
  #cut = false;

  /** @param room null: it is not shared */
  constructor(room: CopyRoom | null = null) {
    this.#room = room;
  }

  add(piece: Buffer): void {
    if (this.#last === null && this.#fits(piece.length)) {
      this.#size += piece.length;
      this.#pieces.push(piece);
      return;
    }
    this.#cut ||= this.#last !== null;
    this.#last = piece;
  }

  #fits(bytes: number): boolean {
    const size = this.#size + bytes;
    if (size <= ownBytes || this.#room === null) return size <= keptBytes;
    if (size > keptBytes || !this.#room.take(bytes)) return false;
    this.#taken += bytes;
    return true;
  }

  /** It grows no more; what it holds is somebody else's to bound from now on. */
  release(): void {
    this.#room?.give(this.#taken);
    this.#taken = 0;
  }

  /** The latest piece. */
  get last(): Buffer | null {
    return this.#last ?? this.#pieces.at(-1) ?? null;
  }

  read({ dialect, streamed, asSent }: Pick<Answer, 'dialect' | 'streamed' | 'asSent'>): Answer {
    const pieces = this.#last === null ? this.#pieces : [...this.#pieces, this.#last];
    const [only] = pieces;
    const bytes = pieces.length === 1 && only ? only : Buffer.concat(pieces);
    return { dialect, streamed, asSent, bytes, cut: this.#cut };
  }
}
