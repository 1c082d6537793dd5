import { z } from 'zod';
import { isoTime } from './schemas.ts';

const attentionRanges = ['1h', '6h', '24h', '7d', '30d'] as const;

export const attentionQuery = z.object({
  last: z.enum(attentionRanges).default('24h').describe('The time that is judged, up to now'),
});

export const attention = z.object({
  at: isoTime.describe('When it was looked at'),
  rows: z
    .array(
      z.object({
        kind: z.enum([
          'alert',
          'abuse',
          'issue',
          'release',
          'pipeline',
          'failures',
          'latency',
          'prices',
          'dead_letters',
          'ledger',
          'budget',
          'target',
          'key',
        ]),
        severity: z.enum(['bad', 'warn', 'note']),
        text: z.string().describe('A sentence, with its numbers'),
        href: z.string().describe('Path and query of the page with what is behind it'),
      }),
    )
    .describe('The most severe first; 20 at most'),
  more: z.number().describe('Rows beyond these'),
  looked: z.array(z.string()).describe('What was looked at, in words'),
  unread: z.array(z.string()).describe('What could not be read this time; nothing is said about it'),
});
