import { z } from 'zod';
import { dollars } from './control-schemas.ts';
import { isoTime, json, jsonObject, limit, nanos, nanoUsd, page, pageQuery } from './schemas.ts';
import { scorer, scorerResult } from './scorer-schemas.ts';

export const evaluationStatus = z.enum(['queued', 'running', 'completed', 'stopped', 'failed']);
export const verdict = z.enum(['better', 'worse', 'no_clear_difference', 'not_enough_data']);

export const run = z.object({
  id: z.string(),
  label: z.string().describe('The reference, unless it was named otherwise'),
  ref: z.string().nullable().describe('null: code that runs where the evaluation was started'),
  model: z.string().nullable(),
  version: z.number().nullable(),
});

export const measureSummary = z.object({
  runId: z.string(),
  measure: z
    .string()
    .describe('A scorer, `latency` (seconds), `cost` (dollars) or `errors` (share of calls that failed)'),
  examples: z.number().describe('With a value; repetitions are averaged within each'),
  failures: z.number().describe('Cells without one'),
  mean: z.number().nullable(),
  low: z.number().nullable().describe('95 % interval of the mean'),
  high: z.number().nullable(),
  p50: z.number().nullable().describe('Over cells'),
  p95: z.number().nullable(),
  labels: z.record(z.string(), z.number()).describe('How often each label was given'),
});

export const pairedResult = z.object({
  runId: z.string().describe('The candidate (B), compared with the baseline (A)'),
  measure: z.string(),
  meanA: z.number().nullable(),
  meanB: z.number().nullable(),
  difference: z.number().nullable().describe('Mean of B − A over the pairs'),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  method: z.string(),
  wins: z.number(),
  losses: z.number(),
  ties: z.number(),
  failuresA: z.number(),
  failuresB: z.number(),
  pairs: z.number(),
  pValue: z.number().nullable().describe('Corrected for several candidates and scorers (Bonferroni)'),
  rowsToSettle: z.number().nullable().describe('Rows that would settle a difference of the size seen'),
  flaky: z.number().nullable().describe('Share of examples whose repetitions disagree'),
  noiseShare: z.number().nullable().describe('Share of the uncertainty that more repetitions would take away'),
  deciding: z
    .array(z.object({ exampleId: z.string(), influence: z.number() }))
    .describe('The examples that move the difference most, and by how much each does'),
  toOverturn: z.number().nullable().describe('How few examples left out would make the verdict fall'),
  verdict,
  sentence: z.string(),
});

export const gate = z.object({
  measure: z.string(),
  statistic: z.enum(['mean', 'p50', 'p90', 'p95', 'p99']),
  than: z.enum(['baseline', 'limit']),
  direction: z.enum(['at_least', 'above', 'at_most', 'below']),
  limit: z.number().describe('Score points (0.05 is 5 pp), seconds, dollars or share; against the baseline: of B − A'),
  risk: z.number().gt(0).max(0.5).describe('Chance of saying `held` when it is not'),
});
const newGate = z.union([
  z
    .string()
    .min(1)
    .max(500)
    .describe(
      '`exact >= baseline - 5pp`, `latency p95 <= 2.5s`, `errors <= 1% (risk 10%)`; the risk is 5 % unless said',
    ),
  gate.extend({ statistic: gate.shape.statistic.default('mean'), risk: gate.shape.risk.default(0.05) }),
]);
export const gateResult = z.object({
  gate,
  text: z.string(),
  runId: z.string(),
  state: z.enum(['held', 'failed', 'inconclusive']),
  value: z.number().nullable().describe('What the samples show: of B itself, or of B − A'),
  low: z.number().nullable().describe('Where it lies, but for the risk of the gate on each side'),
  high: z.number().nullable(),
  sentence: z.string(),
});

const rowFilter = z.object({
  split: z.string().nullable(),
  tag: z.string().nullable(),
  first: z.number().nullable().describe('So many of those that fit'),
});

