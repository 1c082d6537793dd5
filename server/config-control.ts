import { z } from 'zod';

const semantic = z
  .object({
    embedder: z.string().min(1).describe('The model, as callers name it, that turns questions into vectors'),
    threshold: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.95)
      .describe(
        'The least cosine of two questions; where they use other words, a third of its distance from 1 is allowed',
      ),
    scope: z
      .enum(['project', 'key', 'user'])
      .default('project')
      .describe('Who shares answers: all of the project, the calls of one key, or those for one end user'),
    waitMs: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe('A call waits no longer for the vector of its question, and goes on without'),
  })
  .strict();

const policy = z
  .object({
    ttlSeconds: z.number().int().min(1).max(31_536_000).describe('How long an answer is kept'),
    anyTemperature: z
      .boolean()
      .default(false)
      .describe('Keep also what would come out otherwise the next time; false: temperature 0, and embeddings'),
    wording: z
      .enum(['exact', 'loose'])
      .default('exact')
      .describe(
        'loose: a last message that says the same but for politeness, articles and final punctuation is the same',
      ),
    semantic: semantic
      .nullable()
      .default(null)
      .describe('Give the answer also to a last message that asks the same in other words'),
  })
  .strict();

export const controlSection = z
  .object({
    whenAway: z
      .object({
        budgets: z.enum(['allow', 'refuse']).optional(),
        limits: z.enum(['allow', 'refuse']).optional(),
      })
      .strict()
      .optional()
      .describe('What becomes of calls while the store that replicas share does not answer'),
  })
  .strict();

export const cacheSection = z
  .object({
    megabytes: z.number().int().min(1).max(65_536).optional().describe('In the memory of each server; 64 unless said'),
    models: z
      .record(z.string().min(1), policy)
      .describe('By the name that callers use, of a model or a route; a * at the end stands for any ending'),
  })
  .strict();

type Away = 'allow' | 'refuse';
type Policies = z.output<typeof cacheSection>['models'];
export type ControlConfig = { whenAway: { budgets: Away; limits: Away } };
export type CacheConfig = { bytes: number; policies: Policies };

/** Money is not spent unseen, and a limit is not worth an outage, unless the file says otherwise. */
export const readControl = (given: z.output<typeof controlSection> | undefined): ControlConfig => ({
  whenAway: { budgets: given?.whenAway?.budgets ?? 'refuse', limits: given?.whenAway?.limits ?? 'allow' },
});

/** Nothing is cached unless the file names the model. */
export const readCache = (given: z.output<typeof cacheSection> | undefined): CacheConfig => ({
  bytes: (given?.megabytes ?? 64) * 1024 * 1024,
  policies: given?.models ?? {},
});
