const LF = 10;
const CR = 13;

/** One event of a stream: its bytes with the blank line that ends it, and its data lines joined; null without data. */
export type SseFrame = { bytes: Buffer; data: string | null };

function dataOf(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  // What vendors send, nearly always: one line of data.
  if (text.startsWith('data: ') && text.indexOf('\n') === text.length - 2 && !text.includes('\r'))
    return text.slice(6, -2);
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}

/** Index after the blank line that ends the first event from `from`; -1 when there is none yet. */
function frameEnd(bytes: Buffer, from: number): number {
  for (let i = bytes.indexOf(LF, from); i !== -1; i = bytes.indexOf(LF, i + 1)) {
    const next = bytes[i + 1] === CR ? i + 2 : i + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return -1;
}

/** Index after the last blank line that ends an event; 0 when there is none yet. */
export function lastFrameEnd(bytes: Buffer): number {
  for (let i = bytes.lastIndexOf(LF); i > 0; i = bytes.lastIndexOf(LF, i - 1)) {
    const before = bytes[i - 1] === CR ? i - 2 : i - 1;
    if (bytes[before] === LF) return i + 1;
  }
  return 0;
}

/** Cuts a byte stream into server-sent events, wherever the chunks happen to be split (WHATWG HTML, section 9.2.6). */
export function createSseSplitter(): { push(chunk: Buffer): SseFrame[]; rest(): Buffer } {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const frames: SseFrame[] = [];
      let start = 0;
      for (let end = frameEnd(bytes, 0); end !== -1; end = frameEnd(bytes, start)) {
        const frame = bytes.subarray(start, end);
        frames.push({ bytes: frame, data: dataOf(frame) });
        start = end;
      }
      pending = bytes.subarray(start);
      return frames;
    },
    rest: () => pending,
  };
}