export const evaluation = z.object({
  id: z.string(),
  name: z.string(),
  dataset: z.string(),
  datasetVersion: z.number(),
  rows: rowFilter,
  runs: z.array(run).describe('The first is the baseline'),
  scorers: z.array(z.string()),
  gates: z.array(gate),
  repetitions: z.number(),
  concurrency: z.number(),
  rollout: z.string().nullable(),
  place: z.enum(['server', 'client']),
  metadata: jsonObject,
  status: evaluationStatus,
  error: z.string().nullable().describe('Why it failed, or was stopped by the server'),
  done: z.number(),
  total: z.number(),
  failed: z.number().describe('Cells whose call failed'),
  cached: z.number().describe('Cells that took an earlier answer'),
  erased: z.number().describe('Examples that were left out, because their content was erased'),
  costNanoUsd: nanoUsd.nullable().describe('Spent so far, judges included, cached answers not'),
  estimateNanoUsd: nanoUsd.nullable().describe('What was expected before the start'),
  capNanoUsd: nanoUsd.nullable(),
  summaries: z.array(measureSummary),
  results: z.array(pairedResult).describe('Each candidate against the baseline; empty until completed'),
  gateResults: z.array(gateResult),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
});
export const evaluationPage = page(evaluation);

export const newEvaluation = z.object({
  name: z.string().trim().max(200).default(''),
  dataset: z.string().min(1),
  version: z
    .union([z.number().int().positive(), z.string().min(1).max(100)])
    .optional()
    .describe('Its number or its name; left out: the head, a changed draft is frozen first'),
  rows: z
    .object({
      split: z.string().min(1).max(100).nullable().default(null),
      tag: z.string().min(1).max(100).nullable().default(null),
      first: z.number().int().positive().nullable().default(null).describe('So many of those that fit'),
    })
    .prefault({}),
  runs: z
    .array(
      z.object({
        ref: z
          .string()
          .min(1)
          .nullable()
          .describe('`name@alias`, `name@version` or a base model; null: code of the client, which needs a label'),
        label: z.string().trim().min(1).max(200).optional(),
      }),
    )
    .min(1)
    .max(10)
    .describe('The first is the baseline'),
  scorers: z
    .array(
      z.union([
        scorer,
        z.object({
          own: z.string().min(1).max(200).describe('Of the client, who hands in what it says with the cells'),
        }),
      ]),
    )
    .min(1)
    .max(50)
    .default(['exact', 'levenshtein']),
  gates: z.array(newGate).max(50).default([]),
  repetitions: z.number().int().min(1).max(50).default(1),
  concurrency: z.number().int().min(1).max(256).default(8).describe('Calls under way at one time, in each server'),
  rollout: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .describe('Answers of earlier evaluations of the same rollout are taken again; null: none is'),
  cap: dollars.nullable().default(null).describe('Dollars at which it stops, to be resumed'),
  place: z
    .enum(['server', 'client'])
    .default('server')
    .describe('`client`: the client makes the calls, hands in cells'),
  metadata: jsonObject.default({}),
});

export const evaluationEstimate = z.object({
  rows: z.number(),
  calls: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('null: no price is known of any of them'),
  runs: z.array(
    z.object({
      ref: z.string().nullable(),
      callNanoUsd: nanoUsd.nullable().describe('What one call is expected to cost'),
      basis: z.enum(['lately', 'list price', 'unknown', 'client']).describe('Where that comes from'),
    }),
  ),
  judges: z
    .array(
      z.object({
        scorer: z.string(),
        calls: z.number().describe('Calls of models that it makes for one answer'),
        nanoUsd: nanoUsd.nullable().describe('What these cost by list prices; null: no price is known'),
      }),
    )
    .describe('The scorers that ask models; their calls are in `costNanoUsd` and not in `calls`'),
  seconds: z.number().nullable().describe('How long it takes at this concurrency, from what calls took lately'),
});

export const evaluationQuery = pageQuery.extend({
  dataset: z.string().optional(),
  model: z.string().optional().describe('A name, or `name@version`'),
  status: evaluationStatus.optional(),
});

export const resumeEvaluation = z.object({
  cap: dollars.nullable().optional().describe('Another cap; null: none; left out: as it was'),
});

