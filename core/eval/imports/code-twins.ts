import type { PromptPiece } from './write-prompt.ts';

/** A function of TypeScript, as text, that scores an answer where an evaluation as code has it. */
export type ScorerCode = { code: string };

const wanted = '(Array.isArray(expected) ? expected : [expected])';

/** The answer begins with one of the expected texts. */
export const beginsWith: ScorerCode = {
  code: `({ output, expected }) =>
  ${wanted}.some((right) => output.startsWith(String(right)))`,
};

/** One of the two is within the other, without case, punctuation, articles and white space. */
export const fuzzyMatch: ScorerCode = {
  code: `({ output, expected }) => {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[!-\\/:-@[-\`{-~]/g, '')
      .replace(/\\b(?:a|an|the)\\b/g, ' ')
      .split(/\\s+/)
      .filter(Boolean)
      .join(' ');
  const said = plain(output);
  return ${wanted}.some((one) => {
    const right = plain(String(one));
    return said === '' || right === '' ? said === right : said.includes(right) || right.includes(said);
  });
}`,
};

/** The answer is JSON that equals one of the expected values, which are JSON as text. */
export const jsonMatch: ScorerCode = {
  code: `({ output, expected }) => {
  const member = (of: object, key: string): unknown => (of as Record<string, unknown>)[key];
  const same = (a: unknown, b: unknown): boolean => {
    if (a === null || b === null || a === undefined || b === undefined) return false;
    if (typeof a !== 'object' || typeof b !== 'object') return a === b;
    if (Array.isArray(a) !== Array.isArray(b) || (Array.isArray(a) && a.length !== (b as unknown[]).length)) return false;
    return [...Object.keys(a), ...Object.keys(b)].every((key) => same(member(a, key), member(b, key)));
  };
  let said: unknown;
  try {
    said = JSON.parse(output);
  } catch {
    return { score: 0, reason: 'the answer is not JSON' };
  }
  return ${wanted}.some((one) => same(said, typeof one === 'string' ? JSON.parse(one) : one));
}`,
};

const conditions = {
  eq: 'input === reference',
  ne: 'input !== reference',
  like: 'input.includes(reference)',
  ilike: 'input.toLowerCase().includes(reference.toLowerCase())',
} as const;
export type Operation = keyof typeof conditions;
export const isOperation = (value: unknown): value is Operation =>
  typeof value === 'string' && Object.hasOwn(conditions, value);

/** A text in code. */
export const quotedText = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const expression = (pieces: readonly PromptPiece[]): string =>
  pieces.map((piece) => ('text' in piece ? quotedText(piece.text) : `text(${quotedText(piece.at)})`)).join(' + ') ||
  "''";

/** Two templates are filled in and compared. */
export const stringCheck = (
  operation: Operation,
  { input, reference }: { input: readonly PromptPiece[]; reference: readonly PromptPiece[] },
): ScorerCode => ({
  code: `(answer) => {
  const text = (path: string): string => {
    let value: unknown = answer;
    for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
    return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  };
  const input = ${expression(input)};
  const reference = ${expression(reference)};
  return ${conditions[operation]};
}`,
});
