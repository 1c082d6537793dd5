import type { CachedAnswer } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';

/** An answer that takes more of the whole than this part is not kept. */
const largestPart = 8;
/** What an entry takes beside its body, about. */
const entryBytes = 256;
const mostBlockBytes = 1024 * 1024;
const fewestBlocks = 32;
/** Heads that answers have in common; after more than these the next are kept anew. */
const mostHeads = 16;

type Entry = {
  readonly home: Map<string, Entry>;
  readonly key: string;
  readonly block: Block;
  readonly at: number;
  readonly length: number;
  readonly untilMs: number;
  readonly storedAtMs: number;
  readonly head: Head;
  readonly traceId: string;
};
type Head = Pick<CachedAnswer, 'status' | 'headers' | 'streamed'>;

function areSame(a: Record<string, string>, b: Record<string, string>): boolean {
  for (const name in a) if (a[name] !== b[name]) return false;
  for (const name in b) if (a[name] === undefined) return false;
  return true;
}

/** Bodies that came one after another, with all that stands here of them. */
class Block {
  readonly number: number;
  readonly bytes: Buffer;
  readonly entries: Entry[] = [];
  /** Of the bodies. */
  filled = 0;
  /** With the entries. */
  taken = 0;

  constructor(number: number, size: number) {
    this.number = number;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }
}

export type KeptAnswersOptions = {
  /** What all answers may take where nothing else is kept. */
  bytes: number;
  /** What they may take now. */
  room(): number;
  nowMs(): number;
};

/**
 * Answers in memory, written one after another into blocks; the oldest block goes when there is no room, and an answer that
 * is asked for while it is among the older ones is written anew. So the heap has a short entry an answer to look after: a
 * buffer and an object each would be what the garbage collector is busy with, in steps that calls wait for.
 */
export class KeptAnswers {
  readonly #options: KeptAnswersOptions;
  readonly #blockBytes: number;
  readonly #projects = new Map<ProjectId, Map<string, Entry>>();
  #heads: Head[] = [];
  /** From the oldest on. */
  #blocks: Block[] = [];
  #numbers = 0;
  #taken = 0;
  #entries = 0;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
    this.#blockBytes = Math.min(mostBlockBytes, Math.floor(options.bytes / fewestBlocks));
  }

  /** What the blocks take, with what was in them and has been replaced or is over. */
  get bytes(): number {
    return this.#taken;
  }

  get entries(): number {
    return this.#entries;
  }

  keep(project: ProjectId, key: string, { answer, untilMs }: { answer: CachedAnswer; untilMs: number }): void {
    const home = this.#homeOf(project);
    const before = home.get(key);
    if (before !== undefined) this.#forget(before);
    const { body, status, headers, streamed, storedAtMs, traceId } = answer;
    const length = body.byteLength;
    if (length + entryBytes > this.#options.bytes / largestPart) return;
    const block = this.#blockFor(length);
    const at = block.filled;
    block.bytes.set(body, at);
    block.filled += length;
    block.taken += length + entryBytes;
    this.#taken += length + entryBytes;
    const head = this.#sameHead(status, headers, streamed);
    const entry: Entry = { home, key, block, at, length, untilMs, storedAtMs, head, traceId };
    block.entries.push(entry);
    home.set(key, entry);
    this.#entries += 1;
    this.makeRoom();
  }

  /** Its bytes stay as they are: a block that goes is left to whoever still reads it, and never written again. */
  find(project: ProjectId, key: string): CachedAnswer | null {
    const entry = this.#projects.get(project)?.get(key);
    if (entry === undefined) return null;
    if (this.#options.nowMs() >= entry.untilMs) {
      this.#forget(entry);
      return null;
    }
    const { block, at, length, head, storedAtMs, traceId, untilMs } = entry;
    const { status, headers, streamed } = head;
    const body = block.bytes.subarray(at, at + length);
    const answer: CachedAnswer = { status, headers, body, streamed, storedAtMs, traceId };
    if (this.#isOld(block)) this.keep(project, key, { answer, untilMs });
    return answer;
  }

  /** Forgets the oldest until no more is taken than may be. */
  makeRoom(): void {
    while (this.#taken > this.#options.room() && this.#blocks.length > 0) this.#dropOldest();
  }

  #homeOf(project: ProjectId): Map<string, Entry> {
    const known = this.#projects.get(project);
    if (known !== undefined) return known;
    const home = new Map<string, Entry>();
    this.#projects.set(project, home);
    return home;
  }

  #sameHead(status: number, headers: Record<string, string>, streamed: boolean): Head {
    for (const known of this.#heads)
      if (known.status === status && known.streamed === streamed && areSame(known.headers, headers)) return known;
    const head = { status, headers, streamed };
    if (this.#heads.length === mostHeads) this.#heads = [];
    this.#heads.push(head);
    return head;
  }

  #isOld({ number }: Block): boolean {
    return number < this.#numbers - 1 - this.#blocks.length / 2;
  }

  #blockFor(length: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.filled + length <= last.bytes.length && last.taken + length + entryBytes <= this.#blockBytes)
      return last;
    const block = new Block(this.#numbers, Math.max(length, this.#blockBytes));
    this.#numbers += 1;
    this.#blocks.push(block);
    return block;
  }

  #dropOldest(): void {
    const [oldest] = this.#blocks;
    if (oldest === undefined) return;
    this.#blocks.shift();
    this.#taken -= oldest.taken;
    for (const entry of oldest.entries) this.#forget(entry);
  }

  #forget(entry: Entry): void {
    if (entry.home.get(entry.key) !== entry) return;
    entry.home.delete(entry.key);
    this.#entries -= 1;
  }
}
