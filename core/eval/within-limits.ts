import { z } from 'zod';
import { defineScorer, failed, scored } from './scorer-kind.ts';

const limit = z.strictObject({ max: z.number().min(0) });

/** 1 when the answer took at most `max` seconds. */
const latencyWithin = defineScorer(limit, ({ max }) => ({ latencyNs }) => {
  if (latencyNs === null) return failed('it is not known how long it took');
  const seconds = Number(latencyNs) / 1e9;
  return scored(seconds <= max ? 1 : 0, `${seconds.toFixed(3)} s`, { metadata: { seconds } });
});

/** 1 when the answer cost at most `max` dollars. */
const costWithin = defineScorer(limit, ({ max }) => ({ costNanoUsd }) => {
  if (costNanoUsd === null) return failed('no price is known');
  const dollars = Number(costNanoUsd) / 1e9;
  return scored(dollars <= max ? 1 : 0, `$${dollars}`, { metadata: { dollars } });
});

export const limitKinds = { latency_within: latencyWithin, cost_within: costWithin };
