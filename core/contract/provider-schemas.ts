import { z } from 'zod';
import { isoTime } from './schemas.ts';

/** Vendors, the providers that a project can call, and the keys it stored for them. */

export const providerKey = z.object({
  id: z.string(),
  label: z.string().describe('What it is called; of a key of the server, where it is set'),
  last4: z.string().describe('Last characters of the secret; nobody is shown more of it'),
  from: z.enum(['server', 'project']),
  state: z.enum(['ready', 'unreadable']).describe('unreadable: sealed with another master key; add it again'),
  createdBy: z.string().nullable(),
  createdAt: isoTime.nullable(),
});

export const provider = z.object({
  name: z.string().describe('What its models begin with'),
  title: z.string(),
  vendor: z.string().describe('Whose form it has'),
  baseUrl: z.string().nullable(),
  from: z.enum(['server', 'project']),
  chosen: z.boolean().describe('false: a vendor that is known, and that nobody set up'),
  keyNeeded: z.boolean().describe('Whether calls without a key are refused'),
  keyVariable: z.string().nullable().describe('Where the operator can set a key'),
  dialects: z.array(z.string()).describe('Forms that pass through as they are; all others are translated'),
  embeddings: z.boolean(),
  keys: z.array(providerKey).describe("The project's own where it has any, else those of the server"),
});

export const providerList = z.object({ data: z.array(provider) });

export const vendor = z.object({
  name: z.string(),
  title: z.string(),
  baseUrl: z.string().nullable().describe('null: it must be said, or depends on settings'),
  settings: z.array(z.object({ name: z.string(), description: z.string(), fallback: z.string().nullable() })),
  keyNeeded: z.boolean(),
  keyForm: z.string().nullable().describe('What a key looks like, where it is no plain text'),
});

export const vendorList = z.object({ data: z.array(vendor) });

export const newProvider = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'A name takes 1 to 63 of a-z 0-9 _ - and starts with a letter or digit')
      .describe('What its models begin with'),
    vendor: z.string().default('openai-compatible').describe('Whose form it has, as GET /api/v1/vendors lists them'),
    baseUrl: z
      .string()
      .max(2000)
      .nullable()
      .default(null)
      .describe("https, on the public internet; null: the vendor's"),
    settings: z.record(z.string(), z.string().max(200)).default({}),
  })
  .strict();

export const newProviderKey = z
  .object({
    secret: z.string().min(1).max(20_000).describe('Stored encrypted, and never given out again'),
    label: z.string().trim().max(100).default(''),
  })
  .strict();
