import type { IncomingMessage } from 'node:http';
import { WheelhouseError } from '@wheelhouse/core/records';

/** Too much is read to its end up to this multiple, because a socket closed on a sender who still sends loses our answer. */
const drainMultiple = 8;

/**
 * The whole body as it came.
 * @throws WheelhouseError `body_too_large`, after the rest has been read and dropped
 */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of req as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= limitBytes) pieces.push(piece);
    else if (size > limitBytes * drainMultiple) break;
    else pieces.length = 0;
  }
  if (size > limitBytes)
    throw new WheelhouseError('body_too_large', `The request body is larger than ${limitBytes.toLocaleString('en-US')} bytes.`);
  return Buffer.concat(pieces);
}
