import { WheelhouseError } from '../../records/index.ts';
import type { Piece, Template } from './parse-template.ts';
import { indented, type Partials } from './render-template.ts';

const pairs = ['<% %>', '[[ ]]', '<< >>', '(% %)', '@@ ##', '~~ ^^', '|< >|'];

/** A template that renders to exactly this text, whatever stands in it. */
export function literalTemplate(text: string): string {
  if (!text.includes('{{')) return text;
  const pair = pairs.find((one) => !text.includes(one.split(' ')[0] as string));
  if (pair === undefined)
    throw new WheelhouseError('invalid_request', 'The text has every kind of tag in it.', { param: 'messages' });
  const [open, close] = pair.split(' ');
  // With a second tag on its line, the first is not alone there and takes no line feed with it.
  return `{{=${pair}=}}${open}! ${close}${text}`;
}

const isPlain = (pieces: readonly Piece[]): boolean =>
  pieces.every((piece) => piece.kind !== 'partial' && (piece.kind !== 'section' || isPlain(piece.inner)));

function writePiece(piece: Piece, partials: Partials): string {
  switch (piece.kind) {
    case 'text':
      if (!piece.text.includes('{{')) return piece.text;
      throw new WheelhouseError('invalid_request', 'The template has {{ as text beside a partial.', {
        param: 'definition',
        hint: 'Write the partial into the template.',
      });
    case 'value':
      return `{{${piece.name}}}`;
    case 'section':
      return `{{${piece.inverted ? '^' : '#'}${piece.name}}}${write(piece.inner, partials)}{{/${piece.name}}}`;
    case 'partial': {
      const { template, partials: inner } = partials(piece.name);
      return write(indented(template, piece.indent).pieces, inner);
    }
  }
}

const write = (pieces: readonly Piece[], partials: Partials): string =>
  pieces.map((piece) => writePiece(piece, partials)).join('');

/** The text of a template with its partials written into it. */
export const flatTemplate = (template: Template, partials: Partials): string =>
  isPlain(template.pieces) ? template.source : write(template.pieces, partials);
