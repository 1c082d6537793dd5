import { z } from 'zod';
import { limit, page, score, scoreValue } from './schemas.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const idOf = (what: string, digits: number) =>
  z
    .string()
    .regex(new RegExp(`^(?:[0-9a-f]{${digits}}|${uuid})$`, 'i'), `${what} takes ${digits} hex digits or a UUID`)
    .describe(`${digits} hex digits, or the UUID that a Langfuse or LangSmith client gave it`);
const traceId = idOf('traceId', 32);
const spanId = idOf('spanId', 16);
const sessionId = z.string().min(1).max(200);
const name = z.string().min(1).max(100);

export const newScore = z
  .object({
    id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Sent again under the same id, a score replaces what it said before'),
    traceId: traceId.optional(),
    spanId: spanId.optional(),
    sessionId: sessionId.optional().describe('Judges a whole session, when no trace is named'),
    name,
    value: scoreValue.describe('A number, true or false, or a category'),
    comment: z.string().max(10_000).optional(),
    metadata: z.record(z.string(), z.unknown()).default({}),
    source: z.enum(['api', 'code', 'judge', 'human', 'user']).default('api'),
  })
  .refine((body) => body.traceId !== undefined || (body.sessionId !== undefined && body.spanId === undefined), {
    message: 'name the trace, or the session when it judges a whole one',
    path: ['traceId'],
  });

export const scoreQuery = z.object({
  limit,
  cursor: z.string().max(500).optional(),
  traceId: traceId.optional(),
  spanId: spanId.optional(),
  sessionId: sessionId.optional(),
  name: name.optional(),
});
export const scorePage = page(score);
