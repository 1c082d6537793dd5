import { z } from 'zod';
import type { Json, JsonObject } from '../../../records/index.ts';
import { type HttpCall, httpCall, mapping } from '../endpoint/index.ts';
import { json, jsonObject, modelRef } from '../json-form.ts';

/** Of the values so far: `/input/…`, `/steps/<id>/…`, and in a map `/item/…` and `/index`. */
const pointer = z
  .string()
  .regex(/^(?:\/.*)?$/)
  .max(500)
  .describe('A JSON Pointer, for example `/steps/triage/label`');

export type Condition =
  | { at: string; equals: Json }
  | { at: string; in: Json[] }
  | { at: string; contains: string }
  | { at: string; above: number }
  | { at: string; below: number }
  | { at: string; exists: boolean }
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition };

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.object({ at: pointer, equals: json }).strict(),
    z.object({ at: pointer, in: z.array(json).max(200) }).strict(),
    z
      .object({
        at: pointer,
        contains: z.string().max(500).describe('A piece of text in any case, or an item of a list'),
      })
      .strict(),
    z.object({ at: pointer, above: z.number() }).strict(),
    z.object({ at: pointer, below: z.number() }).strict(),
    z.object({ at: pointer, exists: z.boolean() }).strict(),
    z.object({ all: z.array(condition).min(1).max(50) }).strict(),
    z.object({ any: z.array(condition).min(1).max(50) }).strict(),
    z.object({ not: condition }).strict(),
  ]),
);

export type Step = { id: string } & (
  | { do: 'prompt'; model: string; input?: Json; messages?: Json; parameters: JsonObject }
  | { do: 'tool'; call: HttpCall; input?: Json }
  | { do: 'code'; source: string; input?: Json }
  | { do: 'branch'; cases: { when: Condition; steps: Step[] }[]; otherwise?: Step[] | undefined }
  | { do: 'map'; over: string; steps: Step[]; concurrency: number }
  | { do: 'parallel'; branches: Record<string, Step[]> }
  | { do: 'retry'; times: number; waitMs: number; steps: Step[] }
);

const id = z
  .string()
  .regex(/^[a-z][\w-]{0,62}$/i)
  .describe('Unique in the chain');
const steps: z.ZodType<Step[]> = z.lazy(() => z.array(step).min(1).max(100));

const step: z.ZodType<Step> = z.lazy(() =>
  z.discriminatedUnion('do', [
    z
      .object({
        id,
        do: z.literal('prompt'),
        model: modelRef,
        input: mapping.optional().describe('Its variables'),
        messages: mapping.optional(),
        parameters: jsonObject.default({}),
      })
      .strict(),
    z.object({ id, do: z.literal('tool'), call: httpCall, input: mapping.optional() }).strict(),
    z
      .object({
        id,
        do: z.literal('code'),
        source: z.string().max(100_000).describe('A module that exports `main(input)`, in JavaScript'),
        input: mapping.optional(),
      })
      .strict(),
    z
      .object({
        id,
        do: z.literal('branch'),
        cases: z
          .array(z.object({ when: condition, steps }).strict())
          .min(1)
          .max(50),
        otherwise: steps.optional(),
      })
      .strict(),
    z
      .object({
        id,
        do: z.literal('map'),
        over: pointer,
        steps,
        concurrency: z.number().int().min(1).max(50).default(4),
      })
      .strict(),
    z.object({ id, do: z.literal('parallel'), branches: z.record(z.string().regex(/^[\w-]{1,63}$/), steps) }).strict(),
    z
      .object({
        id,
        do: z.literal('retry'),
        times: z.number().int().min(1).max(20).default(3),
        waitMs: z.number().int().min(0).max(60_000).default(500),
        steps,
      })
      .strict(),
  ]),
) as z.ZodType<Step>;

export const chainDefinition = z
  .object({
    flavor: z.literal('chain'),
    steps,
    output: mapping.optional().describe('Left out: the output of the last step'),
  })
  .strict()
  .describe('Steps, one after the other');
export type ChainDefinition = z.output<typeof chainDefinition>;
