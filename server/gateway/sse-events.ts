import type { WireEvent } from '@wheelhouse/core/dialect';

const LF = 10;
const CR = 13;

/** One server-sent event: its bytes with the blank line that ends it, and what it says; null without data. */
export type SseEvent = { bytes: Buffer; wire: WireEvent | null };

const afterName = (line: string, name: string) =>
  line.slice(line[name.length + 1] === ' ' ? name.length + 2 : name.length + 1);

/** @param event without the blank line after it */
function wireOf(event: string): WireEvent | null {
  // What vendors send, nearly always: one line of data.
  if (event.startsWith('data: ') && !event.includes('\n') && !event.includes('\r'))
    return { event: null, data: event.slice(6) };
  let name: string | null = null;
  let data: string | null = null;
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (line.startsWith('data:'))
      data = data === null ? afterName(line, 'data') : `${data}\n${afterName(line, 'data')}`;
    else if (line.startsWith('event:')) name = afterName(line, 'event');
  }
  return data === null ? null : { event: name, data };
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
    events.push({ bytes: event, wire: wireOf(event.toString('utf8').trimEnd()) });
    start = end;
  }
  // A blank line more than an event needs belongs to none.
  if (start < bytes.length) events.push({ bytes: bytes.subarray(start), wire: null });
  return events;
}
