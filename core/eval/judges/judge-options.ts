import { z } from 'zod';
import type { JsonObject } from '../../records/index.ts';
import { defineScorer, type Scorer, type ScorerKind, type ScoringTarget } from '../scorer-kind.ts';
import type { JudgeSettings } from './ask-judge.ts';
import { type JudgePrompt, promptHash, readable } from './judge-prompt.ts';

/** What every judge takes beside what it judges by. */
export const asked = {
  /** Members of the request to the judge. */
  parameters: z.record(z.string(), z.json()).default({ temperature: 0 }),
  schema: z.boolean().default(true),
  /** The hash of the prompts, which a label gets by itself: other prompts are another measure. */
  prompt: z.string().optional(),
};
export const judged = { model: z.string().min(1), ...asked };

type Judged = { model: string; parameters: Record<string, unknown>; schema: boolean };

export const settingsOf = ({ model, parameters, schema }: Judged): JudgeSettings => ({
  ...{ model, schema, parameters: parameters as JsonObject },
});

/** The texts that most prompts take. */
export const textsOf = ({ input, output, expected }: ScoringTarget) => ({
  input: readable(input),
  answer: output,
  expected: expected === null ? '' : readable(expected),
});

/** A kind of scorer that asks models. */
export type JudgeKind = ScorerKind & {
  /** Of the prompts that these options lead to. */
  hash(options: JsonObject): string | null;
};

/** Defines a judge whose options are read by a schema; one of other prompts than its label says is refused. */
export function defineJudge<Options extends { prompt?: string | undefined }>(
  schema: z.ZodType<Options>,
  prompts: (options: Options) => readonly JudgePrompt<unknown>[],
  make: (options: Options) => Scorer | string,
): JudgeKind {
  const kind = defineScorer(schema, (options) => {
    const hash = promptHash(prompts(options));
    if (options.prompt !== undefined && options.prompt !== hash)
      return `\`prompt\`: this judge's prompts are ${hash} by now; leave it out to take them`;
    return make(options);
  });
  const hash = (options: JsonObject) => {
    const read = schema.safeParse(options);
    return read.success ? promptHash(prompts(read.data)) : null;
  };
  return Object.assign(kind, { hash });
}
