import { parseExactJson } from '../records/index.ts';
import { longestRow, notJson, type ReadRow, type RowReader, tooLong } from './row-reader.ts';

function readLine(line: string, at: number): ReadRow {
  try {
    return { at, record: parseExactJson(line) };
  } catch (cause) {
    return { at, error: notJson(cause) };
  }
}

/** JSON Lines: a value a line; empty lines are passed over. */
export function createJsonLinesReader(longest = longestRow): RowReader {
  let rows: ReadRow[] = [];
  let rest: string[] = [];
  let length = 0;
  let line = 1;
  let isLong = false;

  function add(piece: string): void {
    length += piece.length;
    if (length > longest) {
      isLong = true;
      rest = [];
    } else if (!isLong) rest.push(piece);
  }

  function endLine(): void {
    const text = rest.join('').trim();
    if (isLong) rows.push({ at: line, error: tooLong(longest) });
    else if (text !== '') rows.push(readLine(text, line));
    rest = [];
    length = 0;
    isLong = false;
    line++;
  }

  return {
    push(text) {
      let from = 0;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
        add(text.slice(from, at));
        endLine();
        from = at + 1;
      }
      if (from < text.length) add(text.slice(from));
    },
    end() {
      if (length > 0) endLine();
    },
    take() {
      const taken = rows;
      rows = [];
      return taken;
    },
  };
}
