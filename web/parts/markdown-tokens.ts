import { lexer, type Token, type Tokens } from 'marked';

/** Longer texts are shown plain. */
const longest = 32_000;
/** The lexer takes quadratic time over some long runs without a space, such as `a.a.a.…`. */
const longestWord = 1_000;
/** The lexer recurses into quotes and lists; deeper than this no one means it. */
const deepestMarks = 40;
/** What is nested deeper is not read by anyone, and the browser lays it out recursively. */
const deepest = 24;
/** Each becomes an element or more of the page. */
const mostTokens = 1_000;

const endlessWord = new RegExp(`\\S{${longestWord + 1}}`);
const endlessMarks = new RegExp(`(?:^|\\n)(?:[ \\t]*(?:>|[-*+]|\\d{1,9}[.)])){${deepestMarks + 1}}`);

const childrenOf = (token: Token): Token[] => {
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].flatMap((row) => row.flatMap((cell) => cell.tokens));
  }
  if (token.type === 'list') return (token as Tokens.List).items;
  return 'tokens' in token && token.tokens ? token.tokens : [];
};

function isReadable(tokens: Token[]): boolean {
  let level = tokens;
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    count += level.length;
    if (depth > deepest || count > mostTokens) return false;
    level = level.flatMap(childrenOf);
  }
  return true;
}

/**
 * The parts of a Markdown text; null when it is too long, too deep or too strange for that, and is better read as it is.
 * A model's output is hostile until proven otherwise, and this must neither throw nor take long.
 */
export function markdownTokens(text: string): Token[] | null {
  if (text.length > longest || endlessWord.test(text) || endlessMarks.test(text)) return null;
  try {
    const tokens = lexer(text);
    return isReadable(tokens) ? tokens : null;
  } catch {
    return null;
  }
}
