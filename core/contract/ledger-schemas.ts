import { z } from 'zod';
import { isoTime, limit, page } from './schemas.ts';

const rejection = z.object({
  reason: z.string(),
  spans: z.number(),
  lastAt: isoTime,
  sample: z.string().describe('The newest of them, shortened'),
});
const day = z.object({
  day: z.string().describe('A date, UTC'),
  received: z.number(),
  stored: z.number(),
  rejected: z.number(),
});
export const ledgerSum = z.object({
  since: isoTime.describe('When the counting began'),
  partial: z.boolean().describe('The record store is away: what other servers counted is missing'),
  sources: z.array(
    z.object({
      source: z.string().describe('The door: `gateway`, `otlp`, `langfuse` …'),
      since: isoTime,
      received: z.number().describe('Spans; always stored + rejected + waiting'),
      stored: z.number().describe('Durable in the store'),
      rejected: z.number(),
      waiting: z.number().describe('Buffered in memory or spilled to disk'),
      spilled: z.number().describe('Of the waiting, those on disk'),
      oldestWaitingAt: isoTime.nullable().describe('The lag: since when the oldest of the waiting waits'),
      rejections: z.array(rejection),
      days: z.array(day).describe('What happened on each day, oldest first; the newest 90'),
    }),
  ),
});
export const ledger = ledgerSum.extend({
  deadLetters: z
    .object({
      kept: z.number().describe('Refused requests that can be read, repaired and replayed'),
      bytes: z.number(),
      dropped: z.number().describe('Not kept since this server started: too large, or too many at once'),
    })
    .nullable()
    .describe('null while the record store is away'),
});

export const deadLetter = z.object({
  id: z.string(),
  source: z.string(),
  reason: z.string(),
  sample: z.string(),
  path: z.string().describe('The door that refused it'),
  contentType: z.string(),
  bytes: z.number(),
  receivedAt: isoTime,
  replays: z.number().describe('How often it was sent again, and refused again'),
});
export const deadLetterDetail = deadLetter.extend({
  text: z.string().nullable().describe('The body, without secrets; null when it is no text'),
  base64: z.string().nullable().describe('The body when it is no text'),
});
export const deadLetterQuery = z.object({
  limit,
  cursor: z.string().max(100).optional(),
  source: z.string().max(40).optional(),
  reason: z.string().max(200).optional(),
});
export const deadLetterPage = page(deadLetter);
export const deadLetterRepair = z.object({
  text: z.string().describe('What is sent in place of the body'),
  contentType: z.string().min(1).max(200).default('application/json'),
});
export const replayBody = z.object({
  ids: z.array(z.string()).min(1).max(1000).optional().describe('These; left out: all that fit'),
  source: z.string().max(40).optional(),
  reason: z.string().max(200).optional(),
});
export const replayResult = z.object({
  replayed: z.number().describe('Taken this time, and no dead letters any more'),
  refused: z.array(z.object({ id: z.string(), reason: z.string(), sample: z.string() })).describe('They stay'),
});
