import { z } from 'zod';
import { modelDefinition } from '../model/index.ts';
import { signature } from './model-schemas.ts';
import { jsonObject } from './schemas.ts';

/** Definitions that nobody published yet: what they take, and what they would ask. Nothing is called. */

export const draft = z
  .object({
    definition: modelDefinition,
    input: jsonObject.optional().describe('Its variables; left out: only what it takes is said'),
  })
  .strict();

export const readDraft = z.object({
  signature: signature.describe('As it would be inferred'),
  request: z
    .object({
      baseModel: z.string(),
      messages: z.array(jsonObject).describe("In the form of OpenAI's chat; stand before the caller's own"),
      parameters: jsonObject,
    })
    .nullable()
    .describe('null: no input was given, or it is more than one call of a base model'),
});
