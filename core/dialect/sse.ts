import type { WireEvent } from './codec.ts';

/** Of the platform; the only thing that the rooms of core ask of it beyond the language. */
declare const TextDecoder: new (
  label: 'utf-8',
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const LF = 10;
const CR = 13;

export type SseParser = {
  /** The events that are complete with these bytes. */
  push(bytes: Uint8Array): WireEvent[];
  /** At the end of the bytes: an event whose blank line never came, which vendors leave out. */
  end(): WireEvent[];
};

const memberOf = (line: string, name: string): string | null => {
  if (!line.startsWith(name)) return null;
  if (line.length === name.length) return '';
  if (line[name.length] !== ':') return null;
  return line.slice(line[name.length + 1] === ' ' ? name.length + 2 : name.length + 1);
};

/** Puts lines together to events; a stretch of text always ends with a line. */
function createLineReader(emit: (event: WireEvent) => void) {
  let event: string | null = null;
  let data: string | null = null;

  function dispatch(): void {
    if (data !== null) emit({ event, data });
    event = null;
    data = null;
  }
  function line(text: string): void {
    const more = memberOf(text, 'data');
    if (more !== null) data = data === null ? more : `${data}\n${more}`;
    else event = memberOf(text, 'event') ?? event;
  }
  return {
    /** @param text lines, each with its line feed */
    read(text: string): void {
      let start = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        if (end === start) dispatch();
        else line(text.slice(start, end));
        start = end + 1;
      }
    },
    dispatch,
  };
}

/** Index after the last line end; 0 when there is none. */
const afterLastLine = (bytes: Uint8Array): number => Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1;

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes that come cut anywhere: inside of a character, of a
 * line end, of a line. Only whole lines are decoded, so that no character is ever cut in two.
 */
export function createSseParser(): SseParser {
  let found: WireEvent[] = [];
  const lines = createLineReader((event) => found.push(event));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The start of a line that has not ended. */
  let pending: Uint8Array[] = [];
  let isFirst = true;
  /** A line feed that comes next belongs to the line end before it. */
  let afterCr = false;

  function read(bytes: Uint8Array): void {
    let text = decoder.decode(bytes);
    if (isFirst && text.startsWith('\uFEFF')) text = text.slice(1);
    isFirst = false;
    if (afterCr && text.startsWith('\n')) text = text.slice(1);
    afterCr = text === '' ? false : text.endsWith('\r');
    lines.read(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
  }
  function taken(): WireEvent[] {
    const events = found;
    found = [];
    return events;
  }

  return {
    push(bytes) {
      const end = afterLastLine(bytes);
      if (end > 0) {
        pending.push(bytes.subarray(0, end));
        read(joined(pending));
        pending = [];
      }
      // A copy: the owner of the bytes may use them again.
      if (end < bytes.length) pending.push(new Uint8Array(bytes.subarray(end)));
      return taken();
    },
    end() {
      if (pending.length > 0) read(joined([...pending, new Uint8Array([LF])]));
      pending = [];
      lines.dispatch();
      return taken();
    },
  };
}

/** The events of a whole answer. */
export function readSseEvents(bytes: Uint8Array): WireEvent[] {
  const parser = createSseParser();
  return [...parser.push(bytes), ...parser.end()];
}

/** An event as text; JSON has no line ends of its own. */
export const sseFrame = (data: string, event: string | null = null): string =>
  event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
