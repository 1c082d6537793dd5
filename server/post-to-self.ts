import { request } from 'node:http';
import type { Letter } from '@wheelhouse/core/records';

export type OwnAddress = { host: string; port: number; adminKey: string | null };

const timeoutMs = 30_000;
const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Sends a request to this very server, through its port, as any client would. */
export function postToSelf(
  { host, port, adminKey }: OwnAddress,
  letter: Letter,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: everywhere[host] ?? host,
      port,
      path: letter.path,
      method: 'POST',
      timeout: timeoutMs,
      headers: {
        host: 'localhost',
        'content-type': letter.contentType,
        'content-length': letter.body.length,
        ...headers,
        ...(adminKey !== null && { authorization: `Bearer ${adminKey}` }),
      },
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error('The server did not answer itself in time.')));
    sent.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.end(letter.body);
  });
}
