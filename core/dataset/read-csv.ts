import type { Json } from '../records/index.ts';
import { longestRow, type ReadRow, type RowReader, tooLong } from './row-reader.ts';

const delimiters = [',', ';', '\t', '|'] as const;
const sniffedLines = 20;

/** How often each delimiter stands in the first lines, outside of quotes. */
function countsOf(text: string, delimiter: string): number[] {
  const counts: number[] = [];
  let count = 0;
  let quoted = false;
  for (let at = 0; at < text.length && counts.length < sniffedLines; at++) {
    const c = text[at];
    if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === delimiter) count++;
    else if (c === '\n') {
      counts.push(count);
      count = 0;
    }
  }
  return counts.length === 0 ? [count] : counts;
}

/** The delimiter that stands in the first line, and in most lines as often as there; a comma where none does. */
function sniffDelimiter(text: string): string {
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const [first = 0, ...others] = countsOf(text, delimiter);
    const alike = others.filter((count) => count === first).length;
    const score = first === 0 ? 0 : 1 + alike * 10 + Math.min(first, 9) / 10;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

type Scanned =
  | { state: 'row'; fields: (string | null)[]; next: number; lines: number }
  | { state: 'bad'; error: string; next: number; lines: number }
  /** The text ends first. */
  | { state: 'open'; quoted: boolean };

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

/** One record from a place (RFC 4180; a line break within quotes belongs to the field). */
function scan(text: string, start: number, { delimiter, isEnd }: { delimiter: string; isEnd: boolean }): Scanned {
  const fields: (string | null)[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    if (text[at] === '"') {
      let value = '';
      let from = at + 1;
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote === -1) return { state: 'open', quoted: true };
        value += text.slice(from, quote);
        if (quote + 1 >= text.length && !isEnd) return { state: 'open', quoted: true };
        if (text[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        value += '"';
        from = quote + 2;
      }
      for (let n = value.indexOf('\n'); n !== -1; n = value.indexOf('\n', n + 1)) lines++;
      fields.push(value);
      if (text[at] === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)) at++;
      if (at >= text.length)
        return isEnd ? { state: 'row', fields, next: at, lines } : { state: 'open', quoted: false };
      if (text[at] === '\n') return { state: 'row', fields, next: at + 1, lines };
      if (text[at] !== delimiter) {
        const next = lineEnd(text, at);
        if (next === text.length && text[next - 1] !== '\n' && !isEnd) return { state: 'open', quoted: false };
        return { state: 'bad', error: `After a closing quote stands ${JSON.stringify(text[at])}.`, next, lines };
      }
      at++;
      continue;
    }
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const mark = text.indexOf(delimiter, at);
    if (mark !== -1 && mark < end) {
      fields.push(mark === at ? null : text.slice(at, mark));
      at = mark + 1;
      continue;
    }
    if (newline === -1 && !isEnd) return { state: 'open', quoted: false };
    fields.push(text.slice(at, end).replace(/\r$/, '') || null);
    return { state: 'row', fields, next: Math.min(end + 1, text.length), lines };
  }
}

/** Cells are text, but for JSON objects and lists, which other tools write into cells; an empty one without quotes is null. */
function cell(text: string | null): Json {
  if (text === null) return null;
  const first = text[0];
  if (first !== '{' && first !== '[') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function problemOfHeader(names: string[]): string | null {
  const again = names.find((name, i) => names.indexOf(name) !== i);
  return again === undefined ? null : `The header has two columns called ${JSON.stringify(again)}.`;
}

type Options = {
  /** Found out from the first lines when left out. */
  delimiter?: string;
  longest?: number;
};

/**
 * Comma-separated values with a header (RFC 4180), in pieces. A row that has not as many fields as the header, or quotes
 * that do not end, is an error of that line; reading goes on with the line after it.
 */
export function createCsvReader({ delimiter: given, longest = longestRow }: Options = {}): RowReader {
  let rows: ReadRow[] = [];
  let text = '';
  let line = 1;
  let header: string[] | null = null;
  let delimiter = given ?? null;
  let over = false;
  /** What is shorter is not whole yet: reading it again at each piece would take time by the square. */
  let tryAt = 0;
  /** Passes over the rest of a line that was too long. */
  let skipping = false;

  function take(fields: (string | null)[], at: number): void {
    if (fields.length === 1 && (fields[0] ?? '').trim() === '') return;
    if (header === null) {
      header = fields.map((name, i) => name?.trim() || `column ${i + 1}`);
      const problem = problemOfHeader(header);
      if (problem === null) return;
      rows.push({ at, error: problem });
      over = true;
    } else if (fields.length !== header.length)
      rows.push({ at, error: `It has ${fields.length} fields; the header has ${header.length}.` });
    else rows.push({ at, record: Object.fromEntries(header.map((name, i) => [name, cell(fields[i] ?? null)])) });
  }

  /** Goes on behind the line where a record began that has no end. */
  function giveUp(from: number, error: string): number {
    rows.push({ at: line, error });
    const next = lineEnd(text, from);
    skipping = text[next - 1] !== '\n';
    line++;
    return next;
  }

  function drain(isEnd: boolean): void {
    let from = 0;
    if (skipping) {
      from = lineEnd(text, 0);
      skipping = text[from - 1] !== '\n' && !isEnd;
    }
    delimiter ??= sniffDelimiter(text);
    while (from < text.length && !over && !skipping) {
      const scanned = scan(text, from, { delimiter, isEnd });
      if (scanned.state === 'open') {
        if (isEnd) from = giveUp(from, 'A quote opens here and does not end.');
        else if (text.length - from > longest) from = giveUp(from, tooLong(longest));
        else break;
        continue;
      }
      if (scanned.state === 'bad') rows.push({ at: line, error: scanned.error });
      else take(scanned.fields, line);
      line += scanned.lines;
      from = scanned.next;
    }
    text = over ? '' : text.slice(from);
    tryAt = text.length * 2;
  }

  return {
    push(piece) {
      if (over) return;
      text += piece;
      if (text.length >= Math.min(Math.max(tryAt, 1 << 16), longest)) drain(false);
    },
    end() {
      if (text !== '') drain(true);
      if (header === null && !over) rows.push({ at: 1, error: 'The file has no header.' });
    },
    take() {
      const taken = rows;
      rows = [];
      return taken;
    },
  };
}
