import type { IncomingMessage } from 'node:http';
import { WheelhouseError } from '@wheelhouse/core/records';

/** Too much is read to its end up to this multiple, because a socket closed on a sender who still sends loses our answer. */
const drainMultiple = 8;

/**
 * The whole body as it came.
 * @throws WheelhouseError `body_too_large`, after the rest has been read and dropped
 */
export function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const refuse = () =>
      reject(
        new WheelhouseError(
          'body_too_large',
          `The request body is larger than ${limitBytes.toLocaleString('en-US')} bytes.`,
        ),
      );
    // Listeners, because an async iterator costs as much as the rest of a call's way through the server.
    req.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size <= limitBytes) pieces.push(piece);
      else pieces.length = 0;
      if (size <= limitBytes * drainMultiple) return;
      refuse();
      req.destroy();
    });
    req.once('end', () => {
      if (size > limitBytes) refuse();
      else resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces));
    });
    req.once('error', reject);
  });
}
