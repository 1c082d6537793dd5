import type { Judge } from '@wheelhouse/core/eval';
import type { ScorerResult } from '@wheelhouse/core/records';
import type { Judgement, OwnScorer } from './definition.ts';

const failed = (error: string): ScorerResult => ({ ok: false, error, metadata: {}, calls: null });

function read(judgement: Judgement): ScorerResult {
  if (judgement === null || judgement === undefined) return failed('the scorer said nothing');
  const said = typeof judgement === 'object' ? judgement : { score: judgement };
  const { label = null, reason = null, feedback = null } = said;
  const score = typeof said.score === 'boolean' ? Number(said.score) : (said.score ?? null);
  if (score === null && label === null) return failed('the scorer gave neither a score nor a label');
  if (score !== null && !(typeof score === 'number' && score >= 0 && score <= 1))
    return failed(`the scorer gave ${String(score)}; a score is a number from 0 to 1`);
  return { ok: true, score, label, reason, feedback, metadata: {}, calls: null };
}

/** A scorer of somebody's own as a judge: what it throws, and what is no score, is a failure of that answer, never a zero. */
export const ownJudge =
  ({ score }: Pick<OwnScorer, 'score'>): Judge =>
  async ({ input, output, expected, metadata, latencyNs, costNanoUsd }, signal) => {
    const answer = { input, output, expected, metadata };
    const latencyMs = Number(latencyNs ?? 0n) / 1e6;
    const costUsd = costNanoUsd === null ? null : Number(costNanoUsd) / 1e9;
    try {
      return read(await score({ ...answer, latencyMs, costUsd }, { signal: signal as AbortSignal }));
    } catch (error) {
      return failed(`the scorer threw: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
