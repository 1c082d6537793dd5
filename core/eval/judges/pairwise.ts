import { z } from 'zod';
import type { Json, ScorerResult } from '../../records/index.ts';
import { failed, noExpectedValue, type ScoringWorld, scored } from '../scorer-kind.ts';
import { askJudge, byAsking, type JudgeSettings } from './ask-judge.ts';
import { defineJudge, judged, settingsOf } from './judge-options.ts';
import { readable } from './judge-prompt.ts';
import { pairwisePrompt } from './prompts.ts';

type Pair = { input: Json; a: string; b: string; criteria: string };

const winOf = { first: 1, tie: 0.5, second: 0 } as const;

/**
 * Which of two answers a judge prefers, asked in both orders (Zheng et al. 2023, *Judging LLM-as-a-Judge*): the score is
 * the mean of the two, 1 where `a` is better each time; label `a`, `b`, `tie`, or `inconsistent` where the order decided.
 */
export function judgePair(
  world: ScoringWorld,
  settings: JudgeSettings,
  { input, a, b, criteria }: Pair,
): Promise<ScorerResult> {
  return byAsking(world, async (asking) => {
    const ask = (first: string, second: string) => {
      const texts = { input: readable(input), first, second, criteria };
      return askJudge(asking, settings, { prompt: pairwisePrompt, texts });
    };
    const [forth, back] = await Promise.all([ask(a, b), ask(b, a)]);
    const [there, again] = [winOf[forth.better], 1 - winOf[back.better]];
    const score = (there + again) / 2;
    const isFlipped = Math.abs(there - again) === 1;
    const label = isFlipped ? 'inconsistent' : score > 0.5 ? 'a' : score < 0.5 ? 'b' : 'tie';
    const orders = { first: forth.better, swapped: back.better };
    const reason = isFlipped ? `whichever came ${forth.better} was preferred: ${forth.reason}` : forth.reason;
    return scored(score, reason, { label, metadata: { orders } });
  });
}

/** The answer against the expected one: 1 better, 0.5 as good, 0 worse. */
export const pairwiseJudge = defineJudge(
  z.strictObject({
    ...judged,
    criteria: z.string().min(1).default('how correct, complete and helpful the answer is'),
  }),
  () => [pairwisePrompt],
  (options) =>
    ({ input, output, expected }, world) => {
      if (expected === null) return failed(noExpectedValue);
      const pair = { input, a: output, b: readable(expected), criteria: options.criteria };
      return judgePair(world, settingsOf(options), pair);
    },
);
