import { z } from 'zod';

export const codeDefinition = z
  .object({
    flavor: z.literal('code'),
    runtime: z.enum(['node', 'python', 'mlflow']),
    entry: z.string().min(1).max(500).describe('The file or folder that is served, for people'),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 of what is served, so that other code is another version'),
    streams: z.boolean().default(false),
  })
  .strict()
  .describe('Code that runs where it lives: `wheelhouse serve` answers for it');
export type CodeDefinition = z.output<typeof codeDefinition>;
