import type { z } from 'zod';
import type { SchemaChecker } from '../ports/index.ts';
import type { Json, JsonObject, ScorerResult } from '../records/index.ts';

/** Judges one output. A missing expected value where one is needed is a failure to score, never a zero. */
export type Scorer = (output: string, expected: Json) => ScorerResult;

type World = { checker: SchemaChecker };

/** Makes a scorer of its options; a text says why they do not work. */
export type ScorerKind = (options: JsonObject, world: World) => Scorer | string;

export const scored = (score: number, reason: string | null = null): ScorerResult => ({ ok: true, score, reason });
export const failed = (error: string): ScorerResult => ({ ok: false, error });

/**
 * A kind of scorer whose options are read by a schema.
 * @param instead the option that stands in for the expected value; without it every example needs one
 */
export function defineScorer<Options extends object>(
  schema: z.ZodType<Options>,
  make: (options: Options, world: World) => Scorer | string,
  instead?: keyof Options & string,
): ScorerKind {
  return (given, world) => {
    const read = schema.safeParse(given);
    if (!read.success) {
      const [issue] = read.error.issues;
      const place = issue?.path.join('.') ?? '';
      return `${place === '' ? '' : `\`${place}\`: `}${issue?.message ?? 'they cannot be read'}`;
    }
    const scorer = make(read.data, world);
    if (typeof scorer === 'string' || (instead !== undefined && read.data[instead] !== undefined)) return scorer;
    return (output, expected) => (expected === null ? failed('no expected value') : scorer(output, expected));
  };
}
