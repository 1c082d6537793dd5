import { z } from 'zod';
import { failureKinds } from '../records/index.ts';
import { isoTime } from './schemas.ts';

const keyHealth = z.object({
  id: z.string(),
  state: z.enum(['cooling', 'refused']).describe('refused: wrong, without the right, or out of money'),
  until: isoTime.describe('When it is tried again'),
  reason: z.string(),
});

export const targetHealth = z.object({
  target: z.string().describe('provider/model'),
  provider: z.string(),
  state: z
    .enum(['ok', 'open', 'probing'])
    .describe('open: takes no calls; probing: one call at a time finds out whether it is back'),
  retryAt: isoTime.nullable(),
  running: z.number().describe('Attempts that run now'),
  attempts: z.number().describe('Of the last half minute at most'),
  failures: z.number(),
  latencyMs: z.number().nullable().describe('Expected wait for the first content'),
  headroom: z.number().nullable().describe('From 0 to 1: what is left of the rate limit, as the vendor said last'),
  lastFailure: z.object({ kind: z.enum(failureKinds), message: z.string(), at: isoTime }).nullable(),
  keys: z.array(keyHealth).describe('Those that are not taken at the moment'),
});

export const gatewayRoute = z.object({
  name: z.string().describe('What callers name'),
  strategy: z.string().describe('How one of several targets is chosen'),
  sticky: z.enum(['user', 'session']).nullable().describe('Whose calls stay with one target'),
  targets: z.array(
    z.object({
      target: z.string().describe('provider/model'),
      weight: z.number(),
      priority: z.number().describe('Lower first'),
      after: z.array(z.enum(failureKinds)).nullable().describe('Only after such a failure elsewhere; null: always'),
    }),
  ),
  fallbackOn: z.array(z.enum(failureKinds)).describe('After which failures another target is tried'),
  hedgeAfterMs: z.number().nullable(),
  shadow: z.object({ target: z.string(), share: z.number() }).nullable(),
});

export const gatewayTargets = z.object({
  running: z.number().describe('Calls that run on this server now'),
  routes: z.array(gatewayRoute).describe('As configured, by name'),
  data: z.array(targetHealth).describe('Every target that this server called since it started, by name'),
});
