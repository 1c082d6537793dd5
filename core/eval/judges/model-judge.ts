import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { defineScorer, scored } from '../scorer-kind.ts';
import { askUntilRead, byAsking, jsonIn } from './ask-judge.ts';

const verdict = z.object({
  score: z.union([z.number(), z.boolean()]).nullish(),
  label: z.string().nullish(),
  reason: z.string().nullish(),
  feedback: z.string().nullish(),
});
export type Verdict = { score: number | null; label: string | null; reason: string | null; feedback: string | null };

type Reading = { choices: Readonly<Record<string, number>>; best: number };

/**
 * A verdict in whatever form: a number, a yes or no, a label, or an object of `score`, `label`, `reason`, `feedback`.
 * A label with a score of its own in `choices` has that. A text says why it is none.
 */
export function readVerdict(value: unknown, { choices, best }: Reading): Verdict | string {
  const given = typeof value === 'string' ? { label: value } : isJsonObject(value) ? value : { score: value };
  const read = verdict.safeParse(given);
  if (!read.success) return 'it is no number, label, or object with `score` or `label`';
  const { score, label = null, reason = null, feedback = null } = read.data;
  const own = label !== null && Object.hasOwn(choices, label) ? (choices[label] ?? null) : null;
  const said = typeof score === 'boolean' ? Number(score) : score === undefined || score === null ? null : score / best;
  const found = said ?? own;
  if (found === null && label === null) return 'it has neither a score nor a label';
  if (Object.keys(choices).length > 0 && own === null && said === null) return `\`${label}\` is not one of the labels`;
  if (found !== null && !(found >= 0 && found <= 1)) return `the score ${String(score)} is not between 0 and ${best}`;
  return { score: found, label, reason, feedback };
}

/** Any model of the registry that gives a verdict: its prompt, its flavor and its versions are those of a model. */
export const modelJudge = defineScorer(
  z.strictObject({
    model: z.string().min(1),
    parameters: z.record(z.string(), z.json()).default({}),
    /** Which of them the model takes. */
    variables: z
      .array(z.enum(['input', 'output', 'expected', 'metadata']))
      .min(1)
      .default(['input', 'output', 'expected', 'metadata']),
    choices: z.record(z.string().min(1), z.number().min(0).max(1)).default({}),
    /** The highest score that the model gives. */
    best: z.number().positive().default(1),
  }),
  ({ model, parameters, variables, choices, best }) =>
    (target, world) =>
      byAsking(world, async (asking) => {
        const given = Object.fromEntries(variables.map((name): [string, Json] => [name, target[name]]));
        const read = (text: string) => {
          const value = jsonIn(text) ?? text.trim();
          const found = readVerdict(value, { choices, best });
          return typeof found === 'string' ? found : { answer: found };
        };
        const settings = { model, parameters: parameters as JsonObject };
        const said = await askUntilRead(asking, settings, { input: { messages: [], variables: given }, read });
        const { score, label, reason, feedback } = said;
        return scored(score, reason, { ...(label === null ? {} : { label }), ...(feedback ? { feedback } : {}) });
      }),
);
