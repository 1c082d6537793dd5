import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isPicture } from '@wheelhouse/core/records';

/** What a browser shows or plays without running anything in it; everything else is handed over as a file. */
const shown = (type: string): boolean =>
  isPicture(type) || /^(?:audio\/(?:mpeg|mp4|wav|x-wav|ogg|webm|flac|aac)|video\/(?:mp4|webm))$/.test(type);

export type SentBytes = { type: string; bytes: number; content: AsyncIterable<Uint8Array> | null };

/**
 * Bytes of strangers, from our own origin: never as a page. A type that browsers do not show goes as
 * `application/octet-stream`, and nothing in an answer may run, load or be framed.
 * @param content null sends the head alone
 */
export async function sendBytes(res: ServerResponse, { type, bytes, content }: SentBytes): Promise<void> {
  const isShown = shown(type);
  res.writeHead(200, {
    'content-type': isShown ? type : 'application/octet-stream',
    'content-length': bytes,
    'content-disposition': isShown ? 'inline' : 'attachment',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=300',
  });
  if (content === null) return void res.end();
  // A reader who leaves in the middle is no fault.
  await pipeline(Readable.from(content), res).catch(() => res.destroy());
}
