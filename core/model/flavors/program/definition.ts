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

const from = z
  .record(z.string(), z.string().max(200))
  .describe('By name: an input of the graph (`question`), or an output of a node before (`search.query`)');

const program: z.ZodType<ProgramData> = z.lazy(() =>
  z.discriminatedUnion('module', [
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
        module: z.literal('graph'),
        signature,
        nodes: z
          .array(z.object({ id: z.string().min(1).max(63), program, input: from }).strict())
          .min(1)
          .max(100),
        output: from,
      })
      .strict(),
  ]),
) as z.ZodType<ProgramData>;

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
