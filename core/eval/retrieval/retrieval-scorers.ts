import { z } from 'zod';
import { isJsonObject, type Json } from '../../records/index.ts';
import { retrievedDocuments, valueAt } from '../contexts.ts';
import { defineScorer, failed, type Scorer, type ScoringTarget, scored } from '../scorer-kind.ts';
import { type RankingMetric, rankingMetrics } from './ranking-metrics.ts';

function idOf(one: Json): string | null {
  if (typeof one === 'string' || typeof one === 'number') return String(one);
  return isJsonObject(one) && one.id !== undefined ? idOf(one.id) : null;
}

/** Ids in their order, each once; null: that is no list of ids or of things with an `id`. */
function idsIn(value: Json): string[] | null {
  if (!Array.isArray(value)) return null;
  const ids = value.map(idOf);
  return ids.every((id) => id !== null) ? [...new Set(ids as string[])] : null;
}

/** A list of ids that are relevant, or an object that grades them; null: neither. */
function relevanceOf(expected: Json): Map<string, number> | null {
  if (isJsonObject(expected)) {
    const grades = Object.entries(expected);
    return grades.every(([, grade]) => typeof grade === 'number') ? new Map(grades as [string, number][]) : null;
  }
  const ids = idsIn(Array.isArray(expected) ? expected : [expected]);
  return ids && new Map(ids.map((id) => [id, 1]));
}

function readOutput(output: string): Json {
  try {
    return JSON.parse(output) as Json;
  } catch {
    return null;
  }
}

type Place = { from: 'output' | 'metadata' | 'trace'; at: string };

/** A text says why nothing was found. */
async function foundIn(target: ScoringTarget, { from, at }: Place): Promise<string[] | string> {
  if (from === 'trace') {
    const documents = await retrievedDocuments(target);
    if (documents.length === 0) return 'the trace has no retriever that gave documents';
    const ids = documents.map(({ id, content }) => id ?? content);
    return ids.every((id) => id !== null) ? [...new Set(ids as string[])] : 'a document in the trace has no id';
  }
  const whole = from === 'output' ? readOutput(target.output) : target.metadata;
  const value = at === '' ? whole : valueAt(whole, at);
  const place = at === '' ? `the ${from}` : `\`${at}\` of the ${from}`;
  return idsIn(value ?? null) ?? `${place} is not a list of ids`;
}

const places = {
  /** The first places that count; left out: all. */
  k: z.number().int().min(1).optional(),
  from: z.enum(['output', 'metadata', 'trace']).default('output'),
  /** Where the list is; empty: the output itself is it. */
  at: z.string().default(''),
};

const scorerOf =
  (metric: RankingMetric) =>
  ({ k, gain, ...place }: Place & { k?: number | undefined; gain?: 'linear' | 'exponential' }): Scorer =>
  async (target) => {
    const relevant = target.expected === null ? null : relevanceOf(target.expected);
    if (relevant === null) return failed('the expected value is neither a list of ids nor an object of grades by id');
    const isAnyRelevant = [...relevant.values()].some((grade) => grade > 0);
    if (!isAnyRelevant) return failed('nothing is relevant, so nothing can be found');
    const found = await foundIn(target, place);
    if (typeof found === 'string') return failed(found);
    const score = rankingMetrics[metric]({ found, relevant }, k ?? Number.POSITIVE_INFINITY, gain);
    const right = found.slice(0, k).filter((id) => (relevant.get(id) ?? 0) > 0).length;
    return scored(score, `${right} relevant of ${Math.min(found.length, k ?? found.length)} found`);
  };

const kindOf = (metric: RankingMetric) => defineScorer(z.strictObject(places), scorerOf(metric));

/** What retrieval found against what is relevant. */
export const retrievalKinds = {
  retrieval_precision: kindOf('precision'),
  retrieval_recall: kindOf('recall'),
  retrieval_hit: kindOf('hit'),
  retrieval_mrr: kindOf('mrr'),
  retrieval_map: kindOf('map'),
  retrieval_ndcg: defineScorer(
    z.strictObject({ ...places, gain: z.enum(['linear', 'exponential']).default('linear') }),
    scorerOf('ndcg'),
  ),
};
