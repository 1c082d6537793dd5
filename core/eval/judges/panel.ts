import { z } from 'zod';
import type { ScorerResult } from '../../records/index.ts';
import { scored } from '../scorer-kind.ts';
import { byAsking, JudgeFailure } from './ask-judge.ts';
import { gradeByRubric, promptOfRubric, rubricOptions } from './grading.ts';
import { asked, defineJudge, settingsOf } from './judge-options.ts';

type Vote = { model: string; result: ScorerResult };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The middle of the scores; of an even number, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return mean(sorted.slice(Math.floor(at), Math.ceil(at) + 1));
}

/** What most say; null: no one label is named most. */
function mostNamed(labels: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a);
  return first === undefined || first[1] === second?.[1] ? null : first[0];
}

const voteBody = ({ model, result }: Vote) =>
  result.ok
    ? { model, score: result.score, label: result.label, reason: result.reason }
    : { model, error: result.error };

function decide(votes: readonly Vote[], by: 'mean' | 'median' | 'majority'): ScorerResult {
  const given = votes.flatMap(({ result }) =>
    result.ok && result.score !== null ? [{ ...result, score: result.score }] : [],
  );
  const failures = votes.flatMap(({ result }) => (result.ok ? [] : [result.error]));
  if (given.length * 2 <= votes.length)
    throw new JudgeFailure(`${given.length} of ${votes.length} judges gave a verdict; one failed: ${failures[0]}`);
  const scores = given.map(({ score }) => score);
  const labels = given.flatMap(({ label }) => label ?? []);
  const label = mostNamed(labels);
  const spread = Math.max(...scores) - Math.min(...scores);
  const chosen = by === 'majority' && label !== null ? scores.filter((_, i) => given[i]?.label === label) : scores;
  const score = by === 'median' ? median(chosen) : mean(chosen);
  const metadata = { votes: votes.map(voteBody), spread, failed: failures.length };
  const reason =
    spread === 0
      ? `all ${given.length} agree: ${given[0]?.reason ?? ''}`
      : `from ${Math.min(...scores)} to ${Math.max(...scores)}`;
  const feedback = given.find((one) => one.feedback !== null)?.feedback ?? undefined;
  return scored(score, reason, { metadata, ...(label === null ? {} : { label }), ...(feedback ? { feedback } : {}) });
}

/**
 * Several judges of different makers in place of one (Verga et al. 2024, *Replacing Judges with Juries*). Each vote is
 * kept, and how far they are apart; more than half have to give one.
 */
export const panelJudge = defineJudge(
  z.strictObject({
    models: z.array(z.string().min(1)).min(2).max(9),
    ...asked,
    ...rubricOptions,
    vote: z.enum(['mean', 'median', 'majority']).default('mean'),
  }),
  (rubric) => [promptOfRubric(rubric)],
  (options) => {
    if (options.vote === 'majority' && options.choices === undefined) return '`vote`: a majority is of `choices`';
    return (target, world) =>
      byAsking(world, async (asking) => {
        const votes = options.models.map(async (model): Promise<Vote> => {
          // Each judge fails on its own; the calls of all are counted by the outer one.
          const result = await byAsking(world, async (own) =>
            gradeByRubric({ ...own, call: asking.call }, settingsOf({ ...options, model }), {
              target,
              rubric: options,
            }),
          );
          return { model, result };
        });
        return decide(await Promise.all(votes), options.vote);
      });
  },
);
