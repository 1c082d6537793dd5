import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { type ProjectId, type Span, WheelhouseError } from '@wheelhouse/core/records';
import { batchBytes, batchSpans } from './commit-lane.ts';
import { countByProject } from './ledger.ts';

/** Spans on disk that are stored in one go. */
export type Segment = {
  /** Makes storing them a second time a no-op. */
  readonly token: string;
  /** How many of each project. */
  readonly counts: ReadonlyMap<ProjectId, number>;
};

export type Spill = {
  /**
   * Resolves when the spans are synced to disk.
   * @param token under which a store may have them already; they become a segment of their own
   * @throws when the disk cannot take them, or holds as much as it may; then none of them is kept
   */
  append(spans: Span[], token?: string): Promise<void>;
  /** The oldest segment, to which nothing is added from here on. */
  oldest(): Promise<Segment | null>;
  read(segment: Segment): Promise<Span[]>;
  remove(segment: Segment): Promise<void>;
  /** Spans of all segments. */
  spans(): number;
  /** And how many of each project. */
  counts(): Map<ProjectId, number>;
  close(): Promise<void>;
};

export type SpillOptions = {
  /** Made when absent; one process at a time. */
  dir: string;
  newToken(): string;
  log: { warn(details: object, message: string): void };
  maxBytes?: number;
};

type Counts = Map<ProjectId, number>;
type OpenSegment = {
  token: string;
  spans: number;
  counts: Counts;
  bytes: number;
  file: string;
  handle: FileHandle | null;
};

const defaultMaxBytes = 1024 ** 3;
const fileName = /^(\d{12})-([0-9a-f]{32})\.spill$/;
/** Length of what follows, of it the counts, CRC-32 of both and of what follows; each 32 bits, little-endian. */
const headerBytes = 12;

const checksum = (header: Uint8Array, rest: Uint8Array) => crc32(rest, crc32(header.subarray(0, 8)));

const addCounts = (to: Counts, counts: Iterable<[ProjectId, number]>): void => {
  for (const [project, spans] of counts) to.set(project, (to.get(project) ?? 0) + spans);
};
const sumOf = (counts: Counts): number => [...counts.values()].reduce((sum, spans) => sum + spans, 0);

/**
 * One group of spans: how many are each project's as JSON, so that nobody has to read them to know, then they themselves in
 * V8's own serialization, which takes bigint and which later versions of Node read.
 */
function encodeFrame(spans: Span[], counts: Counts): Buffer {
  const head = Buffer.from(JSON.stringify([...counts]));
  const payload = serialize(spans);
  const frame = Buffer.allocUnsafe(headerBytes + head.length + payload.length);
  frame.writeUInt32LE(head.length + payload.length, 0);
  frame.writeUInt32LE(head.length, 4);
  head.copy(frame, headerBytes);
  payload.copy(frame, headerBytes + head.length);
  frame.writeUInt32LE(checksum(frame, frame.subarray(headerBytes)), 8);
  return frame;
}

/** null: it was not written by {@link encodeFrame}. */
function readCounts(head: Buffer): Counts | null {
  try {
    return new Map(JSON.parse(head.toString('utf8')));
  } catch {
    return null;
  }
}

/** The frames up to the first that is not whole: what a kill or a power cut left half written ends a segment. */
function readFrames(bytes: Buffer): { frames: { counts: Counts; payload: Buffer }[]; end: number } {
  const frames: { counts: Counts; payload: Buffer }[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const header = bytes.subarray(at, at + headerBytes);
    const end = at + headerBytes + header.readUInt32LE(0);
    if (end > bytes.length) break;
    const rest = bytes.subarray(at + headerBytes, end);
    if (header.readUInt32LE(8) !== checksum(header, rest)) break;
    const headLength = header.readUInt32LE(4);
    const counts = readCounts(rest.subarray(0, headLength));
    if (counts === null) break;
    frames.push({ counts, payload: rest.subarray(headLength) });
    at = end;
  }
  return { frames, end: at };
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  await handle.sync().finally(() => handle.close());
}

