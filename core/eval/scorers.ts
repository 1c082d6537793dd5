import { canonicalJson, type Json, type ScorerResult } from '../records/index.ts';
import { editDistance } from './edit-distance.ts';

export type ScorerName = 'exact' | 'levenshtein';
type Scorer = (output: string, expected: Json) => ScorerResult;

/** Longest text that is compared letter by letter, in code points. */
const longest = 20_000;

const scored = (score: number, reason: string | null = null): ScorerResult => ({ ok: true, score, reason });
const failed = (error: string): ScorerResult => ({ ok: false, error });

/** The output as JSON in canonical text; null when it is not JSON. */
function canonicalOutput(output: string): string | null {
  try {
    return canonicalJson(JSON.parse(output) as Json);
  } catch {
    return null;
  }
}

/** 1 when the texts are equal but for white space at the ends, or, where JSON is expected, when the values are equal. */
function exact(output: string, expected: Json): ScorerResult {
  if (typeof expected === 'string') return scored(output.trim() === expected.trim() ? 1 : 0);
  const actual = canonicalOutput(output);
  if (actual === null) return scored(0, 'the output is not JSON');
  return scored(actual === canonicalJson(expected) ? 1 : 0);
}

/** 1 − edit distance ÷ length of the longer text, over Unicode code points; JSON is compared in canonical text. */
function levenshtein(output: string, expected: Json): ScorerResult {
  const isText = typeof expected === 'string';
  const wanted = [...(isText ? expected.trim() : canonicalJson(expected))];
  const actual = [...((isText ? null : canonicalOutput(output)) ?? output.trim())];
  const length = Math.max(wanted.length, actual.length);
  if (length > longest) return failed(`a text of ${length} characters is too long to compare; the limit is ${longest}`);
  return scored(length === 0 ? 1 : 1 - editDistance(wanted, actual) / length);
}

const expecting =
  (scorer: Scorer): Scorer =>
  (output, expected) =>
    expected === null ? failed('no expected value') : scorer(output, expected);

/** What judges an output, by name; a missing expected value is a failure to score, never a zero. */
export const scorers: Record<ScorerName, Scorer> = {
  exact: expecting(exact),
  levenshtein: expecting(levenshtein),
};
