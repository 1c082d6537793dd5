import { z } from 'zod';
import type { JsonObject, ScorerResult } from '../../records/index.ts';
import { type ScoringTarget, scored } from '../scorer-kind.ts';
import { type Asking, byAsking, JudgeFailure } from './ask-judge.ts';
import { defineJudge, judged, textsOf } from './judge-options.ts';
import { fillPrompt } from './judge-prompt.ts';
import { gEvalPrompt } from './prompts.ts';

/** What OpenAI gives at the most. */
const alternatives = 20;

function gradeIn(text: string, scale: number): number | null {
  const [, digits] = /^\s*\D{0,20}?(\d+)\D*$/s.exec(text) ?? [];
  const grade = Number(digits ?? Number.NaN);
  return grade >= 1 && grade <= scale ? grade : null;
}

/** The weight of each grade where the answer's first number stands; null: there is none. */
export function gradeWeights(logprobs: readonly JsonObject[], scale: number): Map<number, number> | null {
  const place = logprobs.find(({ token }) => typeof token === 'string' && /\d/.test(token));
  if (place === undefined) return null;
  const tokens = Array.isArray(place.top_logprobs) && place.top_logprobs.length > 0 ? place.top_logprobs : [place];
  const weights = new Map<number, number>();
  for (const { token, logprob } of tokens as JsonObject[]) {
    if (typeof token !== 'string' || typeof logprob !== 'number' || !/^\s*\d+\s*$/.test(token)) continue;
    const grade = Number(token);
    if (grade >= 1 && grade <= scale) weights.set(grade, (weights.get(grade) ?? 0) + Math.exp(logprob));
  }
  return weights.size === 0 ? null : weights;
}

/** The expected grade, from 1 to `scale` laid on 0 to 1. */
function scoreOf(weights: ReadonlyMap<number, number>, scale: number, metadata: JsonObject): ScorerResult {
  let total = 0;
  let sum = 0;
  for (const [grade, weight] of weights) {
    total += weight;
    sum += grade * weight;
  }
  const expected = sum / total;
  const shares = Object.fromEntries([...weights].sort(([a], [b]) => a - b).map(([g, w]) => [String(g), w / total]));
  const score = Math.min(1, Math.max(0, (expected - 1) / (scale - 1)));
  return scored(score, `grade ${expected.toFixed(2)} of ${scale}`, { metadata: { grades: shares, ...metadata } });
}

type Options = {
  model: string;
  parameters: Record<string, unknown>;
  criteria: string;
  steps: string[];
  scale: number;
  logprobs: boolean;
  samples: number;
};

function questionOf({ criteria, steps, scale }: Options, target: ScoringTarget) {
  const numbered = steps.map((step, i) => `${i + 1}. ${step}`).join('\n');
  const prompt = gEvalPrompt(scale);
  const texts = { ...textsOf(target), criteria, steps: numbered === '' ? 'As the criteria say.' : numbered };
  const messages = [
    { role: 'system', content: prompt.system },
    { role: 'user', content: fillPrompt(prompt, texts) },
  ];
  return { messages, variables: {} };
}

/** `none`: this model gives no log-probabilities. */
async function byWeights(
  asking: Asking,
  options: Options,
  target: ScoringTarget,
): Promise<ScorerResult | 'none' | 'no grade'> {
  const parameters = { ...(options.parameters as JsonObject), logprobs: true, top_logprobs: alternatives };
  const outcome = await asking.call(options.model, questionOf(options, target), parameters);
  if (!outcome.ok) {
    if (/log_?probs/i.test(outcome.error)) return 'none';
    throw new JudgeFailure(`the judge could not be asked: ${outcome.error}`);
  }
  if (outcome.logprobs === undefined || outcome.logprobs.length === 0) return 'none';
  const weights = gradeWeights(outcome.logprobs, options.scale);
  return weights === null ? 'no grade' : scoreOf(weights, options.scale, { by: 'logprobs' });
}

async function bySamples(asking: Asking, options: Options, target: ScoringTarget): Promise<ScorerResult> {
  const { model, samples, scale } = options;
  const input = questionOf(options, target);
  const parameters = { ...(options.parameters as JsonObject), temperature: 1 };
  const outcomes = await Promise.all(Array.from({ length: samples }, () => asking.call(model, input, parameters)));
  const grades = outcomes.flatMap((one) => (one.ok ? (gradeIn(one.text, scale) ?? []) : []));
  if (grades.length * 2 <= samples) {
    const failure = outcomes.find((one) => !one.ok);
    const why = failure === undefined ? 'the others are no grade' : `one failed: ${failure.error}`;
    throw new JudgeFailure(`the judge gave a grade ${grades.length} times of ${samples}; ${why}`);
  }
  const weights = new Map<number, number>();
  for (const grade of grades) weights.set(grade, (weights.get(grade) ?? 0) + 1);
  return scoreOf(weights, scale, { by: 'samples', samples: grades.length });
}

/**
 * G-Eval (Liu et al. 2023): the expected grade over the model's own probabilities of each, by log-probabilities where
 * there are any, else by sampling at temperature 1.
 */
export const gEvalJudge = defineJudge(
  z.strictObject({
    ...{ model: judged.model, parameters: judged.parameters, prompt: judged.prompt },
    criteria: z.string().min(1),
    steps: z.array(z.string().min(1)).default([]),
    scale: z.number().int().min(2).max(9).default(5),
    logprobs: z.boolean().default(true),
    samples: z.number().int().min(1).max(50).default(10),
  }),
  ({ scale }) => [gEvalPrompt(scale)],
  (options) => {
    let hasWeights = options.logprobs;
    return (target, world) =>
      byAsking(world, async (asking) => {
        const weighted = hasWeights ? await byWeights(asking, options, target) : 'none';
        if (typeof weighted !== 'string') return weighted;
        hasWeights &&= weighted !== 'none';
        return bySamples(asking, options, target);
      });
  },
);
