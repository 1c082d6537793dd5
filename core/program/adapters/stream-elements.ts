import type { Signature } from '../signature.ts';
import type { FieldPiece } from './stream-sections.ts';
import { endOf, isNested, openTag, unescaped } from './xml-elements.ts';

/** What an end tag or an entity may begin with, at the end of what came so far, and the space before it. */
function undecided(text: string, tag: string): number {
  let from = text.length;
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--)
    if (tag.startsWith(text.slice(-length))) {
      from = text.length - length;
      break;
    }
  const entity = /&[a-z#\d]{0,5}$/.exec(text);
  if (entity) from = Math.min(from, entity.index);
  return text.slice(0, from).trimEnd().length;
}

/**
 * Reads an answer in elements as it comes: however it is cut into pieces, the text of each output that is not nested is what
 * reading the whole gives. Nested ones are not told, nor what is repeated. `end` tells what is left when nothing more comes.
 */
export function streamElements({ outputs }: Signature): { read(piece: string): FieldPiece[]; end(): FieldPiece[] } {
  const nested = new Map(outputs.map(({ name, type }) => [name, isNested(type)]));
  const seen = new Set<string>();
  let rest = '';
  let field: string | null = null;
  let isTold = false;
  let isBegun = false;

  /** What comes before the first letter belongs to no text. */
  function told(text: string): FieldPiece[] {
    const whole = isBegun ? text : text.trimStart();
    if (whole === '' || !isTold || field === null) return [];
    isBegun = true;
    return [{ field, text: unescaped(whole) }];
  }

  /** Into the next element, where one begins. */
  function enter(): boolean {
    const tag = openTag([...nested.keys()].join('|')).exec(rest);
    if (tag === null) return false;
    const [whole, name = '', , closed] = tag;
    rest = rest.slice(tag.index + whole.length);
    if (closed === '') {
      field = name;
      isTold = !seen.has(name) && nested.get(name) === false;
      isBegun = false;
    }
    seen.add(name);
    return true;
  }

  /** As far into the text of the element as it is known; whether it ended. */
  function within(name: string, pieces: FieldPiece[]): boolean {
    const tag = `</${name}>`;
    const end = nested.get(name) ? endOf(rest, name, 0) : rest.indexOf(tag);
    if (end >= 0) {
      pieces.push(...told(rest.slice(0, end).trimEnd()));
      rest = rest.slice(end);
      field = null;
      return true;
    }
    if (nested.get(name)) return false;
    const known = undecided(rest, tag);
    pieces.push(...told(rest.slice(0, known)));
    rest = rest.slice(known);
    return false;
  }

  return {
    read(piece) {
      const pieces: FieldPiece[] = [];
      rest += piece;
      while (field === null ? enter() : within(field, pieces));
      return pieces;
    },
    end: () => told(rest.trimEnd()),
  };
}