const cellPlace = { repetition: z.number().int().min(0), output: z.string().nullable(), error: z.string().nullable() };
export const cell = z.object({
  ...cellPlace,
  scores: z.record(z.string(), scorerResult),
  latencyNs: nanos,
  costNanoUsd: nanoUsd.nullable(),
  judgeNanoUsd: nanoUsd,
  traceId: z.string().nullable(),
  cached: z.boolean(),
  answerKey: z.string(),
});
export const newCell = z.object({
  runId: z.string(),
  exampleId: z.string(),
  ...cellPlace,
  scores: z.record(z.string(), scorerResult).default({}),
  latencyNs: nanos.describe('0: nobody measured it, so that it has no latency'),
  costNanoUsd: nanoUsd.nullable().default(null),
  judgeNanoUsd: nanoUsd.default('0'),
  traceId: z.string().nullable().default(null),
  cached: z.boolean().default(false),
  answerKey: z.string().max(200).default(''),
});
export const cellPlaceBody = z.object({
  runId: z.string(),
  exampleId: z.string(),
  repetition: z.number().int().min(0),
});
export const answer = z.object({
  ...{ output: cellPlace.output, error: cellPlace.error, latencyNs: nanos, costNanoUsd: nanoUsd.nullable() },
  traceId: z.string().nullable(),
  cached: z.boolean().describe('An earlier answer of the same rollout was taken'),
  limited: z
    .object({ retryAfterMs: z.number().nullable() })
    .nullable()
    .describe('There was no room: ask again, so much later'),
});
export const newCells = z.object({ cells: z.array(newCell).min(1).max(1000) });

export const rowKinds = ['all', 'regressions', 'improvements', 'errors', 'flaky'] as const;
export const evaluationRow = z.object({
  exampleId: z.string(),
  input: json,
  expected: json,
  metadata: jsonObject,
  erasedAt: isoTime.nullable().describe('When its content was erased; input and expected are null from then on'),
  cells: z.record(z.string(), z.array(cell)).describe('By run, those that are there, by repetition'),
  change: z
    .number()
    .nullable()
    .describe('Of the measure: the candidate less the baseline; null for `all`, and where a side has no value'),
});
export const evaluationRowQuery = z.object({
  limit,
  cursor: z.string().optional(),
  filter: z.enum(rowKinds).default('all').describe('All: as the dataset has them; others: largest change first'),
  measure: z.string().optional().describe('Left out: the first scorer'),
  run: z.string().optional().describe('The candidate; left out: the one that changed most'),
});
export const evaluationRowPage = page(evaluationRow).extend({
  counts: z
    .object({ regressions: z.number(), improvements: z.number(), errors: z.number(), flaky: z.number() })
    .nullable()
    .describe('Rows of each kind, by the measure and the run that were asked for; null behind the first page'),
});

export const soFarQuery = z.object({ measure: z.string().optional().describe('Left out: the first scorer') });
export const soFar = z.object({
  measure: z.string(),
  rows: z.number().describe('Finished by every run, and looked at: the first 3,000'),
  results: z
    .array(
      pairedResult.pick({
        ...{ runId: true, measure: true, pairs: true, meanA: true, meanB: true, difference: true },
        ...{ low: true, high: true, confidence: true, verdict: true, sentence: true },
      }),
    )
    .describe('Intervals hold at all times at once: an evaluation may be stopped when it is clear'),
});

const comparedRuns = {
  baseline: z.string().describe('A run, by id'),
  runs: z.string().describe('Runs, by id, with commas between them, over the same dataset version'),
};
export const comparisonRowQuery = evaluationRowQuery.extend(comparedRuns);
export const comparisonQuery = z.object({
  ...comparedRuns,
  gates: z.string().optional().describe('Gates as text, with semicolons between them'),
});
export const comparison = z.object({
  dataset: z.string(),
  datasetVersion: z.number(),
  baseline: run.extend({ evaluationId: z.string() }),
  runs: z.array(run.extend({ evaluationId: z.string() })),
  scorers: z.array(z.string()).describe('Those that all of them have'),
  repetitions: z.number().describe('The most that one of them has'),
  isFinal: z.boolean().describe('All of them are completed'),
  summaries: z.array(measureSummary),
  results: z.array(pairedResult),
  gateResults: z.array(gateResult),
});
