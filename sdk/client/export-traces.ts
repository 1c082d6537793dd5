import { exportPath } from '@wheelhouse/core/contract/paths';
import { type ClientOptions, errorOf, unreachable } from './client.ts';

export type ExportOptions = ClientOptions & {
  /** The filter language; everything when left out. */
  q?: string;
  /** `jsonl`: a line a trace with its spans and scores. `parquet`: a row a span. */
  format?: 'jsonl' | 'parquet';
  signal?: AbortSignal;
};

/** Traces as a file that comes in pieces; a connection that breaks before its end rejects the reading. */
export async function exportTraces(
  options: ExportOptions = {},
): Promise<{ total: number; body: ReadableStream<Uint8Array> }> {
  const { baseUrl = '', apiKey, q = '', format = 'jsonl', signal } = options;
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const query = new URLSearchParams({ q, format });
  const response = await send(`${baseUrl.replace(/\/$/, '')}${exportPath}?${query}`, {
    headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
    ...(signal ? { signal } : {}),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw unreachable(baseUrl, cause);
  });
  if (!response.ok) throw await errorOf(response);
  const body = response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  return { total: Number(response.headers.get('x-wheelhouse-traces') ?? 0), body };
}
