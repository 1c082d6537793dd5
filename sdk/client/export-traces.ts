import { exportPath } from '@wheelhouse/core/contract/paths';
import type { ClientOptions } from './client.ts';
import { rawRequest } from './raw-request.ts';

export type ExportOptions = ClientOptions & {
  /** The filter language; everything when left out. */
  q?: string;
  /** `jsonl`: a line a trace with its spans and scores. `parquet`: a row a span. */
  format?: 'jsonl' | 'parquet';
  /** The id of an export that the server has written; what else is said counts for nothing then. */
  stored?: string;
  signal?: AbortSignal;
};

/** Traces as a file that comes in pieces; a connection that breaks before its end rejects the reading. */
export async function exportTraces(
  options: ExportOptions = {},
): Promise<{ total: number; body: ReadableStream<Uint8Array> }> {
  const { q = '', format = 'jsonl', stored } = options;
  const query = new URLSearchParams(stored === undefined ? { q, format } : { export: stored });
  const response = await rawRequest(options, `${exportPath}?${query}`);
  const body = response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  return { total: Number(response.headers.get('x-wheelhouse-traces') ?? 0), body };
}
