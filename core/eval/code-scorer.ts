import { z } from 'zod';
import { type Json, nanosToMs, WheelhouseError } from '../records/index.ts';
import { readVerdict } from './judges/model-judge.ts';
import { defineScorer, failed, type ScoringTarget, scored } from './scorer-kind.ts';

/** What `main` is given: times in milliseconds, money in dollars. */
async function givenTo({ input, output, expected, metadata, latencyNs, costNanoUsd }: ScoringTarget): Promise<Json> {
  const latencyMs = latencyNs === null ? null : nanosToMs(latencyNs);
  const costUsd = costNanoUsd === null ? null : Number(costNanoUsd) / 1e9;
  return { input, output, expected, metadata, latencyMs, costUsd };
}

/**
 * `main({input, output, expected, metadata, latencyMs, costUsd})` of a module, in a sandbox without clock, chance,
 * network or files. It gives a number from 0 to 1, true or false, a label, or `{score, label, reason, feedback}`.
 */
export const codeScorer = defineScorer(
  z.strictObject({
    source: z.string().min(1),
    ms: z.number().int().min(1).max(5_000).default(1_000),
    mb: z.number().int().min(1).max(64).default(32),
  }),
  ({ source, ms, mb }) =>
    async (target, { sandbox, signal }) => {
      try {
        const limits = { ms, bytes: mb * 1024 * 1024 };
        const said = readVerdict(await sandbox.run(source, await givenTo(target), signal, limits), {
          choices: {},
          best: 1,
        });
        if (typeof said === 'string') return failed(`what the code gives is no verdict: ${said}`);
        const { score, label, reason, feedback } = said;
        return scored(score, reason, { ...(label === null ? {} : { label }), ...(feedback ? { feedback } : {}) });
      } catch (error) {
        if (error instanceof WheelhouseError && error.code === 'code_failed') return failed(error.message);
        throw error;
      }
    },
);
