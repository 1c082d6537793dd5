import { z } from 'zod';
import { baseModelName, parameters } from '../json-form.ts';

export const baseDefinition = z
  .object({ flavor: z.literal('base'), baseModel: baseModelName, parameters })
  .strict()
  .describe('A base model with parameters');
export type BaseDefinition = z.output<typeof baseDefinition>;
