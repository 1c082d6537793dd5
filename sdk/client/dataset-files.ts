import type { DatasetJobBody } from '@wheelhouse/core/contract';
import { datasetExportPath, datasetImportPath } from '@wheelhouse/core/contract/paths';
import type { ClientOptions } from './client.ts';
import { rawRequest } from './raw-request.ts';

/** What the rows of a file are, as the parameters of the API say it; null and undefined are left out. */
type Query = Record<string, string | number | boolean | null | undefined>;

function textOf(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value != null) params.set(key, String(value));
  return params.toString();
}

export type ImportOptions = ClientOptions & {
  dataset: string;
  /** The bytes of the file: a stream, or all of them. */
  file: NonNullable<RequestInit['body']>;
  /** `format`, and which field is `input`, `expected`, `metadata`, `tags`, `split` and `weight`. */
  query?: Query;
  signal?: AbortSignal;
};

/** Sends a file of rows; the job that reads them is answered at once, and goes on whatever becomes of the caller. */
export async function importRows({ dataset, file, query = {}, ...options }: ImportOptions): Promise<DatasetJobBody> {
  const init = { method: 'POST', body: file, duplex: 'half' } as RequestInit;
  const response = await rawRequest(options, `${datasetImportPath(dataset)}?${textOf(query)}`, init);
  return (await response.json()) as DatasetJobBody;
}

/** Rows as a file that comes in pieces; a connection that breaks before its end rejects the reading. */
export async function exportRows({
  dataset,
  query = {},
  ...options
}: Omit<ImportOptions, 'file'>): Promise<ReadableStream<Uint8Array>> {
  const { body } = await rawRequest(options, `${datasetExportPath(dataset)}?${textOf(query)}`);
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}
