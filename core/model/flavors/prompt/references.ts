import type { Piece } from '../../template/parse-template.ts';
import { compilePrompt, isText } from './compile-prompt.ts';
import type { PromptDefinition } from './definition.ts';

const namedIn = (pieces: readonly Piece[]): string[] =>
  pieces.flatMap((piece) => {
    if (piece.kind === 'partial') return [piece.name];
    return piece.kind === 'section' ? namedIn(piece.inner) : [];
  });

/** Other prompts that a prompt names: the included ones, and partials of the project. */
export function promptReferences(definition: PromptDefinition): string[] {
  const { parts, partials } = compilePrompt(definition);
  const names = parts.flatMap((part) => {
    if (part.kind === 'include') return [part.ref];
    if (part.kind === 'placeholder') return [];
    if (part.kind === 'examples') return namedIn(part.user.pieces);
    if (isText(part.content)) return namedIn(part.content.pieces);
    return part.content.flatMap((piece) => namedIn((piece.kind === 'text' ? piece.text : piece.url).pieces));
  });
  const inPartials = [...partials.values()].flatMap((template) => namedIn(template.pieces));
  return [...new Set([...names, ...inPartials].filter((name) => !partials.has(name)))];
}
