import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { BlobStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

export type Upload = { name: string; bytes: number; sha256: string; fields: ReadonlyMap<string, string> };

const fieldLimits = { fields: 32, files: 1, parts: 33, fieldSize: 16 * 1024, fieldNameSize: 200, headerPairs: 50 };

function tooLarge(maxBytes: number): WheelhouseError {
  return new WheelhouseError('body_too_large', `The file is larger than ${maxBytes} bytes.`, {
    param: 'file',
    hint: 'Upload it in smaller files, or raise limits.fileBytes in wheelhouse.config.',
  });
}

async function* upTo(content: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function parserOf(req: IncomingMessage): BusboyInstance {
  const type = req.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type))
    throw new WheelhouseError('unsupported_media_type', `The upload came as ${type === '' ? 'no type' : type}.`, {
      hint: 'Send multipart/form-data with the fields `file` and `purpose`.',
    });
  try {
    return new Busboy({ headers: { ...req.headers, 'content-type': type }, limits: fieldLimits });
  } catch (cause) {
    throw new WheelhouseError('invalid_request', 'The multipart body has no boundary.', { cause });
  }
}

/**
 * Takes a file out of multipart/form-data (RFC 7578) as it comes, whatever stands before or after it.
 * @throws WheelhouseError `unsupported_media_type`, `invalid_request`, `body_too_large`; then nothing is kept
 */
export async function receiveUpload(
  req: IncomingMessage,
  { blobs, blob, maxBytes }: { blobs: BlobStore; blob: string; maxBytes: number },
): Promise<Upload> {
  const parser = parserOf(req);
  const fields = new Map<string, string>();
  const received: Promise<Omit<Upload, 'fields'>>[] = [];
  const parsed = new Promise<void>((resolve, reject) => {
    const malformed = (cause: unknown) =>
      reject(
        cause instanceof WheelhouseError
          ? cause
          : new WheelhouseError('invalid_request', 'The multipart body cannot be read to its end.', { cause }),
      );
    parser.on('field', (name, value) => void fields.set(name, value));
    parser.on('file', (name, content, filename) => {
      if (name !== 'file') {
        content.resume();
        return;
      }
      const written = blobs
        .put(blob, upTo(content, maxBytes))
        .then((found) => ({ name: filename || 'upload', ...found }));
      received.push(written);
      written.catch((error: unknown) => {
        content.resume();
        malformed(error);
      });
    });
    parser.on('finish', resolve);
    parser.on('error', malformed);
    req.on('error', malformed);
    req.on('aborted', () => malformed(new Error('the caller left')));
  });
  req.pipe(parser);
  try {
    await parsed;
    const [file] = received;
    if (!file)
      throw new WheelhouseError('invalid_request', 'The upload has no `file`.', {
        param: 'file',
        hint: 'Send multipart/form-data with the fields `file` and `purpose`.',
      });
    return { ...(await file), fields };
  } catch (error) {
    req.unpipe(parser);
    req.resume();
    await Promise.allSettled(received);
    await blobs.remove(blob).catch(() => {});
    throw error;
  }
}