/** What a process before this one left, oldest first. */
async function findSegments({ dir, log }: SpillOptions): Promise<OpenSegment[]> {
  const segments: OpenSegment[] = [];
  for (const name of (await readdir(dir)).sort()) {
    const token = fileName.exec(name)?.[2];
    if (token === undefined) continue;
    const file = join(dir, name);
    const content = await readFile(file);
    const { frames, end } = readFrames(content);
    const counts: Counts = new Map();
    for (const frame of frames) addCounts(counts, frame.counts);
    const spans = sumOf(counts);
    if (end < content.length)
      log.warn({ file, bytes: content.length - end }, 'the torn end of a spill file was cut off');
    if (spans > 0) segments.push({ token, spans, counts, bytes: content.length, file, handle: null });
    else await rm(file);
  }
  return segments;
}

/**
 * Append-only files of spans that wait for the store, each a batch with its token in its name, in the order in which
 * they came.
 */
export async function openSpill(options: SpillOptions): Promise<Spill> {
  const { dir, newToken, log, maxBytes = defaultMaxBytes } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const segments = await findSegments(options);
  let number = Number(fileName.exec(segments.at(-1)?.file.slice(dir.length + 1) ?? '')?.[1] ?? 0);
  let last: Promise<unknown> = Promise.resolve();

  /** One action after another: a segment must not be closed while something is added to it. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = last.then(action, action);
    last = result.catch(() => {});
    return result;
  }

  async function create(token: string): Promise<OpenSegment> {
    number += 1;
    const file = join(dir, `${String(number).padStart(12, '0')}-${token}.spill`);
    const handle = await open(file, 'wx', 0o600);
    const segment: OpenSegment = { token, spans: 0, counts: new Map(), bytes: 0, file, handle };
    try {
      await syncDirectory(dir);
    } catch (error) {
      await handle.close();
      throw error;
    }
    segments.push(segment);
    return segment;
  }

  async function seal(segment: OpenSegment): Promise<void> {
    const { handle } = segment;
    segment.handle = null;
    // What counts is synced already.
    await handle?.close().catch(() => {});
  }

  async function forget(segment: OpenSegment): Promise<void> {
    segments.splice(segments.indexOf(segment), 1);
    await seal(segment);
    await rm(segment.file, { force: true });
  }

  /** The segment that takes `spans` more; those before it are sealed. */
  async function openFor(spans: number, bytes: number, token: string | undefined): Promise<OpenSegment> {
    const current = segments.at(-1);
    if (current?.handle) {
      const fits = current.spans + spans <= batchSpans && current.bytes + bytes <= batchBytes;
      if (token === undefined && fits) return current;
      await seal(current);
    }
    return create(token ?? newToken());
  }

  async function write(spans: Span[], token: string | undefined): Promise<void> {
    const counts = countByProject(spans);
    const frame = encodeFrame(spans, counts);
    const used = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    if (used + frame.length > maxBytes)
      throw new WheelhouseError('store_unavailable', `The spill in ${dir} holds ${used} bytes and takes no more.`);
    const segment = await openFor(spans.length, frame.length, token);
    try {
      await segment.handle?.appendFile(frame);
      await segment.handle?.datasync();
      segment.spans += spans.length;
      addCounts(segment.counts, counts);
      segment.bytes += frame.length;
      if (token !== undefined) await seal(segment);
    } catch (error) {
      // What is half written would hide whatever came after it.
      await segment.handle?.truncate(segment.bytes).catch(() => {});
      await seal(segment);
      if (segment.spans === 0) await forget(segment).catch(() => {});
      throw error;
    }
  }

  const own = (segment: Segment): OpenSegment => {
    const found = segments.find((one) => one === segment);
    if (!found) throw new WheelhouseError('internal', `The spilled segment ${segment.token} is gone.`);
    return found;
  };

  return {
    append: (spans, token) => inTurn(() => write(spans, token)),
    oldest: () =>
      inTurn(async () => {
        const [segment] = segments;
        if (!segment) return null;
        await seal(segment);
        return segment;
      }),
    read: async (segment) => {
      const { frames } = readFrames(await readFile(own(segment).file));
      return frames.flatMap(({ payload }) => deserialize(payload) as Span[]);
    },
    remove: (segment) =>
      inTurn(async () => {
        const { file } = own(segment);
        await forget(own(segment)).catch((err: unknown) =>
          log.warn({ err, file }, 'a replayed spill file could not be removed; it is replayed again at the next start'),
        );
      }),
    spans: () => segments.reduce((sum, segment) => sum + segment.spans, 0),
    counts() {
      const all: Counts = new Map();
      for (const segment of segments) addCounts(all, segment.counts);
      return all;
    },
    close: () => inTurn(async () => void (await Promise.all(segments.map(seal)))),
  };
}
