import type { PromptPiece } from './write-prompt.ts';

/** Which members of an item are what here; the others are variables of the input. */
export type ItemShape = {
  expected: string | null;
  /** Where items bring answers along, in place of a model that is asked. */
  output: string | null;
};

/** Where a path such as `item.question` or `sample.output_text` leads to here; null: to nothing. */
function placeOf([first, second, ...rest]: string[], { expected, output }: ItemShape): string | null {
  if (first === 'sample') return second === 'output_text' && rest.length === 0 ? 'output' : null;
  if (first !== 'item') return null;
  if (second === undefined) return 'input';
  if (second === output) return ['output', ...rest].join('.');
  return [...(second === expected ? ['expected'] : ['input', second]), ...rest].join('.');
}

const tag = /\{\{\s*(.*?)\s*\}\}/gs;

/** A template such as `Is {{ sample.output_text }} right?`; a text says what of it has no meaning here. */
export function readTemplate(template: string, shape: ItemShape): PromptPiece[] | string {
  const pieces: PromptPiece[] = [];
  let from = 0;
  for (const { 0: whole, 1: inside = '', index } of template.matchAll(tag)) {
    if (index > from) pieces.push({ text: template.slice(from, index) });
    const at = /^[\w-]+(?:\.[\w-]+)*$/.test(inside) ? placeOf(inside.split('.'), shape) : null;
    if (at === null) return `\`${whole.slice(0, 80)}\` means nothing here`;
    pieces.push({ at });
    from = index + whole.length;
  }
  if (from < template.length) pieces.push({ text: template.slice(from) });
  return pieces;
}

/** The one place that the template is; null: it is more, or text. */
export function onlyPlace(pieces: readonly PromptPiece[]): string | null {
  const [piece] = pieces;
  return pieces.length === 1 && piece && 'at' in piece ? piece.at : null;
}

/** The members of items that a template names. */
export const itemFields = (template: string): string[] =>
  [...template.matchAll(tag)].flatMap(([, inside = '']) => /^item\.([\w-]+)/.exec(inside)?.[1] ?? []);
