import { z } from 'zod';

export const attachment = z.object({
  id: z.string().describe('The first 22 characters of the SHA-256 in base64url'),
  sha256: z.string().describe('Of the bytes, lower-case hex'),
  bytes: z.number(),
  type: z.string().describe('As who sent it said'),
  spanId: z.string().nullable().describe('null: the trace as a whole'),
  name: z.string().describe('Of the file, or the side of the span that it is of; may be empty'),
  url: z.string().describe('Where its bytes are read'),
});
export const attachmentList = z.object({ data: z.array(attachment) });
