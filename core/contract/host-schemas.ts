import { z } from 'zod';
import { modelName } from './model-schemas.ts';
import { isoTime } from './schemas.ts';

export const newHost = z.object({
  model: modelName,
  version: z.number().int().positive(),
  url: z.string().max(2000).describe('http or https; the server posts each call there'),
});
export const host = z.object({
  id: z.string(),
  model: z.string(),
  version: z.number(),
  url: z.string(),
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime.describe('Its lease, which is renewed'),
});
export const registeredHost = host.extend({
  token: z.string().describe('Each call carries it as `Authorization: Bearer …`; told once'),
  renewEveryMs: z.number().describe('How often to renew, so that a renewal may be lost'),
});
export const hostList = z.object({ data: z.array(host) });
