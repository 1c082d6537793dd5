import { z } from 'zod';
import type { ScorerResult } from '../../records/index.ts';
import { failed, noExpectedValue, type ScoringTarget, scored } from '../scorer-kind.ts';
import { type Asking, askJudge, byAsking, type JudgeSettings } from './ask-judge.ts';
import { defineJudge, judged, settingsOf, textsOf } from './judge-options.ts';
import { choicePrompt, referenceChoices, referencePrompt, rubricPrompt } from './prompts.ts';

/** A rubric, and grades of 1 to `scale` or a few labels with their scores. */
export const rubricOptions = {
  rubric: z.string().min(1),
  scale: z.number().int().min(2).max(10).default(5),
  choices: z
    .record(z.string().min(1), z.number().min(0).max(1))
    .refine((choices) => Object.keys(choices).length >= 2, 'there are fewer than two')
    .optional(),
};
export type Rubric = {
  rubric: string;
  scale: number;
  choices?: Record<string, number> | undefined;
};

/** In one order, however the options were written: the prompt is hashed. */
const labelsOf = (choices: Record<string, number>) => Object.keys(choices).sort();

export const promptOfRubric = ({ scale, choices }: Rubric) =>
  choices === undefined ? rubricPrompt(scale) : choicePrompt(labelsOf(choices));

/** @throws JudgeFailure */
export async function gradeByRubric(
  asking: Asking,
  settings: JudgeSettings,
  { target, rubric }: { target: ScoringTarget; rubric: Rubric },
): Promise<ScorerResult> {
  const texts = { ...textsOf(target), rubric: rubric.rubric };
  const { scale, choices } = rubric;
  if (choices !== undefined) {
    const prompt = choicePrompt(labelsOf(choices));
    const { choice, reason, feedback } = await askJudge(asking, settings, { prompt, texts });
    return scored(choices[choice] ?? null, reason, { label: choice, feedback });
  }
  const { grade, reason, feedback } = await askJudge(asking, settings, { prompt: rubricPrompt(scale), texts });
  return scored((grade - 1) / (scale - 1), reason, { feedback, metadata: { grade, scale } });
}

/** A grade by a rubric, from 1 to `scale` laid on 0 to 1, or one of a few labels. */
export const rubricJudge = defineJudge(
  z.strictObject({ ...judged, ...rubricOptions }),
  (rubric) => [promptOfRubric(rubric)],
  (options) => (target, world) =>
    byAsking(world, (asking) => gradeByRubric(asking, settingsOf(options), { target, rubric: options })),
);

/** Whether the answer says what the expected one says: 1, 0.5 or 0. */
export const referenceJudge = defineJudge(
  z.strictObject(judged),
  () => [referencePrompt],
  (options) => (target, world) => {
    if (target.expected === null) return failed(noExpectedValue);
    return byAsking(world, async (asking) => {
      const question = { prompt: referencePrompt, texts: textsOf(target) };
      const { choice, reason, feedback } = await askJudge(asking, settingsOf(options), question);
      return scored(referenceChoices[choice], reason, { label: choice, feedback });
    });
  },
);
