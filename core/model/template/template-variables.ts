import { WheelhouseError } from '../../records/index.ts';
import type { Piece, Template } from './parse-template.ts';
import type { Partials } from './render-template.ts';

/** A value that a template reads. */
export type TemplateVariable = {
  name: string;
  /** Of the members that stand behind it, as in `{{user.name}}`; those of one that is only written out are none. */
  path: string[];
  /** Written out, or asked whether it is there and gone through. */
  as: 'text' | 'section';
  /** Whether it stands in a section: it may be a member of what the section goes through. */
  nested: boolean;
};

/** Of a template and its partials; where partials multiply, it stops. */
const mostPieces = 100_000;

/** Everything that a template reads, its partials included, in order of appearance. */
export function templateVariables(template: Template, partials: Partials): TemplateVariable[] {
  const found: TemplateVariable[] = [];
  let seen = 0;
  function collect(pieces: readonly Piece[], meaning: Partials, nested: boolean): void {
    for (const piece of pieces) {
      if (++seen > mostPieces)
        throw new WheelhouseError('invalid_request', 'The template and its partials grow too long.', {
          param: 'definition',
        });
      if (piece.kind === 'partial') {
        const inner = meaning(piece.name);
        collect(inner.template.pieces, inner.partials, nested);
      } else if (piece.kind !== 'text') {
        const [name, ...path] = piece.path;
        if (name !== undefined) found.push({ name, path, as: piece.kind === 'value' ? 'text' : 'section', nested });
        if (piece.kind === 'section') collect(piece.inner, meaning, nested || !piece.inverted);
      }
    }
  }
  collect(template.pieces, partials, false);
  return found;
}
