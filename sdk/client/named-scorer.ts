/**
 * Reads a scorer as it is typed: `kind=judge_rubric {…}` gives its scores the name `kind`; what has braces before its sign
 * of equality names nothing.
 */
export function namedScorer(text: string): string | { scorer: string; as: string } {
  const [, as, scorer] = /^([^={}]+)=(.+)$/s.exec(text) ?? [];
  return as === undefined || scorer === undefined ? text : { as: as.trim(), scorer: scorer.trim() };
}
