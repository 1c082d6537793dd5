import { z } from 'zod';

export const scorerNames = [
  'exact',
  'contains',
  'regex',
  'numeric',
  'json_schema',
  'json_diff',
  'levenshtein',
  'bleu',
  'chrf',
  'ter',
  'rouge_1',
  'rouge_2',
  'rouge_l',
  'rouge_lsum',
  'meteor',
  'readability',
  'language',
  'pii',
  'toxicity',
  'embedding_similarity',
  'retrieval_precision',
  'retrieval_recall',
  'retrieval_hit',
  'retrieval_mrr',
  'retrieval_map',
  'retrieval_ndcg',
  'tool_calls',
  'trajectory',
  'latency_within',
  'cost_within',
  'code',
  'judge_model',
  'judge_rubric',
  'judge_reference',
  'judge_pairwise',
  'judge_g_eval',
  'judge_panel',
  'faithfulness',
  'answer_relevance',
  'context_precision',
  'context_recall',
] as const;

const jsonObject = z.record(z.string(), z.unknown());

/** One scorer of a body: as text, or as a name and its options. */
export const scorer = z.union([
  z
    .string()
    .min(1)
    .max(20_000)
    .describe(
      'A name, or a name and its options as JSON: `bleu {"tokenize":"char"}`; `task:question-answering`: the usual ones of a task',
    ),
  z.object({ name: z.enum(scorerNames), options: jsonObject.default({}) }),
]);

const calls = z
  .object({ traceIds: z.array(z.string()), costNanoUsd: z.string().nullable() })
  .nullable()
  .describe('The calls of models that the scorer made');

export const scorerResult = z.union([
  z.object({
    ok: z.literal(true),
    score: z.number().nullable().describe('From 0 to 1, more is better; null: only a label was given'),
    label: z.string().nullable(),
    reason: z.string().nullable(),
    feedback: z.string().nullable().describe('What to do better'),
    metadata: jsonObject.describe('What it was made of'),
    calls,
  }),
  z.object({ ok: z.literal(false), error: z.string(), metadata: jsonObject, calls }),
]);
