const LF = 10;
const CR = 13;

/** One server-sent event: its bytes with the blank line that ends it, and its data lines joined; null without data. */
export type SseEvent = { bytes: Buffer; data: string | null };

/** @param event without the blank line after it */
function dataOf(event: string): string | null {
  // What vendors send, nearly always: one line of data.
  if (event.startsWith('data: ') && !event.includes('\n') && !event.includes('\r')) return event.slice(6);
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}

/** Index after the blank line that ends the first event from `from`; -1 when there is none yet. */
function eventEnd(bytes: Buffer, from: number): number {
  for (let i = bytes.indexOf(LF, from); i !== -1; i = bytes.indexOf(LF, i + 1)) {
    const next = bytes[i + 1] === CR ? i + 2 : i + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return -1;
}

/** Index after the last blank line that ends an event; 0 when there is none. */
export function lastEventEnd(bytes: Buffer): number {
  for (let i = bytes.lastIndexOf(LF); i > 0; i = bytes.lastIndexOf(LF, i - 1)) {
    const before = bytes[i - 1] === CR ? i - 2 : i - 1;
    if (bytes[before] === LF) return i + 1;
  }
  return 0;
}

/** The events of a stretch that ends with one (WHATWG HTML, section 9.2.6). */
export function splitEvents(bytes: Buffer): SseEvent[] {
  const events: SseEvent[] = [];
  let start = 0;
  for (let end = eventEnd(bytes, 0); end !== -1; end = eventEnd(bytes, start)) {
    const event = bytes.subarray(start, end);
    events.push({ bytes: event, data: dataOf(event.toString('utf8').trimEnd()) });
    start = end;
  }
  // A blank line more than an event needs belongs to none.
  if (start < bytes.length) events.push({ bytes: bytes.subarray(start), data: null });
  return events;
}

/** The data of the events of {@link splitEvents}, several times faster, because no bytes are cut. */
export function dataOfEvents(bytes: Buffer): string[] {
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n');
  const found: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', start)) {
    const data = dataOf(text.slice(start, end));
    if (data !== null) found.push(data);
    start = end + 2;
  }
  return found;
}
