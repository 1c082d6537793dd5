import { parseExactJson } from '../records/index.ts';
import { longestRow, notJson, type ReadRow, type RowReader, tooLong } from './row-reader.ts';

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/**
 * A JSON list of rows, or an object with such a list in it: the first one. A row is parsed when it is whole; nothing else
 * of the text is kept.
 */
export function createJsonReader(longest = longestRow): RowReader {
  let rows: ReadRow[] = [];
  let pieces: string[] = [];
  let length = 0;
  let row = 0;
  let depth = 0;
  /** Depth within the list of rows; 0: it has not begun. */
  let listDepth = 0;
  let inString = false;
  let escaped = false;
  let over = false;
  let started = false;
  let isLong = false;

  function keep(piece: string): void {
    length += piece.length;
    if (length > longest) {
      isLong = true;
      pieces = [];
    } else if (!isLong) pieces.push(piece);
  }

  function endRow(): void {
    const text = pieces.join('').trim();
    if (text !== '' || isLong) {
      row++;
      if (isLong) rows.push({ at: row, error: tooLong(longest) });
      else
        try {
          rows.push({ at: row, record: parseExactJson(text) });
        } catch (cause) {
          rows.push({ at: row, error: notJson(cause) });
        }
    }
    pieces = [];
    length = 0;
    isLong = false;
  }

  function refuse(error: string): void {
    rows.push({ at: row + 1, error });
    over = true;
  }

  /** The end of the string that the text is in; what follows is read on. */
  function skipString(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (escaped) escaped = false;
      else if (code === 0x5c) escaped = true;
      else if (code === 0x22) {
        inString = false;
        return at + 1;
      }
    }
    return text.length;
  }

  return {
    push(text) {
      let from = 0;
      for (let at = 0; at < text.length && !over; ) {
        if (inString) {
          at = skipString(text, at);
          continue;
        }
        const code = text.charCodeAt(at);
        if (!started && !isSpace(code)) {
          started = true;
          if (code !== 0x5b && code !== 0x7b)
            return refuse('The file is neither a JSON list nor an object with one in it.');
        }
        if (code === 0x22) inString = true;
        else if (code === 0x5b || code === 0x7b) {
          depth++;
          if (listDepth === 0 && code === 0x5b && depth <= 2) {
            listDepth = depth;
            from = at + 1;
          }
        } else if (code === 0x5d || code === 0x7d) {
          if (depth === listDepth) {
            keep(text.slice(from, at));
            endRow();
            over = true;
          }
          depth--;
        } else if (code === 0x2c && depth === listDepth && listDepth > 0) {
          keep(text.slice(from, at));
          endRow();
          from = at + 1;
        }
        at++;
      }
      if (!over && listDepth > 0) keep(text.slice(from));
    },
    end() {
      if (over) return;
      if (!started) return;
      refuse(listDepth === 0 ? 'There is no list of rows in the file.' : 'The file ends in the middle of a row.');
    },
    take() {
      const taken = rows;
      rows = [];
      return taken;
    },
  };
}
