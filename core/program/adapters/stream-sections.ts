import type { Signature } from '../signature.ts';
import { end, sectionMark } from './sections.ts';

/** A piece of a field's text. The pieces of a field together are its text. */
export type FieldPiece = { field: string; text: string };

/** What a line may still become: a header has not more characters than this. */
const longestHeader = 300;
const start = '[[ ## ';

/** Whether more of this line could make a header of it. */
function isUndecided(line: string): boolean {
  const rest = line.replace(/^[ \t]*\\*/, '');
  if (rest.length > longestHeader) return false;
  return start.startsWith(rest) || (rest.startsWith(start) && !rest.includes(']]'));
}

/**
 * Reads an answer in sections as it comes: however it is cut into pieces, each output's text is what reading the whole
 * gives. What comes after the end and what is repeated is left out.
 */
export function streamSections(signature: Signature): (piece: string) => FieldPiece[] {
  const mark = sectionMark(signature);
  const outputs = new Set(signature.outputs.map(({ name }) => name));
  const seen = new Set<string>();
  let field: string | null = null;
  let isOver = false;
  /** Of the line that is being read, what was not looked at yet; whether it was found to be no header. */
  let line = '';
  let isText = false;
  /** White space that counts only if something follows it. */
  let held = '';
  let hasText = false;

  function text(given: string, pieces: FieldPiece[]): void {
    if (field === null || given === '') return;
    const content = (held + given).trimEnd();
    const shown = (hasText ? content : content.trimStart()).replaceAll('\r\n', '\n');
    held = content === '' ? held + given : (held + given).slice(content.length);
    if (shown === '') return;
    hasText = true;
    pieces.push({ field, text: shown });
  }

  function open(name: string): void {
    field = outputs.has(name) && !seen.has(name) ? name : null;
    seen.add(name);
    held = '';
    hasText = false;
  }

  /** Takes what can be told of the line so far. */
  function take(isWhole: boolean, pieces: FieldPiece[]): void {
    if (!isText) {
      const [whole = '', shield = '', name = ''] = mark.exec(line) ?? [];
      if (name === '' && !isWhole && isUndecided(line)) return;
      isText = true;
      if (shield !== '') line = line.replace('\\', '');
      else if (name === end) {
        isOver = true;
        return;
      } else if (name !== '') {
        open(name);
        line = line.slice(whole.length);
      }
    }
    text(line, pieces);
    line = '';
  }

  return (piece) => {
    const pieces: FieldPiece[] = [];
    const parts = piece.split('\n');
    for (const [i, part] of parts.entries()) {
      if (isOver) break;
      line += part;
      const isWhole = i < parts.length - 1;
      take(isWhole, pieces);
      if (!isWhole) continue;
      text('\n', pieces);
      line = '';
      isText = false;
    }
    return pieces;
  };
}
