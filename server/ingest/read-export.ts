import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { WheelhouseError } from '@wheelhouse/core/records';

/** What comes after an answer is read and dropped up to this multiple of the limit, so that the sender sees the answer. */
const drainMultiple = 8;

const tooLarge = (limit: number) =>
  new WheelhouseError(
    'body_too_large',
    `The request is larger than ${limit.toLocaleString('en-US')} bytes once decompressed.`,
  );

/** Node has zstd from 22.15 on. */
const zstd = (zlib as unknown as { createZstdDecompress?: () => Transform }).createZstdDecompress;
const inflaters = new Map<string, () => Transform>([
  ['gzip', zlib.createGunzip],
  ['x-gzip', zlib.createGunzip],
  ['deflate', zlib.createInflate],
  ...(zstd ? [['zstd', zstd] as const] : []),
]);

/** Whether a body may come with this Content-Encoding. */
export const canDecompress = (encoding: string): boolean => inflaters.has(encoding);

function inflaterOf(encoding: string): Transform | null {
  if (encoding === '' || encoding === 'identity') return null;
  const create = inflaters.get(encoding);
  if (create) return create();
  throw new WheelhouseError(
    'unsupported_media_type',
    `The Content-Encoding \`${encoding.slice(0, 40)}\` is not supported.`,
    {
      hint: 'Send with Content-Encoding gzip, or without one.',
    },
  );
}

/** What the bodies of all requests of a door may hold together: many senders at once fill memory as one large one does. */
export type Room = { enter(bytes: number): boolean; leave(bytes: number): void };

/** So many of the largest requests fit into a room; of ordinary ones thousands do. */
export const requestsAtOnce = 8;

export function createRoom(bytes: number): Room {
  let held = 0;
  return {
    enter(more) {
      if (held + more > bytes) return false;
      held += more;
      return true;
    },
    leave(less) {
      held -= less;
    },
  };
}

const noRoom = () => new WheelhouseError('store_unavailable', 'Too many requests are being read at the same time.');

/**
 * The body without its content encoding, decompressed as it comes: what is beyond the limit is never held, whether it
 * was sent or only unpacks to it. The caller leaves the room with the bytes of what it got.
 * @throws WheelhouseError `body_too_large` as soon as it is, `unsupported_media_type`, `invalid_request`; when the room
 * is full `store_unavailable`
 */
export function readExport(req: IncomingMessage, { limit, room }: { limit: number; room: Room }): Promise<Buffer> {
  const encoding = (req.headers['content-encoding'] ?? '').trim().toLowerCase();
  return new Promise((resolve, reject) => {
    let failed = false;
    let received = 0;
    let size = 0;
    const pieces: Buffer[] = [];
    const fail = (error: unknown) => {
      failed = true;
      room.leave(size);
      pieces.length = 0;
      inflater?.destroy();
      req.resume();
      reject(error);
    };
    let inflater: Transform | null = null;
    const keep = (piece: Buffer) => {
      if (failed) return;
      if (size + piece.length > limit) return fail(tooLarge(limit));
      if (!room.enter(piece.length)) return fail(noRoom());
      size += piece.length;
      pieces.push(piece);
    };
    const done = () => {
      if (!failed) resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces));
    };
    req.on('data', (piece: Buffer) => {
      received += piece.length;
      if (!failed && received > limit) fail(tooLarge(limit));
      if (failed) {
        if (received > limit * drainMultiple) req.destroy();
      } else if (inflater === null) keep(piece);
      else if (!inflater.write(piece)) {
        req.pause();
        inflater.once('drain', () => req.resume());
      }
    });
    req.once('end', () => (inflater === null ? done() : failed || inflater.end()));
    req.once('close', () => {
      if (!req.complete && !failed)
        fail(new WheelhouseError('invalid_request', 'The connection was closed before the export was whole.'));
    });
    req.once('error', () => {});
    try {
      inflater = inflaterOf(encoding);
    } catch (error) {
      return fail(error);
    }
    inflater?.on('data', keep);
    inflater?.once('end', done);
    inflater?.once('error', (cause) => {
      if (failed) return;
      fail(
        new WheelhouseError('invalid_request', `The request body is not valid ${encoding}.`, {
          hint: 'Compress the body as Content-Encoding says, or leave the header out.',
          cause,
        }),
      );
    });
  });
}
