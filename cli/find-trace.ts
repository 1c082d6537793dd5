import type { Client } from '@wheelhouse/sdk';
import { UsageError } from './output/exit-codes.ts';

/** The whole id of a trace that was named by its first digits, as lists show them. */
export async function findTrace(client: Client, text: string): Promise<string> {
  const id = text.toLowerCase().replaceAll('-', '');
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  if (!/^[0-9a-f]{6,31}$/.test(id))
    throw new UsageError(
      `\`${text.slice(0, 80)}\` is no trace id.`,
      'An id has 32 hex digits; its first 6 or more do: wheelhouse trace ls shows 8.',
    );
  const { data } = await client.call('listTraces', { query: { q: `trace:${id}* (run:* or -has:run)`, limit: 2 } });
  const [found, another] = data;
  if (!found) throw new UsageError(`No trace begins with ${id}.`, 'wheelhouse trace ls lists what is there.');
  if (another) throw new UsageError(`Several traces begin with ${id}.`, `Say more of it: ${found.traceId}`);
  return found.traceId;
}
