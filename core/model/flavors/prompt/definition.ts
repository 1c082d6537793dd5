import { z } from 'zod';
import { baseModelName, json, jsonObject, modelRef, parameters, template } from '../json-form.ts';

const role = z.enum(['system', 'developer', 'user', 'assistant']);

const templated = z
  .object({
    role,
    content: z
      .union([
        template,
        z
          .array(
            z.union([
              z.object({ type: z.literal('text'), text: template }).strict(),
              z.object({ type: z.literal('image_url'), image_url: z.object({ url: template }).strict() }).strict(),
            ]),
          )
          .min(1)
          .max(50),
      ])
      .describe('Text, or parts of text and images'),
  })
  .strict();
const placeholder = z
  .object({ placeholder: z.string().min(1).max(100) })
  .strict()
  .describe('Messages that the caller gives as the variable of this name');
const included = z
  .object({ include: modelRef })
  .strict()
  .describe('The messages of another prompt: `name@2` stays, `name@alias` follows the alias');
const fewShot = z
  .object({
    examples: z
      .array(z.object({ input: jsonObject, output: json }).strict())
      .min(1)
      .max(200),
    user: template.describe('The user message of each example, of the members of its input'),
  })
  .strict()
  .describe('A few-shot block: each example as a question and its answer');

const promptPart = z.union([templated, placeholder, included, fewShot]);

export const promptDefinition = z
  .object({
    flavor: z.literal('prompt'),
    baseModel: baseModelName,
    template: template.optional().describe('A text prompt, in the place of `messages`: sent as one user message'),
    messages: z.array(promptPart).max(200).optional().describe("Stand before the caller's own messages"),
    partials: z
      .record(z.string().regex(/^[\w.-]{1,100}$/), template)
      .optional()
      .describe('Pieces for `{{>name}}`; `{{>name@alias}}` and `{{>name@2}}` are text prompts of the project'),
    parameters,
  })
  .strict()
  .describe('A template for a base model, with parameters');

export type PromptPart = z.output<typeof promptPart>;
export type PromptDefinition = z.output<typeof promptDefinition>;
