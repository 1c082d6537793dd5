import { crc32 } from 'node:zlib';
import type { ForwardSink } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

/** Total length, length of the headers, CRC of both. */
const preludeBytes = 12;
const crcBytes = 4;
const mostBytes = 24 * 1024 * 1024;

const damaged = (reason: string) =>
  new WheelhouseError('upstream_failed', `The event stream of AWS cannot be read: ${reason}.`);

type Frame = { headers: Map<string, string>; payload: Buffer };

/** Bytes of a header value by its type, where the length does not stand before it. */
const fixedBytes: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const textType = 7;

function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    const fixed = fixedBytes[type];
    const start = nameEnd + 1 + (fixed === undefined ? 2 : 0);
    const end = start + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
    if (end > bytes.length) throw damaged('a header ends outside of its message');
    if (type === textType) headers.set(name, bytes.toString('utf8', start, end));
    at = end;
  }
  return headers;
}

function readFrame(bytes: Buffer): Frame {
  const end = bytes.length - crcBytes;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw damaged('a checksum is wrong');
  const headersEnd = preludeBytes + bytes.readUInt32BE(4);
  if (headersEnd > end) throw damaged('the headers are longer than their message');
  return {
    headers: readHeaders(bytes.subarray(preludeBytes, headersEnd)),
    payload: bytes.subarray(headersEnd, end),
  };
}

function lengthOf(prelude: Buffer): number {
  const total = prelude.readUInt32BE(0);
  if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) throw damaged('a checksum is wrong');
  if (total < preludeBytes + crcBytes || total > mostBytes) throw damaged(`a message has ${total} bytes`);
  return total;
}

/** Cuts bytes, however they come, into frames. */
function createFrameReader(): { push(chunk: Uint8Array): Frame[]; rest(): number } {
  let held: Buffer[] = [];
  let bytes = 0;
  let needed = preludeBytes;
  return {
    push(chunk) {
      held.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      bytes += chunk.byteLength;
      if (bytes < needed) return [];
      let buffer = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
      const frames: Frame[] = [];
      needed = preludeBytes;
      while (buffer.length >= preludeBytes) {
        const total = lengthOf(buffer.subarray(0, preludeBytes));
        if (buffer.length < total) {
          needed = total;
          break;
        }
        frames.push(readFrame(buffer.subarray(0, total)));
        buffer = buffer.subarray(total);
      }
      held = buffer.length === 0 ? [] : [buffer];
      bytes = buffer.length;
      return frames;
    },
    rest: () => bytes,
  };
}

/** One frame as a server-sent event: its type and its JSON. An exception keeps its own name as the type. */
function eventOf({ headers, payload }: Frame): string {
  const kind = headers.get(':message-type');
  const type = headers.get(kind === 'exception' ? ':exception-type' : ':event-type');
  if (kind !== 'error')
    return `event: ${type ?? 'message'}\ndata: ${payload.toString('utf8').replaceAll('\n', ' ')}\n\n`;
  const message = headers.get(':error-message') ?? '';
  return `event: ${headers.get(':error-code') ?? 'internalServerException'}\ndata: ${JSON.stringify({ message })}\n\n`;
}

/**
 * What AWS streams (`application/vnd.amazon.eventstream`,
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html) as server-sent events; every other answer as
 * it is. `fail` ends the exchange with an error.
 */
export function asServerSentEvents(sink: ForwardSink, fail: (error: Error) => void): ForwardSink {
  let reader: ReturnType<typeof createFrameReader> | null = null;
  return {
    onHeaders(status, headers) {
      if (!(headers['content-type'] ?? '').includes('vnd.amazon.eventstream')) return sink.onHeaders(status, headers);
      reader = createFrameReader();
      sink.onHeaders(status, { ...headers, 'content-type': 'text/event-stream' });
    },
    onData(chunk) {
      if (reader === null) return sink.onData(chunk);
      try {
        const text = reader.push(chunk).map(eventOf).join('');
        return text === '' || sink.onData(Buffer.from(text));
      } catch (error) {
        fail(error instanceof WheelhouseError ? error : damaged('a header is cut off'));
        return true;
      }
    },
    onEnd() {
      if (reader === null || reader.rest() === 0) return sink.onEnd();
      sink.onError(new WheelhouseError('upstream_cut', 'AWS ended its event stream in the middle of a message.'));
    },
    onError: (error) => sink.onError(error),
  };
}
