/** A text as it is, or the value at a path such as `input.question`. */
export type PromptPiece = { text: string } | { at: string };

const pairs: [string, string][] = [
  ['{{', '}}'],
  ['<%', '%>'],
  ['[[', ']]'],
  ['<<', '>>'],
];

/** What a conversation reads like, and a text as it is: rows may have either. */
const conversation = (open: string, close: string, at: string) =>
  `${open}#${at}.messages${close}${open}role${close}: ${open}content${close}\n${open}/${at}.messages${close}` +
  `${open}^${at}.messages${close}${open}${at}${close}${open}/${at}.messages${close}`;

/**
 * A template of the registry; where the texts have `{{` in them, its tags are others.
 * @param options.conversations places where a conversation may stand
 */
export function writePrompt(
  pieces: readonly PromptPiece[],
  { conversations = [] }: { conversations?: readonly string[] } = {},
): string {
  const texts = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');
  const [open, close] = pairs.find(([one]) => !texts.includes(one)) ?? ['{{', '}}'];
  const written = pieces.map((piece) => {
    if ('text' in piece) return piece.text;
    return conversations.includes(piece.at) ? conversation(open, close, piece.at) : `${open}${piece.at}${close}`;
  });
  return `${open === '{{' ? '' : `{{=${open} ${close}=}}`}${written.join('')}`;
}
