import { z } from 'zod';
import type { Candidate, ProgramData, SignatureData } from '../../../program/index.ts';
import { jsonObject, modelRef } from '../json-form.ts';

const field = z
  .object({
    name: z.string().regex(/^[A-Za-z_]\w{0,62}$/),
    type: z.string().max(1000).optional().describe('As in a signature: `str`, `list[str]`, `Literal["a", "b"]`'),
    schema: jsonObject.optional().describe('JSON Schema, in place of a type'),
    description: z.string().max(10_000).optional(),
  })
  .strict();

const signature: z.ZodType<SignatureData> = z.union([
  z.string().min(1).max(10_000).describe('For example `question, context: list[str] -> answer`'),
  z
    .object({
      instructions: z.string().max(200_000).optional(),
      inputs: z.array(field).min(1).max(100),
      outputs: z.array(field).min(1).max(100),
    })
    .strict(),
]);

const wiring = z
  .record(z.string(), z.string().max(200))
  .describe('By name: an input of the graph (`question`), or an output of a node before (`search.query`)');

const toolForm = {
  name: z
    .string()
    .regex(/^[A-Za-z_][\w-]{0,62}$/)
    .refine((name) => name !== 'finish', '`finish` ends it'),
  description: z.string().max(10_000).default(''),
  parameters: jsonObject.describe('JSON Schema of an object: the arguments by name'),
};
const code = z.string().min(1).max(100_000);
const tool = z.union([
  z.object({ ...toolForm, code: code.describe('For the sandbox: `export const main = (args) => …`') }).strict(),
  z.object({ ...toolForm, model: modelRef.describe('Whose input the arguments are') }).strict(),
]);

const from = z
  .union([
    z.object({ model: modelRef.describe('Takes `query` and `k`, gives passages') }).strict(),
    z.object({ code: code.describe('For the sandbox: `export const main = ({ query, k }) => […]`') }).strict(),
  ])
  .describe('What finds passages');
const k = z.number().int().min(1).max(1000).optional();

const options = z
  .object({
    strategy: z.enum(['bfs', 'beam', 'dfs']),
    generate: z.enum(['propose', 'sample']),
    evaluate: z.enum(['value', 'vote']),
    select: z.enum(['best', 'sample']),
    depth: z.number().int().min(1).max(100),
    breadth: z.number().int().min(1).max(100),
    budget: z.number().int().min(1).max(10_000).describe('The most proposals and judgements'),
    children: z.number().int().min(1).max(50),
    judgements: z.number().int().min(1).max(50),
    prune: z.number(),
    seed: z.number().int(),
    thought: z.string().max(10_000).describe('How a thought is to look'),
  })
  .partial();

const program: z.ZodType<ProgramData> = z.lazy(() => {
  const reward = z.union([
    // Described from outside: what describes a lazy schema makes another of it, without end.
    z.object({ program }).strict().describe('A judge, whose last output is a number'),
    z.object({ code: code.describe('For the sandbox: `export const main = ({ input, output }) => …`') }).strict(),
  ]);
  const tries = {
    program,
    count: z.number().int().min(1).max(100).describe('The most tries'),
    threshold: z.number().describe('A reward with which it is content'),
    failures: z.number().int().min(0).max(100).optional(),
    reward,
  };
  return z.discriminatedUnion('module', [
    z.object({ module: z.literal('predict'), signature }).strict(),
    z.object({ module: z.literal('chain-of-thought'), signature }).strict(),
    z
      .object({
        module: z.literal('self-consistency'),
        program,
        samples: z.number().int().min(1).max(500).optional(),
        certainty: z.number().min(0.5).max(1).optional().describe('It stops when it is so sure; 1: never'),
        field: z.string().max(63).optional().describe('What is voted on; the last output unless said'),
        temperature: z.number().min(0).max(2).optional(),
      })
      .strict(),
    z
      .object({
        module: z.literal('ensemble'),
        programs: z.array(program).min(1).max(20),
        field: z.string().max(63).optional().describe('What is voted on; the last output unless said'),
      })
      .strict(),
    z
      .object({ module: z.literal('compare-chains'), signature, count: z.number().int().min(1).max(20).optional() })
      .strict(),
    z.object({ module: z.literal('best-of'), ...tries }).strict(),
    z
      .object({
        module: z.literal('refine'),
        ...tries,
        describe: z.string().min(1).max(10_000).describe('What is rewarded, for the model that advises'),
      })
      .strict(),
    z.object({ module: z.literal('tree-of-thoughts'), signature, ...options.shape }).strict(),
    z
      .object({
        module: z.literal('program-of-thought'),
        signature,
        tries: z.number().int().min(1).max(20).optional(),
      })
      .strict(),
    z
      .object({
        module: z.literal('react'),
        signature,
        tools: z.array(tool).min(1).max(100),
        steps: z.number().int().min(1).max(200).optional(),
      })
      .strict(),
    z.object({ module: z.literal('retrieve'), k, from }).strict(),
    z.object({ module: z.literal('retrieve-ensemble'), k, from }).strict(),
    z
      .object({ module: z.literal('multi-hop'), signature, hops: z.number().int().min(1).max(20).optional(), k, from })
      .strict(),
    z
      .object({
        module: z.literal('graph'),
        signature,
        nodes: z
          .array(z.object({ id: z.string().min(1).max(63), program, input: wiring }).strict())
          .min(1)
          .max(100),
        output: wiring,
      })
      .strict(),
  ]) as z.ZodType<ProgramData>;
});

export const programDefinition = z
  .object({
    flavor: z.literal('program'),
    program,
    model: modelRef.describe('What its predictors ask whose candidate names none'),
    adapter: z.enum(['chat', 'json', 'xml']).default('chat').describe('How signatures become messages'),
    candidate: (jsonObject as z.ZodType as z.ZodType<Candidate>)
      .default({})
      .describe('What was tuned, by the path of the predictor: instructions, demos, model, parameters, thresholds'),
  })
  .strict()
  .describe('A program of modules as data, and what was tuned in it');
export type ProgramDefinition = z.output<typeof programDefinition>;
